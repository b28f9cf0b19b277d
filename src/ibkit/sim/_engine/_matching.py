"""Orders against the market: what an arriving order takes, what a tick fills."""

from __future__ import annotations

import functools
from collections.abc import Callable
from decimal import Decimal

from ibkit.sim._checked import exact
from ibkit.sim._engine._board import Board, Touch
from ibkit.sim._engine._book import Book
from ibkit.sim._engine._fill_models import FillModel
from ibkit.sim._engine._filling import ADDED, REMOVED, fill
from ibkit.sim._engine._kinds import KINDS
from ibkit.sim._engine._lazy_heap import Entry
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._predicates import better_of, is_limit_fillable, worse_of
from ibkit.sim._engine._world import World

ZERO = Decimal(0)
Settle = Callable[[World], None]


def aggress(world: World, order: Order) -> bool:
    """Let an order take what it can from the touch; tell whether it got anything."""
    board = world.markets.board_of(order.instrument)
    touch = board.touch(is_buy=order.is_buy)
    if touch is None or not _accepts(order, touch.price):
        return False
    quantity = portion(order, touch.size, world.models.fill)
    if quantity <= 0:
        return False
    price = _slipped(world, order, touch.price)
    board.use_touch(quantity, is_buy=order.is_buy)
    if order.terms.order_type == "MTL" and quantity < order.remaining:
        become_limit(order, price)
    fill(world, order, quantity, price, liquidity=REMOVED)
    return True


def portion(order: Order, available: Decimal, model: FillModel) -> Decimal:
    """Return how much of an order is filled, given what stands there."""
    wanted, terms = order.open_quantity, order.terms
    quantity = exact("fill.take", model.take(wanted, available))
    if terms.all_or_none or terms.tif == "FOK":
        return quantity if quantity == wanted else ZERO
    if (
        terms.min_quantity
        and not order.filled
        and quantity < min(Decimal(terms.min_quantity), wanted)
    ):
        return ZERO
    return quantity


def sweep_touch(world: World, board: Board, book: Book, settle: Settle) -> None:
    """After a quote: fill what waits for any price, then the limits that it reaches."""
    for order in tuple(book.unpriced):
        if order in book.unpriced and aggress(world, order):
            settle(world)
    for is_buy in (True, False):
        _sweep_limits(
            world,
            book,
            is_buy=is_buy,
            touch=functools.partial(board.touch, is_buy=is_buy),
            use=functools.partial(board.use_touch, is_buy=is_buy),
            settle=settle,
        )


def sweep_trade(world: World, board: Board, book: Book, settle: Settle) -> None:
    """After a trade: resting limits that it reaches share in it."""
    for is_buy in (True, False):
        _sweep_limits(
            world, book, is_buy=is_buy, touch=board.traded, use=board.use_trade, settle=settle
        )


def _sweep_limits(
    world: World,
    book: Book,
    *,
    is_buy: bool,
    touch: Callable[[], Touch | None],
    use: Callable[[Decimal], None],
    settle: Settle,
) -> None:
    served: list[Entry] = []
    while (first := book.best_limit(is_buy=is_buy)) is not None:
        order, there = first.order, touch()
        if there is None or not _accepts(order, there.price):
            break
        quantity = portion(order, there.size, world.models.fill)
        if quantity <= 0 and not _is_picky(order):
            break
        book.take_limit(is_buy=is_buy)
        served.append(first)
        if quantity > 0:
            use(quantity)
            limit = there.price if order.limit is None else order.limit
            fill(world, order, quantity, limit, liquidity=ADDED)
            settle(world)
    for entry in served:
        if entry.order.stamp == entry.stamp:  # it has neither ended nor moved meanwhile
            book.rest(entry.order)


def _accepts(order: Order, price: Decimal) -> bool:
    limit = order.limit
    return limit is None or is_limit_fillable(is_buy=order.is_buy, limit=limit, price=price)


def _is_picky(order: Order) -> bool:
    return order.terms.all_or_none or bool(order.terms.min_quantity)


def _slipped(world: World, order: Order, touch: Decimal) -> Decimal:
    slip = exact("slippage.slip", world.models.slippage.slip(order.instrument))
    price = touch + slip if order.is_buy else touch - slip
    price = worse_of(is_buy=order.is_buy, one=price, other=touch)
    if order.limit is None:
        return price
    return better_of(is_buy=order.is_buy, one=price, other=order.limit)


def become_limit(order: Order, price: Decimal) -> None:
    """Turn a market-to-limit order into a limit at the price of its first fill (1.7)."""
    order.kind, order.limit = KINDS["LMT"], price
    order.change(order_type="LMT", limit_price=price)
