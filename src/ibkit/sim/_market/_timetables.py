"""The trading hours of markets, as their exchanges publish them.

A row is: exchange (with ``/`` an asset class or a product), the day's sessions, and regular
hours. A session that opens later than it closes opened the evening before, or where it follows the
trading day (`NIGHT_FOLLOWS`) the evening of the one before. Regular hours of
CME's index futures, of the VIX index and of stocks are those IB shows (gateway-behaviour 2.2,
captured ContractDetails); the others are our choice of the busy hours. Early closes are not kept.
"""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from attrs import frozen

from ibkit.products import EXCHANGES, PRODUCTS, Calendar, HolidayCalendar, Weekdays
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._path import moment_of

_DAY = dt.timedelta(days=1)

Spans = tuple[tuple[int, int], ...]
"""Stretches of the tape's time, in order."""

_ROWS = """
CME 17:00-16:00 | 08:30-16:00
CME/fx 17:00-16:00 | 07:20-14:00
CME/rates 17:00-16:00 | 07:20-14:00
CME/livestock 08:30-13:05 | 08:30-13:05
CME/LBR 09:00-15:05 | 09:00-15:05
CBOT 17:00-16:00 | 08:30-16:00
CBOT/rates 17:00-16:00 | 07:20-14:00
CBOT/grains 19:00-07:45 08:30-13:20 | 08:30-13:20
NYMEX 18:00-17:00 | 09:00-14:30
NYMEX/metals 18:00-17:00 | 08:20-13:05
COMEX 18:00-17:00 | 08:20-13:30
CFE 17:00-16:00 | 08:30-15:00
NYBOT 20:00-17:00 | 08:00-15:00
NYBOT/KC 04:15-13:30 | 04:15-13:30
NYBOT/CC 04:45-13:30 | 04:45-13:30
NYBOT/SB 03:30-13:00 | 03:30-13:00
NYBOT/CT 21:00-14:20 | 09:00-14:20
NYBOT/OJ 08:00-14:00 | 08:00-14:00
NYBOT/RS 20:00-14:15 | 08:30-14:15
NYSELIFFE 20:00-18:00 | 09:30-16:15
EUREX 01:10-22:00 | 09:00-17:30
EUREX/rates 01:10-22:00 | 08:00-19:00
MONEP 08:00-22:00 | 09:00-17:30
FTA 08:00-22:00 | 09:00-17:30
MATIF 10:45-18:30 | 10:45-18:30
MEFFRV 08:00-20:00 | 09:00-17:30
IDEM 08:00-22:00 | 09:00-17:40
OMS 09:00-17:25 | 09:00-17:25
ICEEU 01:00-21:00 | 08:00-17:30
ICEEU/R 08:00-18:00 | 08:00-18:00
ICEEUSOFT 09:30-16:55 | 09:30-16:55
IPE 01:00-23:00 | 07:00-19:30
ENDEX 08:00-18:00 | 08:00-18:00
CDE 20:00-16:30 | 09:30-16:15
CDE/rates 20:00-16:30 | 06:00-16:30
OSE.JPN 17:00-06:00 08:45-15:45 | 08:45-15:45
SGX 14:55-05:15 07:30-14:30 | 07:30-14:30
HKFE 17:15-03:00 09:15-12:00 13:00-16:30 | 09:15-12:00 13:00-16:30
KSE 08:45-15:45 | 08:45-15:45
SNFE 17:10-07:00 09:50-16:30 | 09:50-16:30
STK 04:00-20:00 | 09:30-16:00
MEXI 08:30-15:00 | 08:30-15:00
CASH 17:15-17:00 | 17:15-17:00
OPT 09:30-16:00 | 09:30-16:00
CBOE 08:30-15:00 | 08:30-15:00
CBOE/VIX 02:15-08:15 08:30-16:00 | 02:15-08:15 08:30-16:00
NASDAQ 09:30-16:00 | 09:30-16:00
"""

NIGHT_FOLLOWS = frozenset({"OSE.JPN", "SGX", "HKFE", "SNFE"})
"""Exchanges that open again in the evening of a trading day, Friday's too, and count what is
traded there to the next one (HKEX: T+1 session, SGX: T+1, JPX and ASX: night session)."""

