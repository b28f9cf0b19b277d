"""Rules that turn a contract month into a date: small values, put together by `_phrases`.

Every rule has one method, ``on(month, calendar)``. Rules that name a day (`DayOfMonth`,
`NthWeekday`) may hit a holiday; `OnOrBefore` and `OnOrAfter` move it, and `Before` counts
business days from it without counting the day itself.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from attrs import frozen

from ._calendar import (
    Calendar,
    HolidayCalendar,
    add_business_days,
    business_day_of_month,
    on_or_after,
    on_or_before,
)
from ._months import ContractMonth

WEDNESDAY, THURSDAY, FRIDAY, MONDAY = 2, 3, 4, 0
_WEEK = dt.timedelta(days=7)
_FEBRUARY, _NOVEMBER = 2, 11


class Rule(Protocol):
    """How a date of a contract is found."""

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        """The date, for the contract named after `month`."""
        ...


@frozen
class DayOfMonth:
    """A calendar day, of a month so many after the named one."""

    day: int
    months: int = 0

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        return month.plus(self.months).first_day.replace(day=self.day)


@frozen
class NthWeekday:
    """The 3rd Friday, or with -1 the last Thursday."""

    nth: int
    weekday: int
    months: int = 0

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        named = month.plus(self.months)
        first = named.first_day if self.nth > 0 else named.plus(1).first_day
        ahead = (self.weekday - first.weekday()) % 7
        return first + dt.timedelta(days=ahead) + _WEEK * (self.nth - (self.nth > 0))


@frozen
class NthBusinessDay:
    """The 10th business day, or with -3 the third last."""

    nth: int
    months: int = 0

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        return business_day_of_month(month.plus(self.months), self.nth, calendar)


@frozen
class Before:
    """So many business days before another date."""

    days: int
    anchor: Rule

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        return add_business_days(self.anchor.on(month, calendar), -self.days, calendar)


@frozen
class CalendarDaysBefore:
    """So many calendar days before another date."""

    days: int
    anchor: Rule

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        return self.anchor.on(month, calendar) - dt.timedelta(days=self.days)


@frozen
class OnOrBefore:
    """Another date, or the business day before it if that is none."""

    anchor: Rule

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        return on_or_before(self.anchor.on(month, calendar), calendar)


@frozen
class OnOrAfter:
    """Another date, or the business day after it if that is none."""

    anchor: Rule

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        return on_or_after(self.anchor.on(month, calendar), calendar)


@frozen
class InCalendar:
    """A rule whose business days are those of another place."""

    name: str
    rule: Rule

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        return self.rule.on(month, HolidayCalendar(self.name))


@frozen
class VolatilityDay:
    """30 days before the options on the index expire, and never on a holiday.

    Cboe: the Wednesday 30 days before the third Friday of the next month; if that Friday is a
    holiday, 30 days before the business day that precedes it; if the day itself is one, the
    business day before. So March 2019 ended on Tuesday the 19th (Good Friday on 19 April), and
    June 2024 on Tuesday the 18th (Juneteenth).
    """

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        options = OnOrBefore(NthWeekday(3, FRIDAY, months=1))
        return OnOrBefore(CalendarDaysBefore(30, options)).on(month, calendar)


@frozen
class FeederCattleThursday:
    """The last Thursday, in November the one before Thanksgiving, of a week without holiday.

    CME: a week earlier if the day or one of the four weekdays before it is a holiday; that
    moves every May with Memorial Day in the last full week.
    """

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        nth = 3 if month.month == _NOVEMBER else -1
        day = NthWeekday(nth, THURSDAY).on(month, calendar)
        while add_business_days(day, -4, calendar) != day - dt.timedelta(days=6) or (
            not calendar.is_business_day(day)
        ):
            day -= _WEEK
        return day


@frozen
class CarbonMonday:
    """The last Monday that is, like the four days after it, no holiday (ICE Endex)."""

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        day = NthWeekday(-1, MONDAY).on(month, calendar)
        while not all(
            calendar.is_business_day(day + dt.timedelta(days=ahead)) for ahead in range(5)
        ):
            day -= _WEEK
        return day


@frozen
class BrentDay:
    """The last business day two months before; for February the second last of December.

    The exception keeps the day off the eve of New Year.
    """

    def on(self, month: ContractMonth, calendar: Calendar, /) -> dt.date:
        nth = -2 if month.month == _FEBRUARY else -1
        return NthBusinessDay(nth, months=-2).on(month, calendar)
