"""What streams deliver: trades, quotes of the best bid and ask, books and bars.

Every value is frozen. ``None`` means "not there", which is neither zero nor old. Prices and sizes
are ``Decimal``, times are aware and in UTC. `arrived` is when the packet reached this process;
`time` is the exchange's own time, which tick-by-tick data and bars carry (to the second).

They are named tuples because one is made for every tick.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal, NamedTuple

from ._table import html_table

TickKind = Literal["Last", "AllLast", "BidAsk", "MidPoint"]
"""The four kinds of tick-by-tick data, as IB spells them."""


def number(value: Decimal | None) -> str:
    """Write a number for a person; a dash where there is none.

    >>> number(Decimal("5000.50")), number(Decimal("1E+3")), number(None)
    ('5000.50', '1000', '-')
    """
    return "-" if value is None else f"{value:f}"


def clock_time(value: dt.datetime | None) -> str:
    """Write the time of day for a person, to the millisecond if it has any.

    >>> clock_time(dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc))
    '14:30:00Z'
    """
    if value is None:
        return "-"
    utc = value.astimezone(dt.timezone.utc)
    return (
        utc.strftime("%H:%M:%S") + (f".{utc.microsecond // 1000:03}" * bool(utc.microsecond)) + "Z"
    )


class TradeTick(NamedTuple):
    """One trade, from tick-by-tick data of type ``Last`` or ``AllLast``."""

    con_id: int
    time: dt.datetime
    """When the exchange says it traded, to the second. ib_async drops this (B24)."""
    arrived: dt.datetime
    price: Decimal
    size: Decimal
    exchange: str = ""
    conditions: str = ""
    past_limit: bool = False
    unreported: bool = False
    """A trade that ``AllLast`` shows and the official volume does not count."""

    def __repr__(self) -> str:
        return f"TradeTick({number(self.price)} x {number(self.size)} at {clock_time(self.time)})"

    def _repr_html_(self) -> str:
        return html_table("trade", self._asdict())


class BidAskTick(NamedTuple):
    """One change of the best bid and ask, from tick-by-tick data of type ``BidAsk``."""

    con_id: int
    time: dt.datetime
    arrived: dt.datetime
    bid: Decimal | None
    ask: Decimal | None
    bid_size: Decimal | None
    ask_size: Decimal | None
    bid_past_low: bool = False
    ask_past_high: bool = False

    def __repr__(self) -> str:
        bid = f"bid {number(self.bid)} x {number(self.bid_size)}"
        ask = f"ask {number(self.ask)} x {number(self.ask_size)}"
        return f"BidAskTick({bid}, {ask} at {clock_time(self.time)})"

    def _repr_html_(self) -> str:
        return html_table("bid and ask", self._asdict())


class MidTick(NamedTuple):
    """One change of the midpoint, from tick-by-tick data of type ``MidPoint``."""

    con_id: int
    time: dt.datetime
    arrived: dt.datetime
    price: Decimal

    def __repr__(self) -> str:
        return f"MidTick({number(self.price)} at {clock_time(self.time)})"

    def _repr_html_(self) -> str:
        return html_table("midpoint", self._asdict())


class BookRow(NamedTuple):
    """One row of an order book."""

    price: Decimal
    size: Decimal
    maker: str = ""
    """Market maker or exchange, where the book tells them apart."""


class Book(NamedTuple):
    """The order book of one contract, best rows first."""

    con_id: int
    arrived: dt.datetime
    bids: tuple[BookRow, ...] = ()
    asks: tuple[BookRow, ...] = ()

    @property
    def best_bid(self) -> BookRow | None:
        """The highest bid, or ``None`` if there is none."""
        return self.bids[0] if self.bids else None

    @property
    def best_ask(self) -> BookRow | None:
        """The lowest ask, or ``None`` if there is none."""
        return self.asks[0] if self.asks else None

    def __repr__(self) -> str:
        bid, ask = self.best_bid, self.best_ask
        best = f"{number(bid and bid.price)} / {number(ask and ask.price)}"
        return f"Book({best}, {len(self.bids)} x {len(self.asks)} rows)"

    def _repr_html_(self) -> str:
        rows = {}
        for depth in range(max(len(self.bids), len(self.asks))):
            bid = self.bids[depth] if depth < len(self.bids) else None
            ask = self.asks[depth] if depth < len(self.asks) else None
            left = f"{number(bid and bid.size)} x {number(bid and bid.price)}"
            rows[str(depth)] = f"{left} | {number(ask and ask.price)} x {number(ask and ask.size)}"
        return html_table("bid | ask", rows)


class Bar(NamedTuple):
    """One bar. `time` is its start."""

    con_id: int
    time: dt.datetime
    """The start of the bar. Daily bars and longer stand at midnight UTC of their date."""
    arrived: dt.datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None
    """``None`` for midpoint, bid and ask bars, which have none."""
    average: Decimal | None = None
    """Volume-weighted average price."""
    trades: int | None = None
    size: str = ""
    finished: bool = True
    """False while IB still changes it."""
    backfilled: bool = False
    """True if it was fetched after a gap, not seen live."""

    def __repr__(self) -> str:
        prices = " ".join(number(p) for p in (self.open, self.high, self.low, self.close))
        state = "" if self.finished else ", unfinished"
        return f"Bar({self.time:%Y-%m-%d} {clock_time(self.time)} {self.size} {prices}{state})"

    def _repr_html_(self) -> str:
        return html_table(f"{self.size} bar", self._asdict())
