"""What makes a group impossible, found when it is built and not by TWS after it was sent.

Each rule is one function of the table at the end; it raises `PlanError` naming field, value and
rule. The numbers in brackets are the errors with which TWS would answer (gateway-behaviour 1.5 to
1.12). What depends on the contract (grid, lot, permissions) is not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ibkit._ib._arguments import text
from ibkit.errors import PlanError
from ibkit.orders._from_fill import FromFill
from ibkit.orders._legs import (
    AdjustableStop,
    Leg,
    LegPrice,
    Limit,
    LimitIfTouched,
    LimitOnOpen,
    Market,
    MarketIfTouched,
    MidPrice,
    Stop,
    StopLimit,
    Trail,
    TrailLimit,
)
from ibkit.orders._numbers import LARGEST_SIZE, plain
from ibkit.orders._planned import EXITS, OPPOSITE, PlannedOrder, Side
from ibkit.orders._ref import (
    OrderRef,
    check_group_id,
    check_user_ref,
    make_group_id,
    write_order_ref,
)
from ibkit.orders._shape import write_shape
from ibkit.orders._tif import ENDURING, Gtd
from ibkit.orders._types import ORDER_TYPES, is_open

if TYPE_CHECKING:
    from ibkit.orders._group import OrderGroup

OCA_NAME_LIMIT = 64
"""TWS refuses a longer name of an OCA group with 401."""

_STOPS = (Stop, StopLimit, Trail, TrailLimit, AdjustableStop)
_NO_TARGETS = (Stop, StopLimit, AdjustableStop, Market)
_TRAILS = (Trail, TrailLimit)
_MOVABLE = (Stop, StopLimit)


def _sizes(group: OrderGroup) -> None:
    for order in group.legs:
        if not 0 < order.size <= LARGEST_SIZE:
            raise PlanError(
                f"{order.role}.size", order.size, f"above 0, at most {LARGEST_SIZE} (160, 355)"
            )


def _roles(group: OrderGroup) -> None:
    roles = [order.role for order in group.legs]
    if not roles:
        raise PlanError("legs", group.legs, "a group has at least one order")
    if len(set(roles)) < len(roles):
        raise PlanError("legs", roles, "each role stands once")


def _names(group: OrderGroup) -> None:
    for name in ("group_id", "account", "order_ref", "oca_name"):
        text(getattr(group, name), name)
    check_group_id(group.group_id)
    check_user_ref(group.order_ref)
    name = group.oca_name
    if len(name) > OCA_NAME_LIMIT or (name and not (name.isascii() and name.isprintable())):
        raise PlanError("name", name, f"printable ASCII, at most {OCA_NAME_LIMIT} (401)")


def _times(group: OrderGroup) -> None:
    for order in group.legs:
        allowed = ORDER_TYPES[type(order.leg)].tifs
        if order.kind in EXITS:
            allowed = tuple(code for code in allowed if code in ENDURING)
        code = order.tif.code
        if code not in allowed:
            raise PlanError(
                f"{order.role}.tif", order.tif,
                f"{type(order.leg).__name__} as {order.kind} takes "
                f"{', '.join(allowed) or 'no time in force'} (111, 113)",
            )  # fmt: skip
        if isinstance(order.tif, Gtd) and order.good_after and order.good_after >= order.tif.until:
            raise PlanError(f"{order.role}.good_after", order.good_after, "before the GTD moment")
        if order.outside_rth and isinstance(order.leg, MidPrice):
            raise PlanError(order.role, order.leg, "not with outside_rth (10210)")


def _whole_fill(group: OrderGroup) -> None:
    if group.form == "separate" and len(group.entries) > 1:
        for order in group.entries:
            if order.tif.code == "FOK":
                raise PlanError(
                    "tif", order.tif,
                    "slices='separate' sends an entry per target, and each would be filled or "
                    "killed by itself; use slices='attached' or 'managed' to fill all or nothing",
                )  # fmt: skip


def _kinds(group: OrderGroup) -> None:
    for order in group.legs:
        leg = order.leg
        if order.kind == "target" and isinstance(leg, _NO_TARGETS):
            raise PlanError(order.role, leg, "a target is a limit or a trail; a stop goes to stop=")
        if order.kind in {"stop", "guard"} and not isinstance(leg, _STOPS):
            raise PlanError(order.role, leg, "a Stop, StopLimit, Trail, TrailLimit, AdjustableStop")
        if order.kind == "entry" and group.form != "single" and isinstance(leg, AdjustableStop):
            raise PlanError(order.role, leg, "an adjustable stop protects; it is no entry")
        if is_open(leg) and not order.deferred:
            raise PlanError(
                order.role, leg,
                "FromFill needs the entry's fill: use bracket_from_fill or slices='managed'",
            )  # fmt: skip


def _sides(group: OrderGroup) -> None:
    if not group.entries:
        return
    for order in group.legs:
        wanted = group.side if order.kind == "entry" else OPPOSITE[group.side]
        if order.kind in EXITS | {"entry"} and order.side != wanted:
            raise PlanError(f"{order.role}.side", order.side, f"{wanted}: exits face the entry")


def _parents(group: OrderGroup) -> None:
    parents = {order.role: order for order in group.entries}
    for order in group.legs:
        if not order.parent:
            continue
        if order.parent not in parents:
            raise PlanError(f"{order.role}.parent", order.parent, "an entry of the group (135)")
        leg = parents[order.parent].leg
        if isinstance(order.leg, _TRAILS) and not isinstance(leg, (Limit, LimitOnOpen, StopLimit)):
            raise PlanError(
                order.role, order.leg,
                f"IB attaches trailing stops to limit and stop-limit entries only, not to "
                f"{type(leg).__name__} (328); use slices='managed' or bracket_from_fill, which "
                "place it when the entry has filled",
            )  # fmt: skip


def _covers(group: OrderGroup) -> None:
    """Exits of each kind add up to the entry, and no stop is larger than what it stops."""
    whole = {order.number: order.size for order in group.entries}
    if group.form == "separate":
        for order in group.exits:
            number = order.number if order.number in whole else 0
            if order.size != whole.get(number):
                raise PlanError(
                    f"{order.role}.size", order.size, f"{whole.get(number)}, its entry's"
                )
        return
    size = group.size
    stops, targets = (_total(group.stops), _total(group.targets))
    if targets > size:
        raise PlanError("targets", targets, f"at most the size of the entry, {plain(size)}")
    if group.stops and stops != size:
        raise PlanError("stop", stops, f"{plain(size)}, the size of the entry")
    if not group.stops and targets != size:
        raise PlanError("targets", targets, f"{plain(size)}, or a stop for the rest")


def _total(orders: tuple[PlannedOrder, ...]) -> Decimal:
    return sum((order.size for order in orders), Decimal(0))


def _wrong_side(group: OrderGroup) -> None:
    check_prices(group.legs, group.side, attached=group.form == "attached")


def check_prices(orders: Iterable[PlannedOrder], side: Side, *, attached: bool = False) -> None:
    """Raise `PlanError` unless targets lie beyond the entry, and stops before it and them.

    Else they would fill at once.
    """
    up = 1 if side == "BUY" else -1
    of: dict[str, list[PlannedOrder]] = {"entry": [], "target": [], "stop": [], "guard": []}
    for order in orders:
        of.setdefault(order.kind, []).append(order)
    exits = [*of["target"], *of["stop"], *of["guard"]]
    for entry in of["entry"]:
        mine = [order for order in exits if order.parent == entry.role or order.deferred]
        known = [price for price in _fill_prices(entry.leg) if isinstance(price, Decimal)]
        for order in mine:
            direction = up if order.kind == "target" and not _is_trail(order) else -up
            for price in _exit_prices(order.leg):
                _check_side(order, price, known, direction)
    for target in of["target"]:
        for stop in of["stop"]:
            if attached or target.number == stop.number:
                _check_pair(target, stop, up)


def _check_side(order: PlannedOrder, price: LegPrice, known: list[Decimal], direction: int) -> None:
    where = "above" if direction > 0 else "below"
    name = "protect_first" if order.kind == "guard" else order.role
    if isinstance(price, FromFill):
        if price.sign != direction:
            raise PlanError(name, price, f"it has to lie {where} the fill")
        return
    for entry in known:
        if (price - entry) * direction <= 0:
            raise PlanError(name, plain(price), f"it has to lie {where} the entry, {plain(entry)}")


def _check_pair(target: PlannedOrder, stop: PlannedOrder, up: int) -> None:
    if _is_trail(target):
        return
    for price in _exit_prices(target.leg):
        for other in _exit_prices(stop.leg):
            if isinstance(price, FromFill) or isinstance(other, FromFill):
                continue
            if (price - other) * up <= 0:
                where = "above" if up > 0 else "below"
                raise PlanError(
                    target.role, plain(price), f"it has to lie {where} {stop.role}, {plain(other)}"
                )


def _is_trail(order: PlannedOrder) -> bool:
    return isinstance(order.leg, _TRAILS)


def _fill_prices(leg: Leg) -> Iterator[LegPrice]:
    """Where an entry fills, as far as it is known before: the prices that it names."""
    if isinstance(leg, (Limit, LimitOnOpen)):
        yield leg.price
    elif isinstance(leg, (Stop, MarketIfTouched)):
        yield leg.trigger
    elif isinstance(leg, (StopLimit, LimitIfTouched)):
        yield leg.trigger
        yield leg.price


def _exit_prices(leg: Leg) -> Iterator[LegPrice]:
    """Where an exit begins to work: a limit or a first trigger."""
    if isinstance(leg, (Stop, StopLimit, AdjustableStop, MarketIfTouched)):
        yield leg.trigger
    elif isinstance(leg, (Trail, TrailLimit)):
        if leg.start is not None:
            yield leg.start
    elif isinstance(leg, Limit):
        yield leg.price
    elif isinstance(leg, LimitIfTouched):
        yield leg.trigger
        yield leg.price


def _oca(group: OrderGroup) -> None:
    if group.form == "oca" and len(group.legs) < 2:
        raise PlanError("orders", len(group.legs), "an OCA group has at least two orders")


def _breakeven(group: OrderGroup) -> None:
    after = group.breakeven_after
    if after is None:
        return
    if not group.stops or after not in range(1, max(len(group.targets), len(group.stops))):
        raise PlanError(
            "breakeven_after", after, "a number of targets after which a stop is still left to move"
        )
    for order in group.stops:
        if not isinstance(order.leg, _MOVABLE):
            raise PlanError("breakeven_after", order.leg, "a Stop or a StopLimit can be moved")


def _guard(group: OrderGroup) -> None:
    guard = group.guard
    if guard is None:
        return
    up = 1 if group.side == "BUY" else -1
    if not isinstance(guard.leg, _MOVABLE) or isinstance(guard.leg.trigger, FromFill):
        raise PlanError("protect_first", guard.leg, "a Stop or StopLimit at a known price")
    for stop in group.stops:
        for price in _exit_prices(stop.leg):
            if isinstance(price, Decimal) and (price - guard.leg.trigger) * up < 0:
                raise PlanError(
                    "protect_first", guard.leg,
                    f"not nearer to the market than {stop.role}, {plain(price)}, which follows it",
                )  # fmt: skip


_SOME_ID = make_group_id(0)  # as long as the one that it will get


def _remembered(group: OrderGroup) -> None:
    """Each order has to say in 50 characters whose it is, the entry of a managed group the most."""
    if group.form != "managed" and not group.order_ref:
        return  # what ibkit itself writes of these always fits
    group_id = group.group_id or _SOME_ID
    longest = max(group.legs, key=lambda order: order.number)
    for order in {longest.role: longest, group.legs[0].role: group.legs[0]}.values():
        shape = write_shape(group, order)
        write_order_ref(OrderRef(group_id, order.kind, order.number, shape, group.order_ref))


Rule = Callable[["OrderGroup"], None]

ALWAYS: tuple[Rule, ...] = (_roles, _sizes, _names, _times, _kinds)
"""What holds for any group."""

WHOLE: tuple[Rule, ...] = (_sides, _parents, _whole_fill, _oca, _breakeven, _remembered)
"""What holds for a group of which no order is missing."""

BRACKET: tuple[Rule, ...] = (_covers, _wrong_side, _guard)
"""What holds for an entry with exits."""


def check(group: OrderGroup) -> None:
    """Raise `PlanError` for the first rule that the group breaks."""
    for rule in ALWAYS:
        rule(group)
    if group.partial:
        return
    for rule in WHOLE:
        rule(group)
    if group.exits and group.entries:
        for rule in BRACKET:
            rule(group)
