"""Groups of orders."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ibkit.errors import PlanError
from ibkit.orders import (
    Leg,
    Limit,
    LimitIfTouched,
    Market,
    MarketIfTouched,
    Oca,
    OrderGroup,
    Side,
    Slices,
    Stop,
    StopLimit,
    Target,
    Trail,
    TrailLimit,
    bracket,
    oca,
    single,
    trailing,
)
from ibkit.orders._numbers import number, size as above_zero
from ibkit.products._grid import Price

Form = Literal["single", "bracket", "trailing", "oca"]
FORMS: tuple[Form, ...] = ("single", "bracket", "trailing", "oca")
REACH = 40
"""How many ticks prices lie apart at most."""

_sides: SearchStrategy[Side] = st.sampled_from(["BUY", "SELL"])
_ticks = st.integers(1, REACH)


class _Scale(NamedTuple):
    """Where prices are, and how big orders may be."""

    price: Decimal
    tick: Decimal
    max_size: int

    def away(self, from_: Decimal, ticks: int, side: Side) -> Decimal:
        """Return a price so many ticks to the good side of an entry; negative: to the bad."""
        return from_ + ticks * self.tick * (1 if side == "BUY" else -1)


def order_groups(
    *,
    price: Price = 5000,
    tick: Price = "0.25",
    max_size: int = 4,
    forms: Sequence[Form] = FORMS,
) -> SearchStrategy[OrderGroup]:
    """Draw a group of orders around a price, one that could be placed.

    Single orders, brackets with up to three targets in every form of slices, trailing stops, OCA
    groups. None has a group id yet. Shrinks to a market order for one.

    Args:
        price: The market. Prices of orders lie within 80 ticks of it.
        tick: The grid.
        max_size: The largest size of an order, or of one target.
        forms: Which to draw from, the simplest first.

    Raises:
        PlanError: A form that is not known, a number that is none, or a tick of 0.

    >>> from hypothesis import find
    >>> print(find(order_groups(), lambda group: group.size == 3))
    single order: BUY 3 MKT DAY
    """
    if not forms or not set(forms) <= set(FORMS):
        raise PlanError("forms", forms, f"known are {', '.join(FORMS)}")
    scale = _Scale(number("price", price), above_zero("tick", tick), max_size)
    of_form = {
        "single": _singles(scale),
        "bracket": _brackets(scale),
        "trailing": _trailings(scale),
        "oca": _ocas(scale),
    }
    return st.one_of(*(of_form[form] for form in forms))


@st.composite
def _singles(draw: DrawFn, scale: _Scale) -> OrderGroup:
    side = draw(_sides)
    return single(side, draw(_sizes(scale)), draw(_legs(scale, side)))


def _sizes(scale: _Scale) -> SearchStrategy[int]:
    return st.integers(1, scale.max_size)


@st.composite
def _legs(draw: DrawFn, scale: _Scale, side: Side) -> Leg:
    """An order by itself: resting limits and touches on the near side, stops on the far side."""
    near = scale.away(scale.price, -draw(_ticks), side)
    far = scale.away(scale.price, draw(_ticks), side)
    kinds: list[Leg] = [
        Market(),
        Limit(near),
        Stop(far),
        StopLimit(far, far),
        MarketIfTouched(near),
        LimitIfTouched(near, near),
    ]
    return draw(st.sampled_from(kinds))


@st.composite
def _brackets(draw: DrawFn, scale: _Scale) -> OrderGroup:
    side = draw(_sides)
    at = scale.away(scale.price, draw(st.integers(-REACH, REACH)), side)
    targets = draw(st.lists(_targets(scale, side, at), max_size=3))
    rest = draw(st.integers(0 if targets else 1, scale.max_size))
    entries: list[Leg] = [Limit(at), StopLimit(at, at)]
    return bracket(
        side,
        sum(target.size for target in targets) + rest,
        entry=draw(st.sampled_from(entries)),
        targets=targets,
        stop=draw(_stops(scale, side, at)) if rest or draw(st.booleans()) else None,
        slices=draw(st.sampled_from(_slices(len(targets)))),
    )


def _slices(targets: int) -> list[Slices]:
    """A managed bracket must fit into the `orderRef` of its entry, so it has few targets."""
    return ["separate", "attached", "managed"] if targets < 2 else ["separate", "attached"]


@st.composite
def _targets(draw: DrawFn, scale: _Scale, side: Side, entry: Decimal) -> Target:
    return Target(draw(_sizes(scale)), scale.away(entry, draw(_ticks), side))


@st.composite
def _stops(draw: DrawFn, scale: _Scale, side: Side, entry: Decimal) -> Leg:
    trigger = scale.away(entry, -draw(_ticks), side)
    behind = draw(_ticks) * scale.tick
    kinds: list[Leg] = [
        Stop(trigger),
        StopLimit(trigger, scale.away(trigger, -2, side)),
        Trail(amount=behind, start=trigger),
        TrailLimit(amount=behind, offset=scale.tick, start=trigger),
    ]
    return draw(st.sampled_from(kinds))


@st.composite
def _trailings(draw: DrawFn, scale: _Scale) -> OrderGroup:
    side = draw(_sides)
    start = scale.away(scale.price, draw(_ticks), side)
    return trailing(
        side,
        draw(_sizes(scale)),
        amount=draw(_ticks) * scale.tick,
        start=draw(st.sampled_from([None, start])),
    )


@st.composite
def _ocas(draw: DrawFn, scale: _Scale) -> OrderGroup:
    members = draw(st.lists(_singles(scale), min_size=2, max_size=4))
    return oca(members, kind=draw(st.sampled_from(Oca)))
