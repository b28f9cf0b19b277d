"""What a bracket wins or loses at each price, as numbers and as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import attrs
from attrs import frozen

from ibkit.errors import MissingExtra, PlanError
from ibkit.orders._from_fill import FromFill
from ibkit.orders._group import OrderGroup
from ibkit.orders._legs import Leg, LegPrice, StopLimit
from ibkit.orders._numbers import number, plain
from ibkit.orders._types import Place, map_numbers, numbers
from ibkit.products._grid import Price, PriceGrid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NOTHING = Decimal(0)


class PayoffPoint(NamedTuple):
    """The result when the price has gone straight from the entry to `price`."""

    price: Decimal
    result: Decimal


@frozen(kw_only=True)
class Payoff:
    """The result of a bracket over the price, in money of the contract's currency.

    Between two points the result is a straight line; beyond the first and the last it goes on as
    `open_below` and `open_above` say. Fees, gaps and slippage are not in it.
    """

    entry: Decimal
    points: tuple[PayoffPoint, ...]
    """At every stop, at the entry and at every target, by rising price."""
    open_below: Decimal
    """What is still held (negative: short) when all prices below the entry were reached."""
    open_above: Decimal
    """What is still held when all prices above the entry were reached."""
    risk: Decimal | None
    """The loss when all stops fill at their prices; None when a slice has no fixed stop."""
    reward: Decimal | None
    """The gain when all targets fill; None when a slice has no fixed target."""
    point_value: Decimal = Decimal(1)
    """What one whole point of one unit is worth."""

    @property
    def ratio(self) -> Decimal | None:
        """Reward per unit of risk."""
        if self.risk is None or self.reward is None or not self.risk:
            return None
        return self.reward / self.risk

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the result over the price, with a mark at every exit, and return the axes.

        Where something is still held beyond the last exit, the line goes on.

        Args:
            ax: Where to draw; a new figure of ``pyplot`` by default.

        Raises:
            MissingExtra: matplotlib is not installed (extra ``plot``).
        """
        try:
            from matplotlib import pyplot as plt
        except ModuleNotFoundError as error:
            raise MissingExtra("matplotlib", "plot") from error
        axes = plt.subplots()[1] if ax is None else ax
        curve = self._curve()
        axes.plot([float(p.price) for p in curve], [float(p.result) for p in curve])
        axes.axhline(0, linewidth=0.8, color="grey")
        for point in self.points:
            style = "-" if point.price == self.entry else ":"
            axes.axvline(float(point.price), linestyle=style, linewidth=0.8, color="grey")
            text = f"{plain(point.price)}: {plain(point.result)}"
            axes.annotate(text, (float(point.price), float(point.result)), fontsize="small")
        axes.set_xlabel("price")
        axes.set_ylabel("result, without fees")
        return axes

    def _curve(self) -> tuple[PayoffPoint, ...]:
        """The points, and one more on either side where something is still held there."""
        low, high = self.points[0], self.points[-1]
        reach = (high.price - low.price) / 4 or abs(low.price) / 100 or Decimal(1)
        worth = self.point_value
        below = PayoffPoint(low.price - reach, low.result - self.open_below * worth * reach)
        above = PayoffPoint(high.price + reach, high.result + self.open_above * worth * reach)
        return (below, *self.points, above)


class _Part(NamedTuple):
    size: Decimal
    target: Decimal | None
    stop: Decimal | None


