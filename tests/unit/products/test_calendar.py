from __future__ import annotations

import datetime as dt
import sys

import pytest

from ibkit.products import (
    CALENDARS,
    CalendarLimit,
    ContractMonth,
    HolidayCalendar,
    MissingExtra,
    Weekdays,
    add_business_days,
    business_day_of_month,
    business_days,
    on_or_after,
    on_or_before,
    sessions_calendar,
)

US = HolidayCalendar("US")


def days(*texts: str) -> list[dt.date]:
    return [dt.date.fromisoformat(text) for text in texts]


@pytest.mark.parametrize(
    ("name", "closed"),
    [
        ("US", "2026-01-19 2026-02-16 2026-04-03 2026-05-25 2026-06-19 2026-07-03 2026-11-26"),
        ("US", "2021-12-24 2027-06-18 2027-12-24"),
        ("US_BANKS", "2025-10-13 2026-10-12 2026-06-19"),
        ("TARGET", "2026-04-03 2026-04-06 2026-05-01 2025-12-26"),
        ("EUREX", "2026-12-24 2026-12-31 2026-05-01"),
        ("MILAN", "2025-08-15 2026-12-24"),
        ("STOCKHOLM", "2026-06-19 2026-05-14 2026-01-06"),
        ("LONDON", "2026-05-25 2026-08-31 2026-12-28 2022-09-19 2023-05-08"),
        ("TORONTO", "2026-07-01 2026-05-18 2026-10-12"),
        ("JAPAN", "2026-01-02 2026-05-06 2026-12-31 2023-08-11"),
        ("HONG_KONG", "2026-02-17 2026-07-01 2025-10-01"),
        ("CHINA", "2025-10-08 2026-02-16"),
        ("SINGAPORE", "2026-02-17 2026-08-10"),
        ("KOREA", "2025-10-06 2025-12-31"),
        ("SYDNEY", "2026-01-26 2026-06-08"),
        ("BRAZIL_AND_US", "2017-02-27 2023-12-29 2026-12-31 2026-06-19"),
    ],
)
def test_holidays_are_no_business_days(name, closed):
    calendar = HolidayCalendar(name)

    assert [day for day in days(*closed.split()) if calendar.is_business_day(day)] == []


@pytest.mark.parametrize(
    ("name", "open_"),
    [
        ("US", "2018-12-05 2025-01-09 2021-12-31 2020-06-19 2026-10-12 2026-11-27 2026-12-24"),
        ("EUREX", "2019-06-10 2019-10-03 2026-05-25"),
        ("TARGET", "2026-12-24 2026-12-31"),
        ("HONG_KONG", "2025-01-28"),
        ("SYDNEY", "2026-12-24"),
        ("BRAZIL_AND_US", "2017-12-29"),
    ],
)
def test_days_that_look_like_holidays_but_count(name, open_):
    calendar = HolidayCalendar(name)

    assert [day for day in days(*open_.split()) if not calendar.is_business_day(day)] == []


@pytest.mark.parametrize("name", CALENDARS)
def test_no_calendar_counts_a_weekend_or_new_years_day(name):
    calendar = HolidayCalendar(name)

    assert not any(map(calendar.is_business_day, days("2026-06-20", "2026-06-21", "2026-01-01")))


def test_an_unknown_calendar_is_refused_with_the_known_ones():
    with pytest.raises(CalendarLimit, match="MOON: not one of US, US_BANKS"):
        HolidayCalendar("MOON")


def test_weekdays_know_no_holiday():
    assert Weekdays().is_business_day(dt.date(2026, 12, 25))
    assert not Weekdays().is_business_day(dt.date(2026, 12, 26))


@pytest.mark.parametrize(
    ("code", "name"), [("XNYS", "US"), ("XCBF", "US"), ("XEUR", "EUREX"), ("XLON", "LONDON")]
)
def test_our_calendars_agree_with_those_of_exchange_calendars(code, name):
    start, end = dt.date(2015, 1, 1), dt.date(2026, 12, 31)
    theirs, ours = sessions_calendar(code, start, end), HolidayCalendar(name)
    differ = {*business_days(start, end, ours)} ^ {*business_days(start, end, theirs)}

    mourning = {*days("2018-12-05", "2025-01-09")} if name == "US" else set()

    assert differ == mourning


def test_a_sessions_calendar_does_not_guess_beyond_its_end():
    calendar = sessions_calendar("XNYS", dt.date(2026, 1, 1), dt.date(2026, 6, 30))

    assert calendar.is_business_day(dt.date(2026, 6, 30))
    with pytest.raises(CalendarLimit, match="2026-07-01 is outside 2026-01-01 to 2026-06-30"):
        calendar.is_business_day(dt.date(2026, 7, 1))
    with pytest.raises(CalendarLimit, match="2025-12-31 is outside"):
        calendar.is_business_day(dt.date(2025, 12, 31))


def test_a_sessions_calendar_of_no_exchange_is_refused():
    with pytest.raises(CalendarLimit, match="MOON"):
        sessions_calendar("MOON", dt.date(2026, 1, 1), dt.date(2026, 6, 30))


def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)

    with pytest.raises(MissingExtra, match=r"pip install 'ibkit\[calendars\]'"):
        sessions_calendar("XNYS", dt.date(2026, 1, 1), dt.date(2026, 6, 30))


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        ("2026-06-19", "2026-06-18", "2026-06-22"),
        ("2026-06-18", "2026-06-18", "2026-06-18"),
        ("2026-04-04", "2026-04-02", "2026-04-06"),
    ],
)
def test_a_day_moves_to_the_nearest_business_day(day, before, after):
    assert on_or_before(dt.date.fromisoformat(day), US) == dt.date.fromisoformat(before)
    assert on_or_after(dt.date.fromisoformat(day), US) == dt.date.fromisoformat(after)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-06-19", 0, "2026-06-19"),
        ("2026-06-19", 1, "2026-06-22"),
        ("2026-06-19", -1, "2026-06-18"),
        ("2026-06-18", 2, "2026-06-23"),
        ("2026-07-06", -2, "2026-07-01"),
    ],
)
def test_business_days_are_counted_from_the_next(day, count, expected):
    assert add_business_days(dt.date.fromisoformat(day), count, US) == dt.date.fromisoformat(
        expected
    )


@pytest.mark.parametrize(
    ("nth", "expected"),
    [(1, "2026-06-01"), (10, "2026-06-12"), (-1, "2026-06-30"), (-3, "2026-06-26")],
)
def test_the_nth_business_day_of_a_month(nth, expected):
    found = business_day_of_month(ContractMonth(2026, 6), nth, US)

    assert found == dt.date.fromisoformat(expected)


def test_business_days_between_two_days_include_both():
    found = list(business_days(dt.date(2026, 6, 18), dt.date(2026, 6, 22), US))

    assert found == days("2026-06-18", "2026-06-22")
    assert list(business_days(dt.date(2026, 6, 22), dt.date(2026, 6, 18), US)) == []


def test_a_calendar_without_business_days_is_an_error_and_no_endless_search():
    class Never:
        def is_business_day(self, day: dt.date, /) -> bool:
            return False

    with pytest.raises(CalendarLimit, match="no business day"):
        on_or_before(dt.date(2026, 6, 19), Never())
