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


_new = tuple.__new__
"""Makes a message in half the time of a call: this runs several times a tick."""

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
        self._has_greeks = instrument.sec_type == "OPT"
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
        out: list[wire.Answer] = []
        if self._default:
            self._add_day(out, last, day)
            self._add_quote(out, quote)
            self._add_exchanges(out)
        picture = Picture(self._req_id, self._instrument, quote, last, day, now)
        for writers in self._once:
            for write in writers:
                out += write(picture)
        out += option_ticks(self._session.floor, self._req_id, self._instrument, now)
        self._session.send_all(out)

    def _begin_day(self, day: DayFigures, now: dt.datetime) -> None:
        self._volume, self._high, self._low = day.volume, day.high, day.low
        hours = self._session.floor.market.hours
        self._day_end = hours.trading_day(self._instrument, now).end

    def on_ticks(self, ticks: Sequence[MarketTick], now: dt.datetime) -> None:
        """Send the latest quote and the trades."""
        out: list[wire.Answer] = []
        quote: Quote | None = None
        trades: list[Trade] = []
        for tick in ticks:
            if isinstance(tick, Quote):
                quote = tick
            else:
                trades.append(tick)
        if trades:
            self._add_trades(out, trades, now)
        if quote is not None:
            if self._default:
                self._add_quote(out, quote)
            if self._has_greeks:
                out += option_ticks(self._session.floor, self._req_id, self._instrument, now)
        self._session.send_all(out)

    def _add_day(self, out: list[wire.Answer], last: Trade | None, day: DayFigures) -> None:
        req_id, ids = self._req_id, self._ids
        if last is not None:
            self._add_last(out, last, day.volume)
        for tick, price in (
            (ids.high, day.high),
            (ids.low, day.low),
            (ids.close, day.previous_close),
            (ids.open, day.open),
        ):
            if price is not None:
                out.append(wire.TickPrice(req_id, tick, price, ZERO))

    def _add_last(self, out: list[wire.Answer], last: Trade, volume: Decimal) -> None:
        req_id, ids, size = self._req_id, self._ids, last.size
        out += (
            _new(wire.TickString, (req_id, ids.last_time, str(int(last.time.timestamp())))),
            _new(wire.TickPrice, (req_id, ids.last, last.price, size, 0)),
            _new(wire.TickSize, (req_id, ids.last_size, size)),
            _new(wire.TickSize, (req_id, ids.volume, volume)),
        )

    def _add_quote(self, out: list[wire.Answer], quote: Quote) -> None:
        old, self._quote = self._quote, quote
        ids, is_first = self._ids, old is None
        _, _, old_bid, old_bid_size, old_ask, old_ask_size = old or quote
        if is_first or quote.bid != old_bid:
            self._add_side(out, ids.bid, ids.bid_size, quote.bid, quote.bid_size)
        elif quote.bid_size != old_bid_size:
            out.append(_new(wire.TickSize, (self._req_id, ids.bid_size, quote.bid_size)))
        if is_first or quote.ask != old_ask:
            self._add_side(out, ids.ask, ids.ask_size, quote.ask, quote.ask_size)
        elif quote.ask_size != old_ask_size:
            out.append(_new(wire.TickSize, (self._req_id, ids.ask_size, quote.ask_size)))

    def _add_side(
        self,
        out: list[wire.Answer],
        price_id: int,
        size_id: int,
        price: Decimal | None,
        size: Decimal,
    ) -> None:
        if price is None:
            out.append(wire.TickPrice(self._req_id, price_id, NOTHING, ZERO))
            return
        out += (
            _new(wire.TickPrice, (self._req_id, price_id, price, size, CAN_AUTO_EXECUTE)),
            _new(wire.TickSize, (self._req_id, size_id, size)),
        )

    def _add_exchanges(self, out: list[wire.Answer]) -> None:
        if self._instrument.sec_type == "STK":
            out += (
                wire.TickString(self._req_id, 32, "PQZ"),
                wire.TickString(self._req_id, 33, "PQZ"),
            )

    def _add_trades(
        self, out: list[wire.Answer], trades: Sequence[Trade], now: dt.datetime
    ) -> None:
        last = trades[-1]
        if last.time >= self._day_end:
            day = self._session.floor.market.day_at(self._instrument.con_id, now)
            self._begin_day(day, now)
            self._add_day(out, last, day)
        else:
            self._volume += sum([trade.size for trade in trades], ZERO)
        if self._default:
            self._add_last(out, last, self._volume)
            self._add_extremes(out, trades)
        if self._per_trade:
            self._add_generic(out, trades, now)

    def _add_extremes(self, out: list[wire.Answer], trades: Sequence[Trade]) -> None:
        prices = [trade.price for trade in trades]
        high, low = max(prices), min(prices)
        if self._high is None or high > self._high:
            self._high = high
            out.append(wire.TickPrice(self._req_id, self._ids.high, high, ZERO))
        if self._low is None or low < self._low:
            self._low = low
            out.append(wire.TickPrice(self._req_id, self._ids.low, low, ZERO))

    def _add_generic(
        self, out: list[wire.Answer], trades: Sequence[Trade], now: dt.datetime
    ) -> None:
        market, con_id = self._session.floor.market, self._instrument.con_id
        quote = self._quote or market.quote_at(con_id, now)
        day = market.day_at(con_id, now)
        for trade in trades:
            picture = Picture(self._req_id, self._instrument, quote, trade, day, now)
            for writers in self._per_trade:
                for write in writers:
                    out += write(picture)
