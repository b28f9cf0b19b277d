"""From orders back to the group: after a restart, with nothing but what IB kept."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

import attrs
from ib_async import Order

from ibkit.errors import PlanError
from ibkit.orders._encode import oca_name
from ibkit.orders._group import OrderGroup
from ibkit.orders._numbers import number
from ibkit.orders._planned import EXITS, Form, Kind, Oca, PlannedOrder, side_of
from ibkit.orders._ref import OrderRef, parse_order_ref
from ibkit.orders._shape import Shape, parse_shape, planned_exits
from ibkit.orders._tif import PLAIN_FORMS, Gtd, TimeInForce, read_time
from ibkit.orders._types import read_leg

_KINDS: dict[str, Kind] = {
    "entry": "entry",
    "guard": "guard",
    "target": "target",
    "stop": "stop",
    "order": "order",
    "close": "close",
}
_PLACES = {kind: place for place, kind in enumerate(_KINDS)}


class _Found(NamedTuple):
    ref: OrderRef
    order: Order


def restore(orders: Iterable[Order]) -> OrderGroup:
    """Rebuild the group that orders belong to, from the orders alone.

    Give it all orders of one group that open orders and completed orders show (`parse_order_ref`
    tells which group an order belongs to). Where some are gone, or were changed so that the group
    could not be placed any more (a stop beyond the entry), it is `partial`.

    Raises:
        PlanError: No order, orders of several groups or of none, or a type that ibkit never sends.

    >>> from ibkit.orders import Limit, bracket
    >>> group = bracket("BUY", 1, entry=Limit(5000), take_profit=5010, stop=4990, group_id="k3f9")
    >>> restore(group.to_orders(7)) == group
    True
    """
    found = [_find(order) for order in orders]
    ids = sorted({one.ref.group_id for one in found})
    if len(ids) != 1:
        raise PlanError("orders", ids, "the orders of one group")
    shape = _shape(found)
    found.sort(key=lambda one: _place(shape.form, one.ref))
    legs = _legs(found, shape)
    order, ref = found[0].order, found[0].ref
    in_oca = shape.form == "oca"
    whole = functools.partial(
        OrderGroup,
        form=shape.form,
        legs=legs,
        group_id=ref.group_id,
        account=order.account,
        order_ref=ref.user,
        breakeven_after=shape.breakeven_after,
        oca_type=Oca(order.ocaType) if in_oca else Oca.REDUCE_WITH_BLOCK,
        oca_name="" if order.ocaGroup == oca_name(ref.group_id) or not in_oca else order.ocaGroup,
    )
    if _is_partial(legs, shape):
        return whole(partial=True)
    try:
        return whole()
    except PlanError:  # it was changed since it was placed
        return whole(partial=True)


def _find(order: Order) -> _Found:
    ref = parse_order_ref(order.orderRef)
    if ref is None:
        raise PlanError("orderRef", order.orderRef, "a reference that ibkit wrote")
    return _Found(ref, order)


def _shape(found: list[_Found]) -> Shape:
    shapes = [shape for one in found if (shape := parse_shape(one.ref.shape))]
    if not shapes:
        raise PlanError("orderRef", found[0].order.orderRef, "a whole one; these are cut")
    return max(
        shapes, key=lambda shape: len(shape.exits)
    )  # the entry of a managed group knows most


def _place(form: Form, ref: OrderRef) -> tuple[int, int]:
    """Order the orders as the builders do."""
    place = _PLACES[ref.kind]
    return (place, ref.number) if form == "attached" else (ref.number, place)


def _legs(found: list[_Found], shape: Shape) -> tuple[PlannedOrder, ...]:
    legs = [_planned(one, shape) for one in found]
    if not shape.exits:
        return tuple(_as_planned(order, legs, shape) for order in legs)
    # The plan, with prices that depend on the fill, is what was lost; the orders come from it.
    head = [order for order in legs if order.kind in {"entry", "guard"}]
    return (*head, *planned_exits(shape, head[0].side))


def _planned(one: _Found, shape: Shape) -> PlannedOrder:
    ref, order = one
    kind: Kind = _KINDS[ref.kind]
    return PlannedOrder(
        kind=kind,
        number=ref.number,
        side=side_of(order.action),
        size=_size(order),
        leg=read_leg(order),
        tif=_tif(order),
        outside_rth=bool(order.outsideRth),
        good_after=read_time(order.goodAfterTime),
        trigger_method=int(order.triggerMethod),
        parent=_parent(kind, ref.number, order, shape),
        deferred=shape.form == "managed" and kind in {"target", "stop"},
    )


def _as_planned(order: PlannedOrder, legs: list[PlannedOrder], shape: Shape) -> PlannedOrder:
    """Give an exit that IB has reduced the size that it was planned with: that of its entry."""
    whole_stop = shape.form == "attached" and order.role == "stop-1"
    for entry in legs:
        if entry.kind == "entry" and order.kind in EXITS and order.size < entry.size:
            mine = shape.form == "separate" and (entry.number or 1) == order.number
            if mine or whole_stop:
                return attrs.evolve(order, size=entry.size)
    return order


def _parent(kind: Kind, place: int, order: Order, shape: Shape) -> str:
    if kind not in EXITS or not order.parentId:
        return ""
    return f"entry-{place}" if shape.form == "separate" and shape.slices > 1 else "entry"


def _size(order: Order) -> Decimal:
    # A completed order shows 0 as its size, and what was filled apart from it.
    return number("totalQuantity", order.totalQuantity or order.filledQuantity)


def _tif(order: Order) -> TimeInForce:
    if order.tif in PLAIN_FORMS:
        return PLAIN_FORMS[order.tif]
    until = read_time(order.goodTillDate)
    if order.tif != "GTD" or until is None:
        raise PlanError("tif", (order.tif, order.goodTillDate), "a time in force that ibkit sends")
    return Gtd(until)


def _is_partial(legs: tuple[PlannedOrder, ...], shape: Shape) -> bool:
    roles = {order.role for order in legs}
    if shape.form in {"single", "close"}:
        return False
    if shape.form == "oca":
        return len(legs) < shape.slices
    if shape.form == "managed":
        return "entry" not in roles or not shape.exits
    many = shape.form == "separate" and shape.slices > 1
    entries = {f"entry-{n}" for n in range(1, shape.slices + 1)} if many else {"entry"}
    numbers = {order.number for order in legs if order.kind in EXITS}
    return not entries <= roles or len(numbers) < shape.slices
