"""Setting and striking the hour at which an order ends."""

from __future__ import annotations

import functools

from ibkit.sim._engine._ending import cancelled
from ibkit.sim._engine._expiry import expires
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._world import World

EXPIRY_RANK = 1
"""At the same moment after the auctions and before orders are taken off the market."""


def set_expiry(world: World, order: Order) -> None:
    """Let an order end when its time in force does."""
    order.expires = expires(order, world.calendar, world.now)
    action = functools.partial(_expire, world, order)
    world.agenda.set(order, "expiry", order.expires, action, rank=EXPIRY_RANK)


def _expire(world: World, order: Order) -> None:
    cancelled(world, order, reason=world.scenario.expiry_reason)
