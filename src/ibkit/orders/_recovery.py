"""Finding groups in what the broker shows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal

from attrs import frozen
from ib_async import Order

from ibkit.orders._group import OrderGroup
from ibkit.orders._modify import copy_order
from ibkit.orders._numbers import as_quantity
from ibkit.orders._observe import Track
from ibkit.orders._planned import Oca
from ibkit.orders._ref import OrderRef, parse_order_ref
from ibkit.orders._restore import restore
from ibkit.orders._shape import parse_shape
from ibkit.state import Owner, TrueFill, TrueOrder

ZERO = Decimal(0)


@frozen
class Found:
    """The orders of one group, those that are over first."""

    group_id: str
    orders: tuple[TrueOrder, ...]
    clients: frozenset[int]
    """Whose they are, as far as TWS tells: completed orders do not say it, executions do."""

    def restore(self) -> OrderGroup:
        """Rebuild the group. Raises `PlanError` where its orders do not say enough."""
        latest: dict[str, Order] = {}
        filled: dict[str, Decimal] = {}
        for order in self.orders:
            ref = _ref_of(order)
            if not _closes(ref):
                before = filled.get(ref.role, ZERO)
                latest[ref.role] = _with_earlier(order, before)
                filled[ref.role] = before + order.filled
        return restore(latest.values())


def _with_earlier(order: TrueOrder, filled: Decimal) -> Order:
    """An order that was put back stands for what the earlier ones of its role filled, too."""
    if not filled:
        return order.order
    whole = copy_order(order.order)
    whole.totalQuantity = as_quantity((order.size or order.filled) + filled)
    return whole


def found_groups(
    orders: Iterable[TrueOrder], fills: Iterable[TrueFill], known: Collection[str]
) -> Iterator[Found]:
    """The groups that orders belong to by their orderRef, but for *known* ids."""
    by_group: dict[str, list[TrueOrder]] = {}
    for order in orders:
        ref = parse_order_ref(order.order_ref)
        if ref is not None and ref.group_id not in known:
            by_group.setdefault(ref.group_id, []).append(order)
    owners = {fill.perm_id: fill.client_id for fill in fills}
    for group_id, members in by_group.items():
        members.sort(key=lambda order: (not order.is_done, order.perm_id))
        yield Found(group_id, tuple(members), _clients(members, owners))


def executed_only(
    orders: Collection[TrueOrder], fills: Iterable[TrueFill], client_id: int
) -> Iterator[TrueOrder]:
    """
    The orders of a client of which TWS tells nothing but executions.

    That is so where it never answers when it is asked for completed orders. They matter in groups
    of which more is left, and in those whose exits the reference of the entry tells (managed);
    any other is left to those who look for positions that no group explains.
    """
    known = {order.perm_id for order in orders}
    restorable = {ref.group_id for order in orders if (ref := parse_order_ref(order.order_ref))}
    told: dict[int, list[TrueFill]] = {}
    for fill in fills:
        ref = parse_order_ref(fill.order_ref)
        if ref is not None and fill.client_id == client_id:
            shape = parse_shape(ref.shape)
            if shape is not None and shape.exits:
                restorable.add(ref.group_id)
            if fill.perm_id not in known:
                told.setdefault(fill.perm_id, []).append(fill)
    made = map(_executed, told.values())
    return (order for order in made if _ref_of(order).group_id in restorable)


_TERMS: dict[str, tuple[str, str]] = {
    "target": ("LMT", "lmtPrice"),
    "stop": ("STP", "auxPrice"),
    "guard": ("STP", "auxPrice"),
}
"""What an order that has filled is taken for, as its executions do not tell; any other, for MKT."""


def _executed(fills: list[TrueFill]) -> TrueOrder:
    """An order as far as its executions tell."""
    combo = [fill for fill in fills if fill.contract.secType == "BAG"]
    fills = combo or fills  # the executions of a combo's legs are not executions of its order
    first, size = fills[0], sum((fill.size for fill in fills), ZERO)
    paid = sum((fill.size * fill.price for fill in fills), ZERO)
    price = paid / size if size else first.price
    kind, named = _TERMS.get(_ref_of(first).kind, ("MKT", ""))
    order = Order(
        orderId=first.order_id,
        clientId=first.client_id,
        permId=first.perm_id,
        action="BUY" if first.side == "BOT" else "SELL",
        totalQuantity=as_quantity(size),
        orderType=kind,
        tif="DAY",
        account=first.account,
        orderRef=first.order_ref,
        ocaType=Oca.REDUCE_WITH_BLOCK,
    )
    if named:
        setattr(order, named, float(price))
    return TrueOrder(
        contract=first.contract,
        order=order,
        client_id=first.client_id,
        order_id=first.order_id,
        perm_id=first.perm_id,
        owner=Owner.OURS,
        epoch=0,
        status="Filled",
        filled=size,
        average_price=price,
    )


def _clients(orders: Iterable[TrueOrder], owners: Mapping[int, int]) -> frozenset[int]:
    known = {order.client_id for order in orders if order.order_id}
    return frozenset(known | {owners[o.perm_id] for o in orders if o.perm_id in owners})


def _ref_of(one: TrueOrder | TrueFill) -> OrderRef:
    ref = parse_order_ref(one.order_ref)
    assert ref is not None
    return ref


def _closes(ref: OrderRef) -> bool:
    """The order with which the desk closed a bracket is no part of the plan."""
    shape = parse_shape(ref.shape)
    return ref.kind == "close" and (shape is None or shape.form != "close")


def assumed_entries(group: OrderGroup, tracks: Mapping[str, Track]) -> list[Track]:
    """
    The entries that must have filled although nobody remembers them.

    TWS lists the completed orders and executions of the day. An exit that can execute has an entry
    that filled; where that was on an earlier day, the exits are all that is left of it.
    """
    if not group.partial or group.form not in {"separate", "managed", "attached"}:
        return []
    sizes = _sizes(group, tracks)
    if group.form != "separate":
        whole = sum(sizes.values(), ZERO)
        sizes = {0: whole} if whole else {}
    roles = {
        n: f"entry-{n}" if group.form == "separate" and _is_many(tracks) else "entry" for n in sizes
    }
    return [
        Track(roles[number], "entry", number if "-" in roles[number] else 0, size, assumed=size)
        for number, size in sizes.items()
        if roles[number] not in tracks
    ]


def _sizes(group: OrderGroup, tracks: Mapping[str, Track]) -> dict[int, Decimal]:
    """What each slice must have opened for its exits to be as they are."""
    by_kind: dict[tuple[int, str], Decimal] = {}
    for track in tracks.values():
        order = track.latest
        works = order is not None and order.is_live and "child" not in order.why_held
        if track.kind in {"target", "stop"} and order is not None and (works or track.filled):
            number = 0 if group.form == "attached" else track.number
            size = track.filled + order.remaining
            by_kind[number, track.kind] = by_kind.get((number, track.kind), ZERO) + size
    sizes: dict[int, Decimal] = {}
    for (number, _), size in by_kind.items():
        sizes[number] = max(size, sizes.get(number, ZERO))
    return sizes


def _is_many(tracks: Mapping[str, Track]) -> bool:
    shapes = (parse_shape(_ref_of(o).shape) for t in tracks.values() for o in t.orders)
    return any(shape is not None and shape.slices > 1 for shape in shapes)
