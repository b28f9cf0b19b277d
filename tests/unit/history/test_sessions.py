import datetime as dt

import pytest
from ib_async import HistoricalSchedule, HistoricalSession

from ibkit.history import Session
from ibkit.history._sessions import TradingDays, in_life, merged, read_schedule, whole_bars, within
from past import HOUR, UTC, at, weekdays


def schedule(zone, start="20260301-17:00:00", end="20260302-16:00:00"):
    return HistoricalSchedule("", "", zone, [HistoricalSession(start, end, "20260302")])


@pytest.mark.parametrize("zone", ["US/Central", "America/Chicago", "CST"])
def test_times_that_look_like_utc_are_of_the_named_zone(zone):
    (session,) = read_schedule(schedule(zone))

    assert session == Session(dt.date(2026, 3, 2), at("03-01 23:00"), at("03-02 22:00"))
    assert session.start.tzinfo is UTC


@pytest.mark.parametrize("zone", ["Nowhere", ""])
def test_a_zone_that_nobody_knows_gives_no_sessions_rather_than_wrong_ones(zone):
    assert read_schedule(schedule(zone)) is None


@pytest.mark.parametrize(
    ("last_trade", "left"),
    [("20260303", 2), ("20260303 08:30 US/Central", 2), ("202603", 3), ("", 3), ("20260101", 0)],
)
def test_no_session_is_expected_after_the_last_trading_day(last_trade, left):
    sessions = weekdays(dt.date(2026, 3, 2), 3)

    assert in_life(sessions, last_trade) == tuple(sessions[:left])


def test_sessions_are_cut_to_a_span():
    monday, tuesday, _ = weekdays(dt.date(2026, 3, 2), 3)
    parts = within((monday, tuesday), at("03-02 20:00"), at("03-03 14:00"))

    assert parts == (Session(monday.day, at("03-02 20:00"), monday.end),)


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("03-02 13:00", "03-02 14:00"),
        ("03-02 16:00", "03-02 16:00"),
        ("03-02 16:01", "03-02 18:00"),
    ],
)
def test_a_bar_that_began_before_the_span_is_not_expected_in_it(start, first):
    monday = weekdays(dt.date(2026, 3, 2), 1)
    (part,) = whole_bars(monday, at(start), at("03-03 00:00"), 2 * HOUR)

    assert (part.start, part.end) == (at(first), monday[0].end)
    assert whole_bars(monday, at("03-02 20:30"), at("03-03 00:00"), 2 * HOUR) == ()


def test_lists_that_overlap_become_one():
    week = weekdays(dt.date(2026, 3, 2), 5)

    assert merged([week[2:], week[:4]]) == week


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (at("03-02 14:00"), dt.date(2026, 3, 2)),
        (at("03-02 20:59"), dt.date(2026, 3, 2)),
        (at("03-02 21:00"), dt.date(2026, 3, 3)),
        (at("03-09 21:00"), dt.date(2026, 3, 3)),
    ],
)
def test_a_moment_counts_to_its_session_or_the_next_one(moment, day):
    assert TradingDays.of(weekdays(dt.date(2026, 3, 2), 2))(moment) == day
