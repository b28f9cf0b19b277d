"""What a tick moves."""

from __future__ import annotations

from ibkit.sim._engine import _combo
from ibkit.sim._engine._activation import auction, fire, settle
from ibkit.sim._engine._arming import drag
from ibkit.sim._engine._board import BY_QUOTE, BY_TRADE, Board
from ibkit.sim._engine._book import Book
from ibkit.sim._engine._listing import relist, repeg
from ibkit.sim._engine._matching import sweep_touch, sweep_trade
from ibkit.sim._engine._trigger_methods import Source
from ibkit.sim._engine._world import World
from ibkit.sim._market._ticks import MarketTick, Quote


def tick(world: World, tick: MarketTick) -> None:
    """Take a tick of one instrument, and let it move the combos of which it is a leg."""
    board = world.markets.board(tick.con_id)
    if board is None:
        return
    if board.instrument.legs:
        world.markets.quoted_combos.add(tick.con_id)
    if isinstance(tick, Quote):
        board.quote(tick)
        _quoted(world, board)
    else:
        board.trade(tick.price, tick.size)
        _traded(world, board)
    for con_id in tuple(world.markets.combos.get(tick.con_id, ())):
        combo = world.markets.board(con_id)
        assert combo is not None  # an order of it works
        _move_combo(world, combo, board, quoted=isinstance(tick, Quote))


def _move_combo(world: World, combo: Board, leg: Board, *, quoted: bool) -> None:
    markets = world.markets
    if quoted or not leg.is_quoted:  # a leg that only trades is quoted by its trades
        _combo.imply_quote(markets, combo.instrument, world.now)
        _quoted(world, combo)
    if not quoted and _combo.imply_last(markets, combo.instrument):
        _traded(world, combo)


def _quoted(world: World, board: Board) -> None:
    book = world.markets.find_book(board.instrument.con_id)
    if book is None:
        return
    for order in tuple(book.pegs):
        before = order.limit
        repeg(world, order)
        if order.limit != before:
            relist(world, order)
    _open_auction(world, board, book)
    sweep_touch(world, board, book, settle)
    if book.watched:
        _wake(world, board, book, BY_QUOTE)


def _traded(world: World, board: Board) -> None:
    book = world.markets.find_book(board.instrument.con_id)
    if book is None:
        return
    _open_auction(world, board, book)
    if board.is_quoted:
        sweep_trade(world, board, book, settle)
    else:
        sweep_touch(world, board, book, settle)
    if book.watched:  # last, so that what a trade wakes has no share in that trade
        _wake(world, board, book, BY_TRADE)


def _wake(world: World, board: Board, book: Book, moved: tuple[Source, ...]) -> None:
    for source in moved:
        if source in book.watched:
            for rising in (True, False):
                _wake_side(world, board, book, source, rising=rising)


def _wake_side(world: World, board: Board, book: Book, source: Source, *, rising: bool) -> None:
    price = board.seen(source, rising=rising)
    if price is None:
        return
    # a sell's stop follows a rising price, a buy's a falling one
    while (order := book.dragged(source, price, is_buy=not rising)) is not None:
        drag(world, order, price)
    while (entry := book.woken(source, price, rising=rising)) is not None:
        fire(world, entry)
        settle(world)


def _open_auction(world: World, board: Board, book: Book) -> None:
    for order in tuple(book.opening):
        touch = board.touch(is_buy=order.is_buy)
        if order in book.opening and touch is not None:
            auction(world, order, touch.price)
            settle(world)
