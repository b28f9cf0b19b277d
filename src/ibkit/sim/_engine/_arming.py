"""Stops, touches and trails: where they stand, and whether they are reached already."""

from __future__ import annotations

from decimal import Decimal

from ibkit.sim._engine._adjusting import adjust
from ibkit.sim._engine._kinds import Wake
from ibkit.sim._engine._listing import relist, rises, trail_of, trigger_sources
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._predicates import is_reached
from ibkit.sim._engine._world import World

ZERO = Decimal(0)


def arm(world: World, order: Order) -> None:
    """Set an order's stop where the market demands it and watch; it may go off at once."""
    if order.kind.wake is Wake.TRAIL:
        _start_trail(world, order)
    if _is_reached(world, order, order.stop, rising=rises(order)):
        order.triggered = True
        return
    relist(world, order)
    if order.adjusted or not order.terms.adjusted_type:
        return
    if _is_reached(world, order, order.terms.adjusted_trigger, rising=not rises(order)):
        become_adjusted(world, order)


def become_adjusted(world: World, order: Order) -> None:
    """Turn an adjustable stop into what it is to become."""
    adjust(order)
    world.show(order)
    arm(world, order)


def drag(world: World, order: Order, price: Decimal) -> None:
    """Let a trailing stop follow a price that is better than the best so far."""
    _follow(order, price)
    relist(world, order)


def _start_trail(world: World, order: Order) -> None:
    trail, terms = trail_of(order), order.terms
    if order.stop is None:
        order.stop = terms.trail_stop_price
    if order.stop is not None and order.best is None:
        order.best = trail.best(order.stop)
    if order.kind.limited and order.offset is None and order.stop is not None:
        order.offset = trail.offset(order.stop, order.limit or order.stop)
    board = world.markets.board_of(order.instrument)
    for source in trigger_sources(order):
        price = board.seen(source, rising=not rises(order))
        if price is not None and (order.best is None or trail.is_better(price, order.best)):
            _follow(order, price)
    if order.stop is not None and order.kind.limited:
        order.limit = trail.limit(order.stop, order.offset or ZERO)


def _follow(order: Order, price: Decimal) -> None:
    trail = trail_of(order)
    order.best = price
    order.stop = trail.tighter(order.stop, trail.stop(price))
    if order.kind.limited and order.offset is not None:
        order.limit = trail.limit(order.stop, order.offset)


def _is_reached(world: World, order: Order, level: Decimal | None, *, rising: bool) -> bool:
    board = world.markets.board_of(order.instrument)
    if level is None:
        return False
    seen = [board.seen(source, rising=rising) for source in trigger_sources(order)]
    return any(
        is_reached(rising=rising, level=level, price=price) for price in seen if price is not None
    )
