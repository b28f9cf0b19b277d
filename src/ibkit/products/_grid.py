"""Prices that an exchange takes: exact decimals on the steps of a market rule."""

from __future__ import annotations

import decimal
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from attrs import field, frozen

Price: TypeAlias = Decimal | float | int | str
"""A price, a distance or a size as a caller writes it; made exact through ``Decimal(str(x))``."""

Direction: TypeAlias = Literal["down", "up", "nearest"]
"""``down`` and ``up`` are towards lower and higher prices, for negative prices too."""

_FOR_SIDE: Mapping[str, Direction] = {"BUY": "down", "SELL": "up"}

# A context of our own: the caller's precision and traps must not move a price.
_EXACT = decimal.Context(prec=60, traps=[decimal.InvalidOperation, decimal.DivisionByZero])
_UNSET = Decimal("1e300")  # IB writes 1.797e308 for "not set"


def exact(value: Price) -> Decimal:
    """Make a number exact, as it reads.

    Numpy scalars and numbers in text are taken as well. A float counts as the number it prints as.

    Raises:
        ValueError: It is no finite number, a bool, or IB's sign for "not set".

    >>> exact(0.1), exact("-37.63"), exact(5)
    (Decimal('0.1'), Decimal('-37.63'), Decimal('5'))
    """
    if isinstance(value, Decimal):
        number = value
    else:
        try:
            number = Decimal(str(value))  # a bool reads "True", which is no number
        except decimal.InvalidOperation:
            raise ValueError(f"{value!r} is not a number") from None
    if not number.is_finite() or number.copy_abs() >= _UNSET:
        raise ValueError(f"{value!r} is not a finite number")
    return number


class Band(NamedTuple):
    """From `low_edge` on (of the price without its sign), prices move in steps of `increment`."""

    low_edge: Decimal
    increment: Decimal


class _Rung(NamedTuple):
    """A band, and where its steps stand on the ladder that counts all prices from zero up."""

    increment: Decimal
    first: int  # the band's lowest price, in increments
    base: int  # its place on the ladder


def _bands(rows: Iterable[tuple[Price, Price]]) -> tuple[Band, ...]:
    bands = tuple(sorted(Band(exact(low), exact(increment)) for low, increment in rows))
    if not bands or bands[0].low_edge != 0:
        raise ValueError("a market rule has at least one row, and the first starts at 0")
    if any(band.increment <= 0 for band in bands):
        raise ValueError("an increment is above 0")
    if len({band.low_edge for band in bands}) < len(bands):
        raise ValueError("a market rule has one row for a low edge")
    return bands


def _ladder(bands: tuple[Band, ...]) -> tuple[_Rung, ...]:
    rungs: list[_Rung] = []
    base = 0
    for index, (low, increment) in enumerate(bands):
        first = _steps_to(low, increment)
        rungs.append(_Rung(increment, first, base))
        if index + 1 < len(bands):
            base += max(_steps_to(bands[index + 1].low_edge, increment) - first, 0)
    return tuple(rungs)


def _steps_to(edge: Decimal, increment: Decimal) -> int:
    whole, rest = _EXACT.divmod(edge, increment)
    return int(whole) + bool(rest)


