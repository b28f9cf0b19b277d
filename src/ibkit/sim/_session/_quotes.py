"""Level-1 market data: reqMktData and what follows from it (3.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, final

from ibkit.sim import _wire as wire
from ibkit.sim._market import DayFigures, Instrument, MarketTick, Quote, Trade
from ibkit.sim._session._contracts import find_one
from ibkit.sim._session._generic_ticks import GENERIC, PER_TRADE, Picture, is_known
from ibkit.sim._session._lines import admit
from ibkit.sim._session._option_ticks import option_ticks

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session

ZERO = Decimal(0)
NOTHING = Decimal(-1)
CAN_AUTO_EXECUTE = 1
BBO_EXCHANGES = {"STK": "9c0001", "OPT": "9c0002", "FUT": "a60001"}


class TickIds(NamedTuple):
    """The tick types of one kind of data."""

    bid: int
    bid_size: int
    ask: int
    ask_size: int
    last: int
    last_size: int
    high: int
    low: int
    volume: int
    close: int
    open: int
    last_time: int


LIVE = TickIds(1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 14, 45)
DELAYED = TickIds(66, 69, 67, 70, 68, 71, 72, 73, 74, 75, 76, 88)


def request(session: Session, asked: wire.ReqMktData, now: dt.datetime) -> None:
    """Open a line, or take a snapshot."""
    req_id = asked.req_id
    generics = [word.strip() for word in asked.generic_tick_list.split(",") if word.strip()]
    if asked.snapshot and generics:
        session.refuse(
            req_id,
            321,
            "bX",
            "Snapshot market data subscription is not applicable to generic ticks",
        )
        return
    if unknown := [word for word in generics if not is_known(word)]:
        session.refuse(req_id, 321, "bX", f"Incorrect generic tick list of {','.join(unknown)}.")
        return
    instrument = find_one(session, req_id, asked.contract, now)
    if instrument is None or not admit(session, "quotes", req_id, instrument):
        return
    ids = _data_kind(session, req_id, instrument)
    if ids is None:
        return
    line = QuoteLine(session, req_id, instrument, ids, generics)
    line.begin(now)
    if asked.snapshot:
        session.send(wire.TickSnapshotEnd(req_id))
        return
    session.start("quotes", req_id, line, instrument)
    session.floor.watch(instrument.con_id, line, now)


def cancel(session: Session, asked: wire.CancelMktData, now: dt.datetime) -> None:
    """Close a line; 300 if there is none."""
    if not session.stop("quotes", asked.req_id):
        session.refuse(asked.req_id, 300, asked.req_id)


def market_data_type(session: Session, asked: wire.ReqMarketDataType, now: dt.datetime) -> None:
    """Remember which kind of data the client accepts from now on."""
    session.market_data_type = asked.market_data_type


def _data_kind(session: Session, req_id: int, instrument: Instrument) -> TickIds | None:
    """Live or delayed, by the user's rights; ``None`` when refused."""
    rights = session.floor.scenario.market_data
    if rights == "competing":
        session.refuse(req_id, 10197)
        return None
    wants_delayed = session.market_data_type in (3, 4)
    if rights == "live":
        session.send(wire.MarketDataType(req_id, 2 if session.market_data_type == 2 else 1))
        session.send(_params(req_id, instrument, 3))
        return LIVE
    if rights == "delayed" and wants_delayed:
        session.refuse(req_id, 10167)
        session.send(wire.MarketDataType(req_id, 3))
        session.send(_params(req_id, instrument, 0))
        return DELAYED
    if rights == "delayed":
        session.send(_params(req_id, instrument, 0))
        where = f"{instrument.symbol} {instrument.exchange}/TOP/ALL"
        session.refuse(req_id, 10089, where)
    else:
        session.refuse(req_id, 10168 if wants_delayed else 354)
    return None


def _params(req_id: int, instrument: Instrument, permissions: int) -> wire.TickReqParams:
    exchange = BBO_EXCHANGES.get(instrument.sec_type, "") if permissions else ""
    tick = instrument.min_tick / instrument.price_magnifier
    return wire.TickReqParams(req_id, tick, exchange, permissions)