def payoff(
    group: OrderGroup,
    *,
    point_value: Price = 1,
    fill: Price | None = None,
    grid: PriceGrid | None = None,
) -> Payoff:
    """Compute what a bracket wins or loses at each price.

    A trailing exit counts as a stop at its start; where it has none, it counts as no exit.

    Args:
        group: A bracket.
        point_value: What one whole point of one unit is worth: multiplier / price magnifier.
        fill: The entry price, where the entry does not name it.
        grid: The contract's price grid, where an exit stands in ticks from the fill.

    Raises:
        PlanError: The group is no bracket, or its entry price or the grid is needed.

    >>> from ibkit.orders import Limit, Target, bracket
    >>> plan = bracket("BUY", 3, entry=Limit(5000), stop=4980,
    ...                targets=[Target(1, 5010), Target(2, 5020)])
    >>> picture = payoff(plan, point_value=50)
    >>> for point in picture.points:
    ...     print(point.price, point.result)
    4980 -3000
    5000 0
    5010 1500
    5020 2500
    >>> picture.risk, picture.reward
    (Decimal('3000'), Decimal('2500'))
    """
    if not group.entries or not group.exits:
        raise PlanError("group", group, "a bracket")
    entry = _entry(group, fill)
    group = _filled(group, entry, grid)
    parts = list(_parts(group))
    up = 1 if group.side == "BUY" else -1
    worth = number("point_value", point_value) * up
    levels = {entry} | {p for part in parts for p in (part.target, part.stop) if p is not None}

    def result(price: Decimal) -> Decimal:
        return sum((_result(part, entry, price, up) for part in parts), _NOTHING) * worth

    stops = [part.stop for part in parts]
    targets = [part.target for part in parts]
    return Payoff(
        entry=entry,
        points=tuple(PayoffPoint(price, result(price)) for price in sorted(levels)),
        open_below=_left(parts, up, below=True),
        open_above=_left(parts, up, below=False),
        risk=None if None in stops else _moved(parts, stops, entry) * -worth,
        reward=None if None in targets else _moved(parts, targets, entry) * worth,
        point_value=abs(worth),
    )


def _moved(parts: list[_Part], prices: list[Decimal | None], entry: Decimal) -> Decimal:
    return sum(
        (
            part.size * (price - entry)
            for part, price in zip(parts, prices, strict=True)
            if price is not None
        ),
        _NOTHING,
    )


def _result(part: _Part, entry: Decimal, price: Decimal, up: int) -> Decimal:
    """The move that this part took: the price stops counting where an exit is."""
    reached = price
    if part.target is not None and (price - part.target) * up > 0:
        reached = part.target
    if part.stop is not None and (part.stop - price) * up > 0:
        reached = part.stop
    return part.size * (reached - entry)


def _left(parts: list[_Part], up: int, *, below: bool) -> Decimal:
    toward_stop = below is (up > 0)
    open_parts = [p for p in parts if (p.stop if toward_stop else p.target) is None]
    return sum((part.size for part in open_parts), _NOTHING) * up


def _entry(group: OrderGroup, fill: Price | None) -> Decimal:
    if fill is not None:
        return number("fill", fill)
    leg = group.entries[0].leg
    known = leg.price if isinstance(leg, StopLimit) else _level(leg)
    if not isinstance(known, Decimal):
        raise PlanError("fill", None, "the entry names no price, so say at which one it fills")
    return known


def _filled(group: OrderGroup, entry: Decimal, grid: PriceGrid | None) -> OrderGroup:
    """Put prices where exits wait for the fill."""

    def change(_: Place, value: LegPrice) -> LegPrice:
        if isinstance(value, FromFill):
            if grid is None and value.ticks is not None:
                raise PlanError("grid", None, f"{value} needs the contract's price grid")
            return value.at(entry, grid or _ANY)
        return value

    legs = [attrs.evolve(order, leg=map_numbers(order.leg, change)) for order in group.legs]
    return attrs.evolve(group, legs=legs)


_ANY = PriceGrid([(0, 1)])  # what is no number of ticks does not look at it


def _parts(group: OrderGroup) -> Iterator[_Part]:
    shared = group.stops[0] if group.form == "attached" and group.stops else None
    own = {} if shared else {order.number: order for order in group.stops}
    rest = group.size
    for target in group.targets:
        stop = shared or own.pop(target.number, None)
        levels = [_level(stop.leg)] if stop else []
        rest -= target.size
        trails = _trails(target.leg)
        levels += [_level(target.leg)] if trails else []
        limit = None if trails else _level(target.leg)
        yield _Part(target.size, limit, _nearest(group, levels))
    if shared and rest:
        yield _Part(rest, None, _level(shared.leg))
    for stop in own.values():
        yield _Part(stop.size, None, _level(stop.leg))


def _nearest(group: OrderGroup, levels: list[Decimal | None]) -> Decimal | None:
    """Of two exits on the losing side the one that is reached first."""
    known = [level for level in levels if level is not None]
    if not known:
        return None
    return max(known) if group.side == "BUY" else min(known)


def _trails(leg: Leg) -> bool:
    return any(place.measure in {"distance", "percent"} for place, _ in numbers(leg))


def _level(leg: Leg) -> Decimal | None:
    """Return the first price that a leg names."""
    for place, value in numbers(leg):
        if place.measure == "price" and isinstance(value, Decimal):
            return value
    return None
