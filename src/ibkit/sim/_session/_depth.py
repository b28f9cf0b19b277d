"""Market depth: a book around the quote, told as inserts, updates and deletes (3.4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, final

from ibkit.sim import _wire as wire
from ibkit.sim._market import Instrument, MarketTick, Quote
from ibkit.sim._session._contracts import find_one
from ibkit.sim._session._lines import admit
from ibkit.sim._session._texts import text_of

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session

INSERT, UPDATE, DELETE = 0, 1, 2
ASK, BID = 0, 1
MOST_ROWS = 10
UNSUPPORTED = ("BAG", "IND")


class Row(NamedTuple):
    """One price level."""

    price: Decimal
    size: Decimal


class Operation(NamedTuple):
    """One change of one side of a book."""

    position: int
    kind: int
    row: Row


def levels(best: Decimal | None, size: Decimal, step: Decimal, rows: int) -> tuple[Row, ...]:
    """The rows of one side, best first. Sizes behind the best are made up from their price."""
    if best is None:
        return ()
    behind = (best + step * n for n in range(1, rows))
    return (Row(best, size), *(Row(p, _size_at(p, size, step)) for p in behind))


def _size_at(price: Decimal, best: Decimal, step: Decimal) -> Decimal:
    spread = int(price / step) * 7 % 13
    return max(best, Decimal(1)) + spread


def changes(old: Sequence[Row], new: Sequence[Row]) -> Iterator[Operation]:
    """What turns one side into another: deletes from the back, inserts from the front, updates.

    Rows behind a deleted or inserted one move; the client is expected to move them itself.
    """
    rows = list(old)
    prices = {row.price for row in new}
    for position in reversed(range(len(rows))):
        if rows[position].price not in prices:
            yield Operation(position, DELETE, Row(Decimal(0), Decimal(0)))
            del rows[position]
    for position, row in enumerate(new):
        if position >= len(rows) or rows[position].price != row.price:
            yield Operation(position, INSERT, row)
            rows.insert(position, row)
        elif rows[position].size != row.size:
            yield Operation(position, UPDATE, row)
            rows[position] = row


def request(session: Session, asked: wire.ReqMktDepth, now: dt.datetime) -> None:
    """Open a book."""
    req_id = asked.req_id
    instrument = find_one(session, req_id, asked.contract, now)
    if instrument is None:
        return
    if instrument.sec_type in UNSUPPORTED:
        session.refuse(req_id, 10092)
    elif admit(session, "depth", req_id, instrument):
        book = Book(session, asked, instrument)
        session.start("depth", req_id, book, instrument)
        book.begin(now)


def cancel(session: Session, asked: wire.CancelMktDepth, now: dt.datetime) -> None:
    """Close a book; 310 if there is none, or if the smart flag differs from the request's."""
    book = session.running.get(("depth", asked.req_id))
    if not isinstance(book, Book) or book.smart != asked.is_smart_depth:
        session.refuse(asked.req_id, 310, asked.req_id)
        return
    session.stop("depth", asked.req_id)


@final
class Book:
    """One book of one client."""

    def __init__(self, session: Session, asked: wire.ReqMktDepth, instrument: Instrument) -> None:
        self._session, self._req_id, self._instrument = session, asked.req_id, instrument
        self.smart = asked.is_smart_depth
        self._rows = max(1, min(asked.num_rows or MOST_ROWS, MOST_ROWS))
        self._sides: dict[int, tuple[Row, ...]] = {ASK: (), BID: ()}

    def stop(self) -> None:
        """Send nothing more."""
        self._session.floor.unwatch(self._instrument.con_id, self)

    def begin(self, now: dt.datetime) -> None:
        """Send the book as it stands, and follow it."""
        con_id = self._instrument.con_id
        self._show(self._session.floor.market.quote_at(con_id, now))
        self._session.floor.watch(con_id, self, now)

    def reset(self, now: dt.datetime) -> None:
        """Send 317 and the book anew."""
        self._session.error(self._req_id, 317, text_of(317))
        self._sides = {ASK: (), BID: ()}
        self._show(self._session.floor.market.quote_at(self._instrument.con_id, now))

    def on_ticks(self, ticks: Sequence[MarketTick], now: dt.datetime) -> None:
        """Follow the last quote."""
        quotes = [tick for tick in ticks if isinstance(tick, Quote)]
        if quotes:
            self._show(quotes[-1])

    def _show(self, quote: Quote) -> None:
        step = self._instrument.min_tick
        self._tell(BID, levels(quote.bid, quote.bid_size, -step, self._rows))
        self._tell(ASK, levels(quote.ask, quote.ask_size, step, self._rows))

    def _tell(self, side: int, new: tuple[Row, ...]) -> None:
        old, self._sides[side] = self._sides[side], new
        for operation in changes(old, new):
            self._session.send(self._message(side, operation))

    def _message(self, side: int, operation: Operation) -> wire.Answer:
        position, kind, row = operation
        if self.smart:
            return wire.UpdateMktDepthL2(
                self._req_id,
                position,
                self._instrument.primary_exchange,
                kind,
                side,
                *row,
                self.smart,
            )
        return wire.UpdateMktDepth(self._req_id, position, kind, side, *row)
