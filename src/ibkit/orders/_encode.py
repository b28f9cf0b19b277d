"""From a group to `ib_async.Order` objects: ids, parents, OCA names, who transmits whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import attrs
from ib_async import Order

from ibkit.errors import PlanError
from ibkit.orders._from_fill import FromFill
from ibkit.orders._legs import LegPrice
from ibkit.orders._numbers import as_quantity, base36, number
from ibkit.orders._planned import PlannedOrder
from ibkit.orders._ref import OrderRef, check_group_id, write_order_ref
from ibkit.orders._shape import write_shape
from ibkit.orders._tif import Gtd, write_time
from ibkit.orders._types import Place, map_numbers, numbers, write_leg
from ibkit.products._grid import PriceGrid

if TYPE_CHECKING:
    from ibkit.orders._group import OrderGroup


def to_orders(group: OrderGroup, next_id: int, *, group_id: str = "") -> list[Order]:
    """Make the orders that are sent at once."""
    first = order_id(next_id)
    check_group_id(group_id)
    name = group.group_id or group_id or _made_up(group, first)
    sent = [order for order in group.legs if not order.deferred]
    ids = {order.role: first + place for place, order in enumerate(sent)}
    parents = {order.parent for order in sent}
    last = {order.parent or order.role: order.role for order in sent}
    orders = []
    for order in sent:
        made = make_order(group, order, ids[order.role], name)
        made.parentId = ids[order.parent] if order.parent else 0
        # A child that is transmitted takes its parent and its siblings with it; orders of an OCA
        # group have no parent, so each of them is transmitted by itself (gateway-behaviour 1.2).
        alone = not order.parent and order.role not in parents
        made.transmit = alone or last[order.parent or order.role] == order.role
        if group.form == "oca":
            join(made, group, group.oca_name or oca_name(name))
        orders.append(made)
    return orders


def make_order(
    group: OrderGroup,
    order: PlannedOrder,
    order_id: int,
    group_id: str,
    *,
    size: Decimal | None = None,
) -> Order:
    """Make one fresh order, unlinked and transmitted."""
    ref = OrderRef(group_id, order.kind, order.number, write_shape(group, order), group.order_ref)
    made = Order(
        orderId=order_id,
        action=order.side,
        totalQuantity=as_quantity(order.size if size is None else size),
        tif=order.tif.code,
        goodTillDate=write_time(order.tif.until if isinstance(order.tif, Gtd) else None),
        goodAfterTime=write_time(order.good_after),
        outsideRth=order.outside_rth,
        triggerMethod=order.trigger_method,
        account=group.account,
        orderRef=write_order_ref(ref),
        transmit=True,
    )
    for field, value in write_leg(order.leg).items():
        setattr(made, field, value)
    return made


def join(order: Order, group: OrderGroup, name: str) -> None:
    """Put an order into an OCA group."""
    order.ocaGroup = name
    order.ocaType = int(group.oca_type)


def oca_name(group_id: str, part: str = "") -> str:
    """Name an OCA group; group ids are unique, so the names are."""
    return f"ibkit-{group_id}{part}"


def order_id(value: int) -> int:
    """Take an order id: a whole number above 0. TWS cannot cancel 0, and refuses it (10149)."""
    wanted = number("next_id", value)
    if wanted != int(wanted) or wanted < 1:
        raise PlanError("next_id", value, "an order id is a whole number from 1 on (10149)")
    return int(wanted)


def _made_up(group: OrderGroup, first: int) -> str:
    if group.form == "oca" and not group.oca_name:
        raise PlanError(
            "name", "", "an OCA group needs a unique name in the account: give name= or group_id="
        )
    return f"n{base36(first)}"


# --- the grid ---------------------------------------------------------------------------


def on_grid(
    group: OrderGroup, grid: PriceGrid, rounding: Literal["safe", "nearest", "refuse"]
) -> tuple[PlannedOrder, ...]:
    """Put every known price of the orders on a grid."""
    return tuple(_on_grid(order, grid, rounding, _level(group)) for order in group.legs)


def _on_grid(
    order: PlannedOrder,
    grid: PriceGrid,
    rounding: Literal["safe", "nearest", "refuse"],
    level: Decimal,
) -> PlannedOrder:
    def change(place: Place, value: LegPrice) -> LegPrice:
        if isinstance(value, FromFill) or place.measure == "percent":
            return value
        if place.measure == "distance":
            after = grid.distance(value, at=level)
        elif rounding == "nearest":
            after = grid.round(value, "nearest")
        else:
            after = grid.round_for(order.side, value)
        if rounding == "refuse" and after != value:
            raise PlanError(
                f"{order.role}.{place.attribute}", value, f"on the grid {grid}, e.g. {after} (110)"
            )
        return after

    leg = map_numbers(order.leg, change)
    return order if leg is order.leg else attrs.evolve(order, leg=leg)


def _level(group: OrderGroup) -> Decimal:
    """Return a price of the group: the step of a distance is the one at its level."""
    return next(_prices(group.legs), Decimal(0))


def _prices(orders: Iterable[PlannedOrder]) -> Iterator[Decimal]:
    for order in orders:
        for place, value in numbers(order.leg):
            if place.measure == "price" and isinstance(value, Decimal):
                yield value