_PLACES = {
    "STK": ("US/Eastern", "US"),
    "OPT": ("US/Eastern", "US"),
    "NASDAQ": ("US/Eastern", "US"),
    "CBOE": ("US/Central", "US"),
    "MEXI": ("America/Mexico_City", "US"),
    "CASH": ("US/Eastern", ""),
}
"""Zone and calendar of what is not an exchange of futures."""


@frozen
class Timetable:
    """The sessions of every business day, in minutes from its midnight in `zone`."""

    zone: str
    calendar: Calendar
    trading: tuple[tuple[int, int], ...]
    regular: tuple[tuple[int, int], ...]
    night_follows: bool = False
    """What opened in an evening opened in that of the last business day."""

    def sessions(self, day: dt.date, *, regular: bool) -> Spans:
        """Return the sessions of a trading day, none if the market is closed."""
        return _sessions(self, day, regular)


@lru_cache(maxsize=8192)
def _sessions(table: Timetable, day: dt.date, regular: bool) -> Spans:  # noqa: FBT001  # a cache key
    if not table.calendar.is_business_day(day):
        return ()
    hours = table.regular if regular else table.trading
    return tuple(
        (_moment(table, midnight, start), _moment(table, midnight, end))
        for start, end in hours
        for midnight in (_midnight(table, day, start),)
    )


def _midnight(table: Timetable, day: dt.date, start: int) -> dt.date:
    """Return the date from whose midnight a session is counted."""
    if start >= 0 or not table.night_follows:
        return day
    before = day - _DAY
    while not table.calendar.is_business_day(before):
        before -= _DAY
    return before + _DAY


def _moment(table: Timetable, day: dt.date, minutes: int) -> int:
    days, minute = divmod(minutes, 24 * 60)
    time = dt.time(minute // 60, minute % 60)
    local = dt.datetime.combine(day + dt.timedelta(days=days), time, ZoneInfo(table.zone))
    return moment_of(local)


def _hours(text: str) -> tuple[tuple[int, int], ...]:
    found = []
    for part in text.split():
        start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in part.strip().split("-"))
        found.append((start if start < end else start - 24 * 60, end))
    return tuple(found)


@cache
def _rows() -> dict[str, tuple[str, str]]:
    rows = {}
    for row in _ROWS.strip().splitlines():
        name, hours = row.split(" ", 1)
        trading, _, regular = hours.partition("|")
        rows[name] = trading, regular
    return rows


@lru_cache(maxsize=512)
def _timetable(exchange: str, *kinds: str) -> Timetable:
    rows = _rows()
    trading, regular = next(
        rows[name] for name in (*(f"{exchange}/{kind}" for kind in kinds), exchange) if name in rows
    )
    if exchange in EXCHANGES:
        zone, calendar = EXCHANGES[exchange].ib_zone, EXCHANGES[exchange].calendar
    else:
        zone, calendar = _PLACES[exchange]
    days: Calendar = HolidayCalendar(calendar) if calendar else Weekdays()
    follows = exchange in NIGHT_FOLLOWS
    return Timetable(zone, days, _hours(trading), _hours(regular), follows)


def timetable(instrument: Instrument) -> Timetable:
    """Return the timetable of an instrument that is not a combo."""
    kind, exchange = instrument.sec_type, instrument.primary_exchange or instrument.exchange
    if kind == "FUT" or (kind == "IND" and exchange in EXCHANGES):
        return _timetable(exchange, *_product_kinds(exchange, instrument.symbol))
    if kind == "IND":
        return _timetable(exchange, instrument.symbol)
    if kind == "OPT" and instrument.under_sec_type == "IND":
        return _timetable("CBOE")
    return _timetable("MEXI" if exchange == "MEXI" else kind)


def _product_kinds(exchange: str, symbol: str) -> tuple[str, ...]:
    for product in PRODUCTS.with_symbol(symbol):
        if product.exchange == exchange:
            return product.root, product.asset_class
    return ()
