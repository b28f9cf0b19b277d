"""The quote: everything IB tells of a contract's market at one moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from ._kinds import DataType
from ._table import html_table
from ._values import clock_time, number

NOTHING: Mapping[str, Decimal | str] = MappingProxyType({})


class Greeks(NamedTuple):
    """One computation of an option's greeks by IB. ``None`` where IB could not compute."""

    implied_volatility: Decimal | None = None
    delta: Decimal | None = None
    price: Decimal | None = None
    dividend: Decimal | None = None
    """Present value of the dividends expected on the underlying."""
    gamma: Decimal | None = None
    vega: Decimal | None = None
    theta: Decimal | None = None
    underlying: Decimal | None = None
    """Price of the underlying that was used."""


class Quote(NamedTuple):
    """The market of one contract as it stands, since this stream (or its last gap) began.

    A field is ``None`` until IB has sent it *on this subscription*: a number from an earlier
    subscription, or from before a gap, never shows (ib-async-traps B23).

    >>> quote = Quote(1, dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc),
    ...               bid=Decimal("5000.00"), bid_size=Decimal(3), ask=Decimal("5000.50"))
    >>> quote
    Quote(bid 5000.00 x 3, ask 5000.50 x -, last - x - at 14:30:00Z)
    >>> quote.mid, quote.spread, quote.last
    (Decimal('5000.25'), Decimal('0.50'), None)
    """

    con_id: int
    arrived: dt.datetime
    """When the newest part of it arrived."""
    data_type: DataType | None = None
    """Live, frozen or delayed; ``None`` until TWS has said so."""
    bid: Decimal | None = None
    bid_size: Decimal | None = None
    ask: Decimal | None = None
    ask_size: Decimal | None = None
    last: Decimal | None = None
    last_size: Decimal | None = None
    last_time: dt.datetime | None = None
    """The exchange's time of the last trade, the only exchange time IB gives with quotes."""
    volume: Decimal | None = None
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None
    """Of the session before, as IB sends it."""
    vwap: Decimal | None = None
    mark: Decimal | None = None
    halted: bool | None = None
    """``None`` also when IB says that it does not know (-1)."""
    bid_exchange: str | None = None
    ask_exchange: str | None = None
    last_exchange: str | None = None
    greeks: Greeks | None = None
    """Of IB's own model."""
    bid_greeks: Greeks | None = None
    ask_greeks: Greeks | None = None
    last_greeks: Greeks | None = None
    extra: Mapping[str, Decimal | str] = NOTHING
    """What was asked for with generic ticks, by name: ``shortable_shares``, ``open_interest``."""

    @property
    def mid(self) -> Decimal | None:
        """The midpoint, if both sides are there."""
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) / 2

    @property
    def spread(self) -> Decimal | None:
        """Ask less bid, if both sides are there."""
        if self.bid is None or self.ask is None:
            return None
        return self.ask - self.bid

    @property
    def market_price(self) -> Decimal | None:
        """The last trade if it lies within bid and ask, else the midpoint, else the last trade.

        ``None`` if there is neither: the close of an earlier session is not a market price.
        """
        mid = self.mid
        if mid is None or self.last is None:
            return self.last if mid is None else mid
        inside = self.bid is not None and self.ask is not None and self.bid <= self.last <= self.ask
        return self.last if inside else mid

    @property
    def is_delayed(self) -> bool:
        """Whether IB says that the numbers are 15 to 20 minutes old."""
        return self.data_type is not None and self.data_type.is_delayed

    def age(self, now: dt.datetime) -> dt.timedelta:
        """How long ago the newest part of it arrived."""
        return now - self.arrived

    def __repr__(self) -> str:
        sides = ", ".join(
            f"{name} {number(price)} x {number(size)}"
            for name, price, size in (
                ("bid", self.bid, self.bid_size),
                ("ask", self.ask, self.ask_size),
                ("last", self.last, self.last_size),
            )
        )
        kind = "" if self.data_type in {None, DataType.LIVE} else f", {_name(self.data_type)}"
        return f"Quote({sides}{kind} at {clock_time(self.arrived)})"

    def _repr_html_(self) -> str:
        rows = {**self._asdict(), "data_type": _name(self.data_type), **self.extra}
        del rows["extra"]
        return html_table("quote", rows)


def _name(data_type: DataType | None) -> str | None:
    return None if data_type is None else data_type.name.lower().replace("_", " ")
