"""One fill, with everything that follows from it."""

from __future__ import annotations

from decimal import Decimal

from ibkit.sim._engine import _booking, _ending, _links
from ibkit.sim._engine._fill_report import tell_fill
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._world import World

UNKNOWN, ADDED, REMOVED = 0, 1, 2
"""Liquidity: a resting order adds it, an aggressive one removes it; auctions do neither."""


class Overfill(RuntimeError):
    """An order was about to be filled beyond its quantity: a defect of the broker."""


def fill(world: World, order: Order, quantity: Decimal, price: Decimal, *, liquidity: int) -> None:
    """Fill a part of a live order or all of it."""
    before, group = order.remaining, order.group
    if not 0 < quantity <= before:
        raise Overfill(f"{quantity} of {before} remaining, order {order.key}")
    order.filled += quantity
    order.value += quantity * price
    order.last_price = price
    fills = _booking.book(world, order, quantity, price, liquidity)
    if quantity == before:
        _ending.filled(world, order)
    tell_fill(world, order, fills)
    _links.after_fill(world, order, group, quantity, before)
