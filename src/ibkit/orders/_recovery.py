"""Finding groups in what the broker shows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ib_async import Order

from ibkit.errors import PlanError
from ibkit.orders._group import OrderGroup
from ibkit.orders._ref import parse_order_ref
from ibkit.orders._restore import restore
from ibkit.state import TrueOrder


def found_groups(
    orders: Iterable[TrueOrder], known: Collection[str]
) -> Iterator[tuple[OrderGroup, list[TrueOrder]]]:
    """
    The groups that orders belong to by their orderRef, with their orders, but for *known* ids.

    Orders whose reference cannot be read back into a group (cut, or of a type that ibkit never
    sends) belong to none.
    """
    by_group: dict[str, list[TrueOrder]] = {}
    for order in orders:
        ref = parse_order_ref(order.order_ref)
        if ref is not None and ref.group_id not in known and ref.kind != "close":
            by_group.setdefault(ref.group_id, []).append(order)
    for members in by_group.values():
        try:
            group = restore(_one_per_role(members))
        except PlanError:
            continue
        yield group, members


def _one_per_role(orders: Iterable[TrueOrder]) -> list[Order]:
    latest: dict[str, Order] = {}
    for order in orders:
        ref = parse_order_ref(order.order_ref)
        assert ref is not None
        latest[ref.role] = order.order
    return list(latest.values())
