"""How an instrument's quote follows from the price of its walk.

A view is monotone: a higher walk never gives a lower price (or, for an inverse, never a higher
one). So the high of any stretch of the walk is the high of the instrument there, and all
resolutions agree. The trade price is the walk rounded to the tick; bid and ask are the ticks
on both sides of it, so a trade is always at one of them or between.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Protocol, final

from ibkit.sim._market._path import ANCHOR, BASE

Ticks = tuple[int, int, int]
"""Bid, ask and trade price in whole ticks."""

Rule = Callable[[int], Ticks]
"""Grains to ticks."""


class View(Protocol):
    """What the tape needs to know of an instrument's prices."""

    tick: Decimal
    is_inverse: bool

    def rule(self, block: int) -> Rule:
        """Return the rule that holds during a block."""
        ...


class Proportional(Protocol):
    """A view that can be moved by a constant, for a walk that begins at a given price."""

    tick: Decimal
    is_inverse: bool

    def rule(self, block: int) -> Rule:
        """Return the rule that holds during a block."""
        ...

    def lift(self, ticks: int) -> None:
        """Move all prices by so many ticks."""
        ...


@final
class Direct:
    """A price proportional to its walk, plus the carry of a future's month.

    The carry is a whole number of ticks that differs from month to month by a constant. Every
    block takes a little of it off, so that a future meets its index when its month begins.

    Args:
        price: The price when the walk stands at its base.
        tick: The grid.
        spread: Ask less bid, in ticks.
        carry: Fraction of the price per month.
        months: Months from the anchor to the contract's month; ``None``: no carry at all.
    """

    is_inverse = False

    def __init__(
        self,
        price: Decimal,
        tick: Decimal,
        *,
        spread: int = 1,
        carry: float = 0.0,
        months: int | None = None,
    ) -> None:
        self.tick, self._spread = tick, spread
        per_grain = Fraction(price) / BASE / Fraction(tick)
        self._num, self._den = per_grain.numerator, per_grain.denominator
        self._step = 0 if months is None else int(carry * BASE)
        self._lift = round(self._step * per_grain * (months or 0))

    def rule(self, block: int) -> Rule:
        """Return the rule that holds during a block."""
        num, den = self._num, self._den
        passed = num * (self._step * (block - ANCHOR) * 12 // 365)
        lift, half = self._lift, den // 2
        lower = lift - (self._spread - 1) // 2
        upper = lower + self._spread

        def ticks(price: int) -> Ticks:
            scaled = price * num - passed
            floor = scaled // den
            return floor + lower, floor + upper, (scaled + half) // den + lift

        return ticks

    def lift(self, ticks: int) -> None:
        """Move all prices by so many ticks."""
        self._lift += ticks


@final
class Inverse:
    """One over a walk: 6J follows USD.JPY so. Otherwise as `Direct`."""

    is_inverse = True

    def __init__(
        self,
        price: Decimal,
        tick: Decimal,
        *,
        spread: int = 1,
        carry: float = 0.0,
        months: int | None = None,
    ) -> None:
        self.tick = tick
        self._direct = Direct(price, tick, spread=spread, carry=carry, months=months)

    def rule(self, block: int) -> Rule:
        """Return the rule that holds during a block."""
        rule = self._direct.rule(block)
        return lambda price: rule(BASE * BASE // price)

    def lift(self, ticks: int) -> None:
        """Move all prices by so many ticks."""
        self._direct.lift(ticks)
