"""What protects a position and what is left over: from orders and positions alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from ibkit.orders import parse_order_ref
from ibkit.sim import OrderView

STOPS = frozenset({"STP", "STP LMT", "STP PRT", "TRAIL", "TRAIL LIMIT"})
"""Order types that act when the market goes against a position."""

AT_WORK = frozenset({"PreSubmitted", "Submitted"})

EXITS = frozenset({"close", "guard", "stop", "target"})
"""The kinds of `orderRef` that ibkit writes on exits."""

Key = tuple[str, int]
"""An account and a conId."""


def key_of(order: OrderView) -> Key:
    """Return whose and of what an order is."""
    return order.account, order.con_id


def sign(order: OrderView) -> int:
    """Return 1 for an order that buys, -1 for one that sells."""
    return 1 if order.terms.action == "BUY" else -1


def protection(orders: Iterable[OrderView], key: Key, position: Decimal) -> Decimal:
    """Return how much of a position the stops at work would close.

    Of the members of an OCA group only the largest counts: the others end or shrink with it.
    """
    closing = -1 if position > 0 else 1
    by_group: defaultdict[object, Decimal] = defaultdict(Decimal)
    for order in orders:
        if key_of(order) == key and _protects(order, closing):
            group = order.terms.oca_group or order.perm_id
            by_group[group] = max(by_group[group], order.working)
    return sum(by_group.values(), Decimal(0))


def _protects(order: OrderView, closing: int) -> bool:
    terms = order.terms
    return terms.order_type in STOPS and order.status in AT_WORK and sign(order) == closing


def is_exit(order: OrderView) -> bool:
    """Tell whether an order says of itself that it closes something: a child, or by its ref."""
    ref = parse_order_ref(order.terms.order_ref)
    return bool(order.parent_perm_id) or (ref is not None and ref.kind in EXITS)


def orphans(
    orders: Iterable[OrderView], positions: Mapping[Key, Decimal], exits: Iterable[OrderView]
) -> list[OrderView]:
    """Return the exits that have nothing to close, now or when their parent fills."""
    live = {order.perm_id for order in orders}
    return [
        order
        for order in exits
        if order.parent_perm_id not in live and positions.get(key_of(order), 0) * sign(order) >= 0
    ]


def sent_twice(orders: Iterable[OrderView]) -> dict[str, list[OrderView]]:
    """Return the orders that share an `orderRef`, by that."""
    by_ref: defaultdict[str, list[OrderView]] = defaultdict(list)
    for order in orders:
        by_ref[order.terms.order_ref].append(order)
    return {ref: many for ref, many in by_ref.items() if ref and len(many) > 1}
