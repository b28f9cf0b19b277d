"""Exits that go out by themselves: those of a managed group, and those that are put back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs
from ib_async import Order

from ibkit.errors import PlanError
from ibkit.orders._encode import join, make_order, oca_name, order_id
from ibkit.orders._from_fill import FromFill
from ibkit.orders._legs import LegPrice
from ibkit.orders._numbers import Size, base36, size as to_size
from ibkit.orders._planned import PlannedOrder
from ibkit.orders._ref import check_group_id
from ibkit.orders._types import Place, map_numbers
from ibkit.products._grid import Price, PriceGrid

if TYPE_CHECKING:
    from ibkit.orders._group import OrderGroup


def exit_orders(
    group: OrderGroup,
    sizes: Mapping[str, Size],
    next_id: int,
    *,
    grid: PriceGrid,
    fill: Price | None = None,
    group_id: str = "",
    pairs: Mapping[int, str] | None = None,
) -> list[Order]:
    """Make exits of a group as orders of their own, for what is filled.

    A target and a stop of one slice are an OCA pair; the stops of all slices stand first, so that
    protection is sent first, in the order of their ids as IB wants it (103). They have no parent:
    IB takes no child of an entry that has filled (201), so an exit that is put back cannot join a
    sibling that is a child; it can join one that was made here.

    Args:
        group: The group.
        sizes: The size for each role, for example ``{"target-1": 1, "stop-1": 1}``. Where one
            stop was attached for all slices, ``stop-2`` is that stop for the second slice.
        next_id: The first order id.
        grid: The price grid of the contract.
        fill: The entry's average fill price; needed where a price is a `FromFill`.
        group_id: For a group that has none.
        pairs: By slice, the OCA group of an exit that stands and was made here, for its
            counterpart to join.

    Raises:
        PlanError: A role is no exit of the group; a size exceeds the slice; the fill is needed.

    >>> from ibkit.orders import FromFill, bracket_from_fill
    >>> group = bracket_from_fill("BUY", 1, take_profit=FromFill(+10), stop=FromFill(-5),
    ...                           group_id="k3f9")
    >>> grid = PriceGrid([(0, 0.25)])
    >>> for order in exit_orders(group, {"target-1": 1, "stop-1": 1}, 8, grid=grid, fill=5000.1):
    ...     print(order.orderType, order.auxPrice if order.orderType == "STP" else order.lmtPrice,
    ...           order.ocaGroup, order.ocaType)
    STP 4995.25 ibkit-k3f9-1-8 2
    LMT 5010.25 ibkit-k3f9-1-8 2
    """
    check_group_id(group_id)
    name = group.group_id or group_id
    if not name:
        raise PlanError("group_id", "", "the id under which the entry was sent")
    first = order_id(next_id)
    wanted = [(_exit(group, role), to_size(role, size)) for role, size in sizes.items()]
    wanted.sort(key=lambda pair: (pair[0].kind != "stop", pair[0].number))
    names = {
        # The first id keeps it apart from a pair of the same slice that was sent before.
        number: oca_name(name, f"-{number}-{base36(first)}")
        for number in _crowded([order.number for order, _ in wanted])
    } | dict(pairs or {})
    orders = []
    for place, (order, size) in enumerate(wanted):
        _check_size(order, size)
        priced = _priced(order, grid, fill)
        made = make_order(group, priced, first + place, name, size=size)
        if order.number in names:
            join(made, group, names[order.number])
        orders.append(made)
    return orders


def _crowded(numbers: list[int]) -> set[int]:
    return {number for number in numbers if numbers.count(number) > 1}


def _exit(group: OrderGroup, role: str) -> PlannedOrder:
    for order in group.exits:
        if order.role == role:
            return order
    kind, _, number = role.rpartition("-")
    if group.form == "attached" and kind == "stop" and group.stops and number.isdecimal():
        whole = group.stops[0]
        mine = [target.size for target in group.targets if target.number == int(number)]
        return attrs.evolve(whole, number=int(number), size=mine[0] if mine else whole.size)
    raise PlanError("role", role, f"one of {', '.join(order.role for order in group.exits)}")


def _check_size(order: PlannedOrder, size: Decimal) -> None:
    if size > order.size:
        raise PlanError(f"{order.role}.size", size, f"at most {order.size}, its slice")


def _priced(order: PlannedOrder, grid: PriceGrid, fill: Price | None) -> PlannedOrder:
    def change(place: Place, value: LegPrice) -> LegPrice:
        if place.measure == "percent":
            return value
        if isinstance(value, FromFill):
            if fill is None:
                raise PlanError("fill", None, f"{order.role} is priced from it: {value}")
            value = value.at(fill, grid)
        if place.measure == "distance":
            return grid.distance(value, at=fill or 0)
        return grid.round_for(order.side, value)

    return attrs.evolve(order, leg=map_numbers(order.leg, change))
