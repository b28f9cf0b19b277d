from __future__ import annotations

import datetime as dt

import pytest

from ibkit.products import ContractMonth, HolidayCalendar, Weekdays
from ibkit.products._rules import (
    Before,
    BrentDay,
    CalendarDaysBefore,
    CarbonMonday,
    DayOfMonth,
    FeederCattleThursday,
    InCalendar,
    NthBusinessDay,
    NthWeekday,
    OnOrAfter,
    OnOrBefore,
    VolatilityDay,
)

US, LONDON = HolidayCalendar("US"), HolidayCalendar("LONDON")
JUNE = ContractMonth(2026, 6)
FRIDAY, MONDAY, THURSDAY = 4, 0, 3


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (DayOfMonth(25), "2026-06-25"),
        (DayOfMonth(25, months=-1), "2026-05-25"),
        (NthWeekday(3, FRIDAY), "2026-06-19"),
        (NthWeekday(1, MONDAY), "2026-06-01"),
        (NthWeekday(-1, THURSDAY), "2026-06-25"),
        (NthWeekday(-2, THURSDAY), "2026-06-18"),
        (NthWeekday(3, FRIDAY, months=3), "2026-09-18"),
        (NthBusinessDay(10), "2026-06-12"),
        (NthBusinessDay(-3), "2026-06-26"),
        (NthBusinessDay(-1, months=-1), "2026-05-29"),
        (Before(2, DayOfMonth(20)), "2026-06-17"),
        (CalendarDaysBefore(16, DayOfMonth(1)), "2026-05-16"),
        (OnOrBefore(NthWeekday(3, FRIDAY)), "2026-06-18"),
        (OnOrAfter(NthWeekday(3, FRIDAY)), "2026-06-22"),
        (OnOrAfter(DayOfMonth(25)), "2026-06-25"),
        (InCalendar("LONDON", OnOrBefore(NthWeekday(3, FRIDAY))), "2026-06-19"),
    ],
)
def test_a_rule_finds_its_day(rule, expected):
    assert rule.on(JUNE, US) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("month", "expected", "why"),
    [
        ("2026-01", "2026-01-21", "a plain month"),
        ("2019-03", "2019-03-19", "the options expire before Good Friday"),
        ("2024-06", "2024-06-18", "the Wednesday is Juneteenth"),
        ("2026-05", "2026-05-19", "the options expire before Juneteenth"),
    ],
)
def test_volatility_futures_end_30_days_before_the_options_and_on_no_holiday(month, expected, why):
    assert VolatilityDay().on(ContractMonth.parse(month), US) == dt.date.fromisoformat(expected), (
        why
    )


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2018-03", "2018-03-29"),  # Good Friday comes the day after
        ("2018-05", "2018-05-24"),  # Memorial Day on 28 May
        ("2026-05", "2026-05-21"),
        ("2022-05", "2022-05-26"),  # Memorial Day on 30 May, after the last Thursday
        ("2018-11", "2018-11-15"),  # Thanksgiving on the 22nd, of five Thursdays
        ("2026-11", "2026-11-19"),
    ],
)
def test_feeder_cattle_end_on_a_thursday_of_a_week_without_holiday(month, expected):
    found = FeederCattleThursday().on(ContractMonth.parse(month), US)

    assert found == dt.date.fromisoformat(expected)


def test_feeder_cattle_end_a_week_earlier_if_the_thursday_itself_is_a_holiday():
    class ClosedOnce(Weekdays):
        def is_business_day(self, day: dt.date, /) -> bool:
            return super().is_business_day(day) and day != dt.date(2026, 8, 27)

    assert FeederCattleThursday().on(ContractMonth(2026, 8), ClosedOnce()) == dt.date(2026, 8, 20)


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2023-12", "2023-12-18"),  # the last Monday is Christmas
        ("2024-12", "2024-12-16"),  # New Year, then Christmas
        ("2020-12", "2020-12-14"),
        ("2026-03", "2026-03-23"),  # Good Friday on 3 April
        ("2026-09", "2026-09-28"),
    ],
)
def test_carbon_ends_on_a_monday_before_four_business_days(month, expected):
    assert CarbonMonday().on(ContractMonth.parse(month), LONDON) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("month", "expected"),
    [("2026-02", "2025-12-30"), ("2026-03", "2026-01-30"), ("2020-10", "2020-08-28")],
)
def test_brent_ends_two_months_early_and_for_february_not_on_new_years_eve(month, expected):
    assert BrentDay().on(ContractMonth.parse(month), LONDON) == dt.date.fromisoformat(expected)
