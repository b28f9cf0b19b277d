from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from cards import card
from ibkit.sim._market import Market
from ibkit.sim._market._bars import INTRADAY, start_of, windows
from ibkit.sim._market._path import moment_of, stamp_of

UTC = dt.timezone.utc
NEW_YORK, CHICAGO, HONG_KONG = (ZoneInfo(name) for name in ("US/Eastern", "US/Central", "Hongkong"))


def cut(world: Market, name: str, start: dt.datetime, end: dt.datetime, size: str, *, rth=False):
    instrument = world.named(name, end)
    days = world.hours.days(instrument)
    return list(windows(days, moment_of(start), moment_of(end), size, regular=rth))


def starts(found, zone) -> list[str]:
    return [f"{stamp_of(bar.spans[0][0]).astimezone(zone):%d %H:%M}" for bar in found]


def at(day: int, hour: int, minute: int = 0, zone=NEW_YORK) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=zone)


def test_hours_are_cut_at_the_hour_and_at_the_opening(kept_hours: Market) -> None:
    found = cut(kept_hours, "AAPL", at(20, 9), at(20, 20), "1 hour", rth=True)

    assert starts(found, NEW_YORK) == [
        "20 09:30",
        *(f"20 {hour}:00" for hour in range(10, 16)),
    ]
    assert all(bar.day == dt.date(2026, 11, 20) for bar in found)


def test_long_bars_begin_with_the_trading_day(kept_hours: Market) -> None:
    found = cut(kept_hours, "ES", at(22, 12), at(23, 23), "4 hours")

    assert starts(found, CHICAGO)[:6] == [
        "22 17:00",
        "22 21:00",
        "23 01:00",
        "23 05:00",
        "23 09:00",
        "23 13:00",
    ]


def test_a_break_leaves_no_bar_and_a_long_bar_spans_it(kept_hours: Market) -> None:
    day = at(23, 9, zone=HONG_KONG), at(23, 17, zone=HONG_KONG)
    hours = cut(kept_hours, "MHI", *day, "1 hour", rth=True)
    longer = cut(kept_hours, "MHI", *day, "8 hours", rth=True)

    assert "23 12:00" not in starts(hours, HONG_KONG)
    assert len(longer) == 1
    assert len(longer[0].spans) == 2


@card("TAP-02", "3.5 C")
def test_days_are_trading_days(kept_hours: Market) -> None:
    found = cut(kept_hours, "ES", at(18, 0), at(24, 0), "1 day")

    assert [bar.day.day for bar in found] == [19, 20, 23, 24]
    assert starts(found, CHICAGO) == ["18 17:00", "19 17:00", "22 17:00", "23 17:00"]


@pytest.mark.parametrize("size", ["1 week", "1W"])
def test_weeks_are_named_by_their_last_day(kept_hours: Market, size: str) -> None:
    found = cut(kept_hours, "ES", at(8, 0), at(21, 0), size)

    assert [bar.day.day for bar in found] == [13, 20]


@pytest.mark.parametrize("size", ["1 month", "1M"])
def test_months(kept_hours: Market, size: str) -> None:
    start = dt.datetime(2026, 9, 1, tzinfo=CHICAGO) - dt.timedelta(hours=8)
    found = cut(kept_hours, "ES", start, at(24, 0), size)

    assert [(bar.day.month, len(bar.spans)) for bar in found] == [(9, 21), (10, 22), (11, 17)]


def test_a_bar_belongs_to_a_stretch_by_its_beginning_and_is_cut_by_the_end(market) -> None:
    start = dt.datetime(2026, 11, 23, 15, 0, 20, tzinfo=UTC)
    found = cut(market, "ES", start, start + dt.timedelta(minutes=2), "1 min")

    assert [stamp_of(bar.spans[0][0]).minute for bar in found] == [1, 2]
    assert stamp_of(found[-1].spans[-1][1]) == start + dt.timedelta(minutes=2)


@pytest.mark.parametrize("size", INTRADAY)
def test_bars_of_a_day_are_gapless(market: Market, size: str) -> None:
    start = dt.datetime(2026, 11, 22, 22, tzinfo=UTC)
    end = start + dt.timedelta(hours=24 if INTRADAY[size] > 30 else 1)
    spans = [span for bar in cut(market, "ES", start, end, size) for span in bar.spans]

    assert spans[0][0] == moment_of(start)
    assert spans[-1][1] == moment_of(end)
    assert all(before[1] == after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("duration", "rth", "expected"),
    [
        ("60 S", False, at(23, 13, 59)),
        ("1 D", False, at(22, 18)),
        ("1 D", True, at(23, 9, 30)),
        ("2 D", True, at(20, 9, 30)),
        ("1 W", True, at(17, 9, 30)),
        ("1 M", True, dt.datetime(2026, 10, 26, 9, 30, tzinfo=NEW_YORK)),
        ("1 Y", True, dt.datetime(2025, 11, 24, 9, 30, tzinfo=NEW_YORK)),
    ],
)
def test_durations(kept_hours: Market, duration: str, rth, expected: dt.datetime) -> None:
    end = at(23, 14)
    days = kept_hours.hours.days(kept_hours.named("ES", end))

    assert start_of(days, end, duration, regular=rth) == expected


def test_a_month_back_from_its_31st_is_the_last_day(kept_hours: Market) -> None:
    end = dt.datetime(2026, 3, 31, 14, tzinfo=NEW_YORK)
    days = kept_hours.hours.days(kept_hours.named("ES", end))

    assert start_of(days, end, "1 M", regular=True).date() == dt.date(2026, 3, 2)