@frozen
class PriceGrid:
    """The prices that a contract may be ordered at: the rows of its market rule.

    The step depends on the *order's own* price, not on the market's: the band with the highest
    low edge that is not above the price without its sign. So a spread at -0.15 moves as one at
    0.15 does. The rule belongs to one exchange (``ContractDetails.marketRuleIds`` stand in the
    order of ``validExchanges``). Source: gateway-behaviour 1.12; a price off the grid is error 110.

    Args:
        bands: (low edge, increment) rows as of ``IB.reqMarketRule``, the first from 0.

    Raises:
        ValueError: No row, a first row that does not start at 0, an increment that is not above 0.

    >>> spread = PriceGrid([(0, "0.05"), (3, "0.10")])
    >>> spread.round(2.97, "down"), spread.round("2.97", "up"), spread.round(3.05, "up")
    (Decimal('2.95'), Decimal('3.00'), Decimal('3.10'))
    >>> spread.round(-0.12, "down"), spread.add_ticks("2.95", 2)
    (Decimal('-0.15'), Decimal('3.10'))
    """

    bands: tuple[Band, ...] = field(converter=_bands)
    _rungs: tuple[_Rung, ...] = field(init=False, repr=False, eq=False)
    _bases: tuple[int, ...] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        rungs = _ladder(self.bands)
        object.__setattr__(self, "_rungs", rungs)
        object.__setattr__(self, "_bases", tuple(rung.base for rung in rungs))

    @classmethod
    def from_details(cls, min_tick: Price, magnifier: int = 1) -> PriceGrid:
        """Make a grid of one step from ``ContractDetails.minTick`` and ``.priceMagnifier``.

        Mind the units: for a product with a magnifier IB gives ``minTick`` in the currency, while
        quotes and orders are in hundredths of it. Corn is ordered in quarters of a cent, and its
        ``minTick`` reads 0.0025 (dollars). ``minTick`` is also the *smallest* step of all
        exchanges and prices; the market rule is the truth where there is one.

        >>> PriceGrid.from_details(0.0025, magnifier=100)
        PriceGrid(0.25)
        """
        step = _EXACT.multiply(exact(min_tick), exact(magnifier))
        return cls([(0, f"{_EXACT.normalize(step):f}")])

    def increment_at(self, price: Price) -> Decimal:
        """Return the step at a price.

        >>> PriceGrid([(0, "0.05"), (3, "0.10")]).increment_at(-3)
        Decimal('0.10')
        """
        return self.bands[_band_of(self.bands, exact(price).copy_abs())].increment

    def contains(self, price: Price) -> bool:
        """Tell whether an order may carry this price.

        >>> PriceGrid([(0, "0.25")]).contains(5000.10)
        False
        """
        number = exact(price)
        return self.round(number, "down") == number

    def round(self, price: Price, direction: Direction) -> Decimal:
        """Return the next price on the grid; of two equally near ones the higher.

        Raises:
            ValueError: The price is no finite number, or there is no such direction.

        >>> ticks = PriceGrid([(0, "0.25")])
        >>> ticks.round(5000.1, "down"), ticks.round(5000.1, "up"), ticks.round(5000.1, "nearest")
        (Decimal('5000.00'), Decimal('5000.25'), Decimal('5000.00'))
        """
        number = exact(price)
        if direction == "down":
            return self._at(self._floor(number))
        if direction == "up":
            return self._at(self._ceiling(number))
        if direction != "nearest":
            raise ValueError(f"direction {direction!r}: accepted are 'down', 'up' and 'nearest'")
        below, above = self._at(self._floor(number)), self._at(self._ceiling(number))
        middle = _EXACT.divide(_EXACT.add(below, above), Decimal(2))
        return below if number < middle else above

    def round_for(self, side: Literal["BUY", "SELL"], price: Price) -> Decimal:
        """Return the price for an order so that it is never worse than asked.

        A buy goes down and a sell goes up, a limit and a trigger alike: the limit pays no more
        than asked, and a stop is never further away than asked (it triggers a part of a tick
        early rather than late).

        >>> ticks = PriceGrid([(0, "0.25")])
        >>> ticks.round_for("BUY", 5000.1), ticks.round_for("SELL", 4990.1)
        (Decimal('5000.00'), Decimal('4990.25'))
        """
        if side not in _FOR_SIDE:
            raise ValueError(f"side {side!r}: accepted are 'BUY' and 'SELL'")
        return self.round(price, _FOR_SIDE[side])

    def distance(self, amount: Price, at: Price = 0) -> Decimal:
        """Return a trailing amount or an offset in whole steps of the grid at a price.

        It goes down, so that a trailing stop is not further away than asked, but not below one
        step; zero stays zero.

        >>> PriceGrid([(0, "0.25")]).distance(8.1), PriceGrid([(0, "0.25")]).distance("0.1")
        (Decimal('8.00'), Decimal('0.25'))
        """
        number, step = exact(amount), self.increment_at(at)
        count = max(int(_EXACT.divide_int(number, step)), 1) if number else 0
        return _EXACT.multiply(step, count)

    def add_ticks(self, price: Price, ticks: int) -> Decimal:
        """Return the price that many steps higher (lower when negative), across bands and zero.

        From a price off the grid the first step goes to the next price on it.

        >>> PriceGrid([(0, "0.25")]).add_ticks(5000, -6)
        Decimal('4998.50')
        """
        number = exact(price)
        start = self._floor(number) if ticks >= 0 else self._ceiling(number)
        return self._at(start + ticks)

    def ticks_between(self, first: Price, second: Price) -> int:
        """Count the steps from one price on the grid up to another.

        Raises:
            ValueError: One of the prices is not on the grid.

        >>> PriceGrid([(0, "0.05"), (3, "0.10")]).ticks_between("2.95", "3.10")
        2
        """
        for price in (first, second):
            if not self.contains(price):
                raise ValueError(f"{price} is not on the grid {self}")
        return self._floor(exact(second)) - self._floor(exact(first))

    def __repr__(self) -> str:
        steps = ", ".join(
            f"{band.increment:f} from {band.low_edge:f}" if band.low_edge else f"{band.increment:f}"
            for band in self.bands
        )
        return f"PriceGrid({steps})"

    def _floor(self, price: Decimal) -> int:
        """Return the place on the ladder of the highest price that is not above this one."""
        if price < 0:
            return -self._ceiling(price.copy_negate())
        rung = self._rungs[_band_of(self.bands, price)]
        # Below its own first price a band has none: that is one place down, in the band below.
        return rung.base + max(int(_EXACT.divide_int(price, rung.increment)) - rung.first, -1)

    def _ceiling(self, price: Decimal) -> int:
        if price < 0:
            return -self._floor(price.copy_negate())
        rung = self._rungs[_band_of(self.bands, price)]
        whole, rest = _EXACT.divmod(price, rung.increment)
        # A step beyond the band counts as the first price of the next one, which it is.
        return rung.base + max(int(whole) + bool(rest) - rung.first, 0)

    def _at(self, place: int) -> Decimal:
        if place < 0:
            return self._at(-place).copy_negate()
        rung = self._rungs[bisect_right(self._bases, place) - 1]
        return _EXACT.multiply(rung.increment, Decimal(place - rung.base + rung.first))


def _band_of(bands: tuple[Band, ...], price: Decimal) -> int:
    index = len(bands) - 1
    while index and bands[index].low_edge > price:
        index -= 1
    return index