@final
class QuoteLine:
    """One line of one client: sends what has changed since it last spoke."""

    def __init__(
        self,
        session: Session,
        req_id: int,
        instrument: Instrument,
        ids: TickIds,
        generics: Sequence[str],
    ) -> None:
        self._session, self._req_id, self._instrument = session, req_id, instrument
        self._ids = ids
        self._default = "mdoff" not in generics
        self._once = [GENERIC[word] for word in generics if word in GENERIC]
        self._per_trade = [GENERIC[word] for word in generics if word in PER_TRADE]
        self._quote: Quote | None = None
        self._volume = ZERO
        self._high: Decimal | None = None
        self._low: Decimal | None = None

    def stop(self) -> None:
        """Send nothing more."""
        self._session.floor.unwatch(self._instrument.con_id, self)

    def begin(self, now: dt.datetime) -> None:
        """Send the picture as it is, in the captured order."""
        market, con_id = self._session.floor.market, self._instrument.con_id
        quote = market.quote_at(con_id, now)
        last, day = market.last_at(con_id, now), market.day_at(con_id, now)
        self._begin_day(day, now)
        if self._default:
            self._send_day(last, day)
            self._send_quote(quote)
            self._send_exchanges()
        picture = Picture(self._req_id, self._instrument, quote, last, day, now)
        for writers in self._once:
            for write in writers:
                self._send_all(write(picture))
        self._send_all(option_ticks(self._session.floor, self._req_id, self._instrument, now))

    def _begin_day(self, day: DayFigures, now: dt.datetime) -> None:
        self._volume, self._high, self._low = day.volume, day.high, day.low
        hours = self._session.floor.market.hours
        self._day_end = hours.trading_day(self._instrument, now).end

    def on_ticks(self, ticks: Sequence[MarketTick], now: dt.datetime) -> None:
        """Send the latest quote and the trades."""
        quote: Quote | None = None
        trades: list[Trade] = []
        for tick in ticks:
            if isinstance(tick, Quote):
                quote = tick
            else:
                trades.append(tick)
        if trades:
            self._send_trades(trades, now)
        if quote is not None and self._default:
            self._send_quote(quote)
        if quote is not None and self._instrument.sec_type == "OPT":
            self._send_all(option_ticks(self._session.floor, self._req_id, self._instrument, now))

    def _send_all(self, messages: Sequence[wire.Answer]) -> None:
        for message in messages:
            self._session.send(message)

    def _send_day(self, last: Trade | None, day: DayFigures) -> None:
        send, req_id, ids = self._session.send, self._req_id, self._ids
        if last is not None:
            send(wire.TickString(req_id, ids.last_time, str(int(last.time.timestamp()))))
            send(wire.TickPrice(req_id, ids.last, last.price, last.size))
            send(wire.TickSize(req_id, ids.last_size, last.size))
            send(wire.TickSize(req_id, ids.volume, day.volume))
        for tick, price in (
            (ids.high, day.high),
            (ids.low, day.low),
            (ids.close, day.previous_close),
            (ids.open, day.open),
        ):
            if price is not None:
                send(wire.TickPrice(req_id, tick, price, ZERO))

    def _send_quote(self, quote: Quote) -> None:
        old, self._quote = self._quote, quote
        ids = self._ids
        old_bid, old_bid_size = (old.bid, old.bid_size) if old else (None, None)
        old_ask, old_ask_size = (old.ask, old.ask_size) if old else (None, None)
        self._send_side(ids.bid, ids.bid_size, quote.bid, quote.bid_size, old_bid, old_bid_size)
        self._send_side(ids.ask, ids.ask_size, quote.ask, quote.ask_size, old_ask, old_ask_size)

    def _send_side(
        self,
        price_id: int,
        size_id: int,
        price: Decimal | None,
        size: Decimal,
        old_price: Decimal | None,
        old_size: Decimal | None,
    ) -> None:
        if old_size is not None and price == old_price:
            if size != old_size:
                self._session.send(wire.TickSize(self._req_id, size_id, size))
            return
        if price is None:
            self._session.send(wire.TickPrice(self._req_id, price_id, NOTHING, ZERO))
            return
        self._session.send(wire.TickPrice(self._req_id, price_id, price, size, CAN_AUTO_EXECUTE))
        self._session.send(wire.TickSize(self._req_id, size_id, size))

    def _send_exchanges(self) -> None:
        if self._instrument.sec_type == "STK":
            self._session.send(wire.TickString(self._req_id, 32, "PQZ"))
            self._session.send(wire.TickString(self._req_id, 33, "PQZ"))

    def _send_trades(self, trades: Sequence[Trade], now: dt.datetime) -> None:
        send, req_id, ids = self._session.send, self._req_id, self._ids
        last = trades[-1]
        if last.time >= self._day_end:
            day = self._session.floor.market.day_at(self._instrument.con_id, now)
            self._begin_day(day, now)
            self._send_day(last, day)
        else:
            self._volume += sum((trade.size for trade in trades), ZERO)
        if self._default:
            send(wire.TickString(req_id, ids.last_time, str(int(last.time.timestamp()))))
            send(wire.TickPrice(req_id, ids.last, last.price, last.size))
            send(wire.TickSize(req_id, ids.last_size, last.size))
            send(wire.TickSize(req_id, ids.volume, self._volume))
            self._send_extremes(trades)
        if self._per_trade:
            self._send_generic(trades, now)

    def _send_extremes(self, trades: Sequence[Trade]) -> None:
        high, low = max(t.price for t in trades), min(t.price for t in trades)
        if self._high is None or high > self._high:
            self._high = high
            self._session.send(wire.TickPrice(self._req_id, self._ids.high, high, ZERO))
        if self._low is None or low < self._low:
            self._low = low
            self._session.send(wire.TickPrice(self._req_id, self._ids.low, low, ZERO))

    def _send_generic(self, trades: Sequence[Trade], now: dt.datetime) -> None:
        market, con_id = self._session.floor.market, self._instrument.con_id
        quote = self._quote or market.quote_at(con_id, now)
        day = market.day_at(con_id, now)
        for trade in trades:
            picture = Picture(self._req_id, self._instrument, quote, trade, day, now)
            for writers in self._per_trade:
                for write in writers:
                    self._send_all(write(picture))
