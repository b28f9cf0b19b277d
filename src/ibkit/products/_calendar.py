"""Business days: the days by which exchanges count their last-trade and notice dates.

They are not the days on which something trades. A US futures exchange is open on Presidents'
Day, but has no settlement then, and its rules do not count the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

from attrs import field, frozen

from ._errors import CalendarLimit, MissingExtra
from ._months import ContractMonth

_DAY = dt.timedelta(days=1)
_LONGEST_CLOSURE = 31
"""Days. The Lunar New Year closes Shanghai for eleven; beyond a month the calendar is broken."""


class Calendar(Protocol):
    """Anything that knows its business days. One method, so that yours is quickly written."""

    def is_business_day(self, day: dt.date, /) -> bool:
        """Whether the exchange counts this day."""
        ...


@frozen
class Weekdays:
    """Monday to Friday, no holidays.

    >>> Weekdays().is_business_day(dt.date(2026, 12, 25))
    True
    """

    def is_business_day(self, day: dt.date, /) -> bool:
        """Whether it is Monday to Friday."""
        return day.weekday() < 5


@frozen
class HolidayCalendar:
    """Weekdays without the holidays of one of `CALENDARS`, from the tables of ``holidays``.

    >>> us = HolidayCalendar("US")
    >>> us.is_business_day(dt.date(2026, 6, 19))
    False
    """

    name: str = field()

    @name.validator
    def _is_known(self, _: object, name: str) -> None:
        if name not in CALENDARS:
            raise CalendarLimit(name, f"not one of {', '.join(CALENDARS)}")

    def is_business_day(self, day: dt.date, /) -> bool:
        """Whether it is a weekday and no holiday."""
        return day.weekday() < 5 and day not in _closed(self.name, day.year)


@frozen
class _Source:
    """Which tables of ``holidays`` make up a calendar, and what they lack or have too many."""

    markets: tuple[str, ...] = ()
    """Codes of financial calendars; a day closed in any of them is closed."""
    country: str = ""
    categories: tuple[str, ...] = ("public",)
    closed: tuple[tuple[int, int], ...] = ()
    """Month and day, every year."""
    open: frozenset[dt.date] = frozenset()
    year_end_from: int = 9999
    """The first year whose last weekday is closed."""


_NEW_YORK_ONLY = frozenset({dt.date(2018, 12, 5), dt.date(2025, 1, 9)})
"""Mourning for presidents Bush and Carter: share and rate markets closed, the others settled."""
_XMAS_AND_NEW_YEARS_EVE = ((12, 24), (12, 31))

CALENDARS = {
    "US": _Source(("XNYS",), open=_NEW_YORK_ONLY),
    "US_BANKS": _Source(("XNYS",), country="US", open=_NEW_YORK_ONLY),
    "TARGET": _Source(("XECB",)),
    "EUREX": _Source(("XECB",), closed=_XMAS_AND_NEW_YEARS_EVE),
    "MILAN": _Source(("XECB",), closed=((8, 15), *_XMAS_AND_NEW_YEARS_EVE)),
    "STOCKHOLM": _Source(country="SE", categories=("public", "de_facto")),
    "LONDON": _Source(("XLON",)),
    "TORONTO": _Source(("XTSE",)),
    "JAPAN": _Source(("XJPX",)),
    "HONG_KONG": _Source(("XHKG",)),
    "CHINA": _Source(("XSHG",)),
    "SINGAPORE": _Source(("XSES",)),
    "KOREA": _Source(("XKRX",)),
    "SYDNEY": _Source(("XASX",)),
    "BRAZIL_AND_US": _Source(("XNYS", "BVMF"), open=_NEW_YORK_ONLY, year_end_from=2018),
}
"""The calendars that come with ibkit, by name.

