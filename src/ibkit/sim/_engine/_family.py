"""Parents and children: how much of a child may work (gateway-behaviour 1.5)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from ibkit.sim._engine._lifecycle import Gate
from ibkit.sim._engine._order import Order

ZERO = Decimal(0)


def release(
    policy: Literal["filled", "all", "none"],
    *,
    child: Decimal,
    filled: Decimal,
    parent: Decimal,
    increment: Decimal,
) -> Decimal:
    """Return how much of a child works when its parent has *filled* of its quantity.

    By default the same share as of the parent, rounded down (U: not documented).

    >>> release("filled", child=Decimal(6), filled=Decimal(3), parent=Decimal(10),
    ...     increment=Decimal(1))
    Decimal('1')
    """
    if filled >= parent:
        return child
    if not filled or policy == "none":
        return ZERO
    if policy == "all":
        return child
    share = child * filled / parent
    return (share / increment).to_integral_value(rounding=ROUND_FLOOR) * increment


def root(order: Order) -> Order:
    """Return the first ancestor."""
    while order.parent is not None:
        order = order.parent
    return order


def tree(order: Order) -> Iterator[Order]:
    """Return an order and all that descends from it, parents first, in the order of ids."""
    yield order
    for child in sorted(order.children, key=lambda child: child.key.order_id):
        yield from tree(child)


def held_family(order: Order) -> list[Order]:
    """Return what an order that is transmitted takes along: the family that is still held."""
    return [member for member in tree(root(order)) if member.gate is Gate.HELD]
