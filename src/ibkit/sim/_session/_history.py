"""Historical data: bars once and kept up to date, ticks, head stamps, histograms (3.5)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, final

from ibkit.sim import _wire as wire
from ibkit.sim._market import Instrument, MarketBar
from ibkit.sim._session._contracts import find_one
from ibkit.sim._session._farms import HISTORY
from ibkit.sim._session._history_rules import (
    BAR_SECONDS,
    ELSEWHERE,
    Refused,
    check_bars,
    end_of,
    is_paced,
)
from ibkit.sim._session._history_ticks import answer_for, kind_of
from ibkit.sim._session._lines import admit
from ibkit.sim._session._order_terms import BadTime, parse_time, warn_without_zone
from ibkit.sim._session._pacing import PACING_TEXT
from ibkit.sim._session._texts import stamp, utc_stamp, zone

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session

NOTHING = Decimal(-1)
UPDATE_EVERY = dt.timedelta(seconds=5)
MOST_TICKS = 1000
FARM_DOWN_TEXT = "HMDS server disconnect occurred.  Attempting reconnection..."


def bars(session: Session, asked: wire.ReqHistoricalData, now: dt.datetime) -> None:
    """Answer with bars, and keep them up to date where asked."""
    req_id = asked.req_id
    try:
        check_bars(asked)
        end = end_of(asked.end_date_time, now, session.floor.scenario.zone)
    except Refused as refused:
        session.error(req_id, refused.code, refused.text)
        return
    warn_without_zone(session, req_id, asked.end_date_time)
    instrument = find_one(session, req_id, asked.contract, now)
    if instrument is None or not _paced(session, asked, instrument, now):
        return
    if session.floor.is_offline or session.floor.farms.is_down(HISTORY):
        session.refuse(req_id, 162, FARM_DOWN_TEXT)
        return
    if asked.what_to_show == "SCHEDULE":
        _send_schedule(session, asked, instrument, end)
        return
    if asked.keep_up_to_date and has_expired(instrument, now):
        session.refuse(req_id, 10180)
        return
    query = BarQuery(session, asked, instrument)
    session.floor.history.submit(session, req_id, lambda then: _send_bars(query, end, then), now)


def _send_bars(query: BarQuery, end: dt.datetime, now: dt.datetime) -> None:
    session, asked, instrument = query.session, query.asked, query.instrument
    if not asked.keep_up_to_date:
        query.answer(end)
    elif admit(session, "live_bars", asked.req_id, instrument) and query.answer(now):
        session.start("live_bars", asked.req_id, LiveBars(query, now), instrument)


def cancel_bars(session: Session, asked: wire.CancelHistoricalData, now: dt.datetime) -> None:
    """End live bars; TWS answers that with an error 162 which is none (3.5)."""
    if session.stop("live_bars", asked.req_id) or session.stop("history", asked.req_id):
        session.refuse(asked.req_id, 162, f"API historical data query cancelled: {asked.req_id}")
    else:
        session.refuse(asked.req_id, 366, asked.req_id)


def has_expired(instrument: Instrument, now: dt.datetime) -> bool:
    """Whether the last trading day of an instrument has passed where it trades."""
    last = instrument.last_trade
    return last is not None and last < now.astimezone(zone(instrument.zone)).date()


def _paced(
    session: Session, asked: wire.ReqHistoricalData, instrument: Instrument, now: dt.datetime
) -> bool:
    limits = session.floor.scenario.limits
    if not (limits.history_pacing and is_paced(asked.bar_size_setting)):
        return True
    identical = (instrument.con_id, *asked[2:])
    series = (instrument.con_id, asked.contract.exchange, asked.what_to_show)
    weight = 2 if asked.what_to_show == "BID_ASK" else 1
    if session.floor.pacing.admits(now, identical, series, weight):
        return True
    session.refuse(asked.req_id, 162, PACING_TEXT)
    return False


def _send_schedule(
    session: Session, asked: wire.ReqHistoricalData, instrument: Instrument, end: dt.datetime
) -> None:
    market = session.floor.market
    start = market.history_start(instrument, end, asked.duration_str, use_rth=asked.use_rth)
    place, expiry = zone(instrument.zone), market.hours.expiry(instrument)
    sessions = tuple(
        wire.HistoricalSession(
            f"{s.start.astimezone(place):%Y%m%d-%H:%M:%S}",
            f"{s.end.astimezone(place):%Y%m%d-%H:%M:%S}",
            f"{s.day:%Y%m%d}",
        )
        for s in market.schedule(instrument, start, end, use_rth=asked.use_rth)
        if expiry is None or s.start < expiry
    )
    first = sessions[0].start_date_time if sessions else ""
    last = sessions[-1].end_date_time if sessions else ""
    session.send(wire.HistoricalSchedule(asked.req_id, first, last, instrument.zone, sessions))


@final
class BarQuery:
    """One request for bars: fetches and words them."""

    def __init__(
        self, session: Session, asked: wire.ReqHistoricalData, instrument: Instrument
    ) -> None:
        self.session, self.asked, self.instrument = session, asked, instrument
        self.daily = BAR_SECONDS[asked.bar_size_setting] >= BAR_SECONDS["1 day"]

    def answer(self, end: dt.datetime) -> bool:
        """Send the bars up to *end*; say whether there was a request that can go on."""
        asked, market = self.asked, self.session.floor.market
        start = market.history_start(
            self.instrument, end, asked.duration_str, use_rth=asked.use_rth
        )
        found = [] if asked.what_to_show in ELSEWHERE else self.fetch(start, end)
        if not found and not asked.keep_up_to_date:
            where = f"{self.instrument.local_symbol}@{self.instrument.exchange}"
            what = asked.what_to_show.capitalize()
            text = f"HMDS query returned no data: {where} {what}"
            self.session.refuse(asked.req_id, 162, text)
            return False
        place = self.session.floor.scenario.zone
        bars = tuple(self.word(bar) for bar in found)
        self.session.send(
            wire.HistoricalData(asked.req_id, stamp(start, place), stamp(end, place), bars)
        )
        return True

    def fetch(self, start: dt.datetime, end: dt.datetime) -> list[MarketBar]:
        """The bars that begin in a span."""
        what = self.asked.what_to_show
        return self.session.floor.market.bars(
            self.instrument,
            start,
            end,
            self.asked.bar_size_setting,
            "TRADES" if what in ("ADJUSTED_LAST", "AGGTRADES") else what,
            use_rth=self.asked.use_rth,
        )

    def word(self, bar: MarketBar) -> wire.Bar:
        """A bar as the wire writes it."""
        return wire.Bar(
            date=self._date(bar),
            open=bar.open,
            high=bar.high,
            low=bar.low,
            close=bar.close,
            volume=NOTHING if bar.volume is None else bar.volume,
            wap=NOTHING if bar.wap is None else bar.wap,
            bar_count=-1 if bar.trades is None else bar.trades,
        )

    def _date(self, bar: MarketBar) -> str:
        if self.daily:
            return f"{bar.day:%Y%m%d}"
        if self.asked.format_date == 2:
            return str(int(bar.time.timestamp()))
        return stamp(bar.time, self.instrument.zone)


@final
class LiveBars:
    """Repeats the unfinished bar every five seconds, and tells each new one."""

    def __init__(self, query: BarQuery, now: dt.datetime) -> None:
        self._query = query
        self._last: MarketBar | None = None
        self._since = now - dt.timedelta(seconds=BAR_SECONDS[query.asked.bar_size_setting])
        timers = query.session.floor.timers
        self._timer = timers.every(UPDATE_EVERY, now, self._update)

    def stop(self) -> None:
        """Send nothing more."""
        self._timer.cancel()

    def _update(self, now: dt.datetime) -> None:
        for bar in self._query.fetch(self._since, now):
            if bar != self._last and (self._last is None or bar.time >= self._last.time):
                self._last = bar
                self._since = bar.time
                message = wire.HistoricalDataUpdate(self._query.asked.req_id, self._query.word(bar))
                self._query.session.send(message)


# -- ticks, head stamps, histograms


def ticks(session: Session, asked: wire.ReqHistoricalTicks, now: dt.datetime) -> None:
    """Up to 1000 ticks from a start, or up to an end: exactly one of the two."""
    req_id, place = asked.req_id, session.floor.scenario.zone
    try:
        start = parse_time(asked.start_date_time, place)
        end = parse_time(asked.end_date_time, place)
        warn_without_zone(session, req_id, asked.start_date_time, asked.end_date_time)
    except BadTime as error:
        session.refuse(req_id, 10187, f"Invalid time {error}")
        return
    if (start is None) == (end is None) or asked.number_of_ticks <= 0:
        session.refuse(req_id, 10187, "Specify exactly two of start, end and number of ticks")
        return
    what = kind_of(asked.what_to_show)
    if what is None:
        session.refuse(req_id, 10187, f"Invalid what to show {asked.what_to_show}")
        return
    instrument = find_one(session, req_id, asked.contract, now)
    if instrument is None:
        return
    market = session.floor.market

    def answer(_then: dt.datetime) -> None:
        found = market.historical_ticks(
            instrument,
            start=start,
            end=end,
            count=min(asked.number_of_ticks, MOST_TICKS),
            what=what,
            use_rth=asked.use_rth,
        )
        session.send(answer_for(req_id, what, [tick for tick in found if tick.time <= now]))

    session.floor.history.submit(session, req_id, answer, now)


def head_timestamp(session: Session, asked: wire.ReqHeadTimeStamp, now: dt.datetime) -> None:
    """The first moment of history."""
    instrument = find_one(session, asked.req_id, asked.contract, now)
    if instrument is None:
        return
    head = session.floor.market.head_timestamp(
        instrument, asked.what_to_show, use_rth=asked.use_rth
    )
    if head is None:
        session.refuse(asked.req_id, 162, "No head time stamp")
        return
    text = str(int(head.timestamp())) if asked.format_date == 2 else utc_stamp(head)
    session.send(wire.HeadTimestamp(asked.req_id, text))


def histogram(session: Session, asked: wire.ReqHistogramData, now: dt.datetime) -> None:
    """Volume by price over a period such as ``3 days``."""
    instrument = find_one(session, asked.req_id, asked.contract, now)
    if instrument is None:
        return
    words = asked.time_period.split()
    units = {"d": "D", "w": "W", "m": "M", "y": "Y"}
    if len(words) != 2 or not words[0].isdigit() or words[1][:1].lower() not in units:
        session.refuse(asked.req_id, 10188, f"Invalid period {asked.time_period}")
        return
    duration = f"{words[0]} {units[words[1][0].lower()]}"
    market = session.floor.market
    start = market.history_start(instrument, now, duration, use_rth=asked.use_rth)
    rows = market.histogram(instrument, start, now, use_rth=asked.use_rth)
    entries = tuple(wire.HistogramEntry(row.price, int(row.size)) for row in rows)
    session.send(wire.HistogramData(asked.req_id, entries))