US: the New York Stock Exchange's holidays, which CME, Cboe and ICE Futures US share as days
without settlement. US_BANKS adds the federal holidays (Columbus Day), which CME's currency
futures respect. TARGET: the euro's payment days, which are those of Euronext and BME too. EUREX
adds the last days of the year; unlike Xetra it has always traded on Whit Monday and 3 October.
STOCKHOLM is Sweden's public and customary holidays. Holidays of years not yet announced are
the forecast of the ``holidays`` package.
"""


@lru_cache(maxsize=2048)
def _closed(name: str, year: int) -> frozenset[dt.date]:
    import holidays

    source = CALENDARS[name]
    days = {dt.date(year, month, day) for month, day in source.closed}
    if year >= source.year_end_from:
        days.add(on_or_before(dt.date(year, 12, 31), Weekdays()))
    for market in source.markets:
        days.update(holidays.financial_holidays(market, years=year))
    if source.country:
        days.update(
            holidays.country_holidays(source.country, years=year, categories=source.categories)
        )
    return frozenset(days - source.open)


@frozen
class _Sessions:
    name: str
    start: dt.date
    end: dt.date
    days: frozenset[dt.date] = field(repr=False)

    def is_business_day(self, day: dt.date, /) -> bool:
        if not self.start <= day <= self.end:
            raise CalendarLimit(self.name, f"{day} is outside {self.start} to {self.end}")
        return day in self.days


def sessions_calendar(code: str, start: dt.date, end: dt.date) -> Calendar:
    """Take the sessions of the ``exchange_calendars`` package as business days.

    Mind that its futures calendars (``CMES``) count days on which something trades, and so call
    Presidents' Day a session; for last-trade rules take ``XNYS`` or ``XCBF``.

    Args:
        code: its name of the calendar, such as ``XCBF``.
        start: first day to know.
        end: last day to know. A question outside raises `CalendarLimit`.

    Raises:
        MissingExtra: install ``ibkit[calendars]``.
        CalendarLimit: no such calendar, or it does not reach that far.

    >>> cboe = sessions_calendar("XCBF", dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    >>> cboe.is_business_day(dt.date(2026, 6, 19))
    False
    """
    try:
        import exchange_calendars
    except ImportError:
        raise MissingExtra("exchange_calendars", "calendars") from None
    try:
        sessions = exchange_calendars.get_calendar(code, start=start, end=end).sessions
    except (ValueError, exchange_calendars.errors.InvalidCalendarName) as error:
        raise CalendarLimit(code, str(error)) from error
    return _Sessions(code, start, end, frozenset(stamp.date() for stamp in sessions))


def _nearest(day: dt.date, step: dt.timedelta, calendar: Calendar) -> dt.date:
    for _ in range(_LONGEST_CLOSURE):
        if calendar.is_business_day(day):
            return day
        day += step
    raise CalendarLimit(repr(calendar), f"no business day within a month of {day}")


def on_or_before(day: dt.date, calendar: Calendar) -> dt.date:
    """The day itself if it is a business day, else the last one before it.

    >>> on_or_before(dt.date(2026, 6, 19), HolidayCalendar("US"))
    datetime.date(2026, 6, 18)
    """
    return _nearest(day, -_DAY, calendar)


def on_or_after(day: dt.date, calendar: Calendar) -> dt.date:
    """The day itself if it is a business day, else the next one."""
    return _nearest(day, _DAY, calendar)


def add_business_days(day: dt.date, count: int, calendar: Calendar) -> dt.date:
    """Count business days forward, or back with a negative number.

    `day` itself need not be one and is never counted; a count of 0 returns it unchanged.

    >>> add_business_days(dt.date(2026, 6, 22), -2, HolidayCalendar("US"))
    datetime.date(2026, 6, 17)
    """
    step = _DAY if count > 0 else -_DAY
    for _ in range(abs(count)):
        day = _nearest(day + step, step, calendar)
    return day


def business_days(start: dt.date, end: dt.date, calendar: Calendar) -> Iterator[dt.date]:
    """Every business day from `start` to `end`, both included.

    >>> len(list(business_days(dt.date(2026, 6, 15), dt.date(2026, 6, 21), HolidayCalendar("US"))))
    4
    """
    for offset in range((end - start).days + 1):
        day = start + offset * _DAY
        if calendar.is_business_day(day):
            yield day


def business_day_of_month(month: ContractMonth, nth: int, calendar: Calendar) -> dt.date:
    """The nth business day of a month; -1 is the last, -3 the third last.

    >>> business_day_of_month(ContractMonth(2026, 12), -3, HolidayCalendar("US"))
    datetime.date(2026, 12, 29)
    """
    if nth > 0:
        return add_business_days(month.first_day - _DAY, nth, calendar)
    return add_business_days(month.plus(1).first_day, nth, calendar)
