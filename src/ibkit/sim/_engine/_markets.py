"""The boards and books of all instruments, and who depends on whose ticks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import final

from ibkit.sim._engine._board import Board
from ibkit.sim._engine._book import Book
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._terms import PriceCondition
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._ticks import Quote

QuoteOf = Callable[[int, dt.datetime], Quote | None]


@final
class Markets:
    """What the broker knows of the market, instrument by instrument."""

    __slots__ = ("_boards", "_books", "_instrument", "_quote", "combos", "needed", "quoted_combos")

    def __init__(
        self, instrument: Callable[[int], Instrument | None], quote: QuoteOf | None
    ) -> None:
        self._instrument, self._quote = instrument, quote
        self._boards: dict[int, Board] = {}
        self._books: dict[int, Book] = {}
        self.needed: dict[int, int] = {}
        """How many live orders need the ticks of an instrument."""
        self.combos: dict[int, dict[int, None]] = {}
        """Combos with live orders, by the instrument of a leg."""
        self.quoted_combos: set[int] = set()
        """Combos that have ticks of their own, so that none need be made of their legs'."""

    def instrument(self, con_id: int) -> Instrument | None:
        """Look an instrument up; ``None`` if there is none of that id."""
        try:
            return self._instrument(con_id)
        except KeyError:
            return None

    def board(self, con_id: int) -> Board | None:
        """Return the board of an instrument; ``None`` if there is no such instrument."""
        board = self._boards.get(con_id)
        if board is None:
            instrument = self.instrument(con_id)
            if instrument is not None:
                board = self._boards[con_id] = Board(instrument)
        return board

    def board_of(self, instrument: Instrument) -> Board:
        """Return the board of an instrument that is known."""
        board = self._boards.get(instrument.con_id)
        if board is None:
            board = self._boards[instrument.con_id] = Board(instrument)
        return board

    def book(self, con_id: int) -> Book:
        """Return the book of an instrument."""
        book = self._books.get(con_id)
        if book is None:
            book = self._books[con_id] = Book()
        return book

    def find_book(self, con_id: int) -> Book | None:
        """Return the book of an instrument that has had orders."""
        return self._books.get(con_id)

    def mark(self, con_id: int, now: dt.datetime) -> Decimal | None:
        """Return what an instrument is worth; ``None`` if nobody has said."""
        self.refresh(con_id, now)
        board = self._boards.get(con_id)
        return None if board is None else board.mark

    # -- whose ticks are needed

    def need(self, order: Order, now: dt.datetime) -> None:
        """Ask for the ticks that an order depends on, beginning with the present quotes."""
        for con_id in _sources(order):
            if con_id not in self.needed:
                self.refresh(con_id, now)
            self.needed[con_id] = self.needed.get(con_id, 0) + 1
        for leg in order.instrument.legs:
            self.combos.setdefault(leg.con_id, {})[order.con_id] = None

    def release(self, order: Order) -> None:
        """Need them no more."""
        for con_id in _sources(order):
            left = self.needed[con_id] - 1
            if left:
                self.needed[con_id] = left
            else:
                del self.needed[con_id]
        if order.con_id not in self.needed:
            for leg in order.instrument.legs:
                self.combos.get(leg.con_id, {}).pop(order.con_id, None)

    def refresh(self, con_id: int, now: dt.datetime) -> None:
        """Ask for the present quote of an instrument whose ticks nobody sends."""
        if self._quote is None or con_id in self.needed:
            return
        board, quote = self.board(con_id), self._quote(con_id, now)
        if board is not None and quote is not None:
            board.quote(quote)
            if board.instrument.legs:
                self.quoted_combos.add(con_id)


def _sources(order: Order) -> Iterator[int]:
    yield order.con_id
    for leg in order.instrument.legs:
        yield leg.con_id
    for condition in order.sent.conditions:
        if isinstance(condition, PriceCondition):
            yield condition.con_id
