"""Putting an order where a tick will find it: into books, under watches, behind trails."""

from __future__ import annotations

from ibkit.sim._engine._book import ADJUST, CONDITION, TRIGGER, Book
from ibkit.sim._engine._conditions import is_met, watched
from ibkit.sim._engine._kinds import Wake
from ibkit.sim._engine._lifecycle import Gate
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._pegs import peg_price
from ibkit.sim._engine._predicates import fires_rising
from ibkit.sim._engine._terms import PriceCondition
from ibkit.sim._engine._trailing import Trail
from ibkit.sim._engine._trigger_methods import LAST, Source, sources
from ibkit.sim._engine._world import World


def relist(world: World, order: Order) -> None:
    """List an order anew, as its gate demands."""
    book = world.markets.book(order.con_id)
    book.leave(order)
    if order.gate is Gate.TRIGGER:
        _watch_trigger(book, order)
    elif order.gate is Gate.MARKET:
        _rest(book, order)
    if order.gate is Gate.CONDITION or order.terms.conditions_cancel:
        _watch_conditions(world, order)


def trigger_sources(order: Order) -> tuple[Source, ...]:
    """Return the prices that trigger an order. An exchange that holds it watches the last."""
    instrument = order.instrument
    method = LAST if order.native else order.terms.trigger_method
    return sources(method, instrument.sec_type, instrument.currency, is_buy=order.is_buy)


def rises(order: Order) -> bool:
    """Tell whether an order's trigger is reached from below."""
    return fires_rising(order.kind.wake or Wake.STOP, is_buy=order.is_buy)


def trail_of(order: Order) -> Trail:
    """Return the calculator of a trailing order."""
    terms = order.terms
    return Trail(
        is_buy=order.is_buy,
        tick=order.instrument.min_tick,
        amount=terms.aux_price or None,
        percent=terms.trailing_percent,
    )


def repeg(world: World, order: Order) -> None:
    """Set the limit of a pegged order to where the quote is."""
    terms = order.terms
    order.limit = peg_price(
        terms.order_type,
        world.markets.board_of(order.instrument),
        is_buy=order.is_buy,
        offset=terms.aux_price,
        cap=terms.limit_price,
    )


def _rest(book: Book, order: Order) -> None:
    if order.terms.tif == "OPG":
        book.opening[order] = None
        return
    if order.kind.pegged:
        book.pegs[order] = None
        if order.limit is None:
            return
    book.rest(order)


def _watch_trigger(book: Book, order: Order) -> None:
    seen, rising = trigger_sources(order), rises(order)
    if order.stop is not None:
        book.watch(order, order.stop, seen, TRIGGER, rising=rising)
    if order.kind.wake is Wake.TRAIL:
        book.follow(order, seen)
    adjust_at = order.terms.adjusted_trigger
    if order.terms.adjusted_type and adjust_at is not None and not order.adjusted:
        book.watch(order, adjust_at, seen, ADJUST, rising=not rising)


def _watch_conditions(world: World, order: Order) -> None:
    # Only those that do not hold now: whenever the whole becomes true, one of them has turned.
    for condition in order.terms.conditions:
        if isinstance(condition, PriceCondition) and not is_met(
            condition, world.markets, world.now
        ):
            world.markets.book(condition.con_id).watch(
                order,
                condition.price,
                watched(condition, world.markets),
                CONDITION,
                rising=condition.is_more,
            )
