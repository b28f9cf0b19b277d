import datetime as dt
from itertools import pairwise

import pytest

from ibkit.errors import PlanError
from ibkit.history import plan_chunks
from ibkit.history._chunks import chunk_until_now
from past import DAY, HOUR, at, weekdays

MONDAY = at("03-02 00:00")


def shown(chunks):
    return [(f"{c.until:%m-%d %H:%M:%S}", c.duration) for c in chunks]


def test_bars_of_a_second_come_2000_seconds_at_a_time():
    chunks = plan_chunks(MONDAY, MONDAY + HOUR, "1 secs")

    assert [c.duration for c in chunks] == ["2000 S", "1602 S"]


def test_bars_of_30_seconds_come_a_day_at_a_time():
    chunks = plan_chunks(MONDAY, MONDAY + 2 * DAY, "30 secs")

    assert [c.duration for c in chunks] == ["86400 S", "86400 S", "90 S"]


def test_closed_time_is_not_asked_for():
    sessions = weekdays(dt.date(2026, 3, 6), 4)  # Friday and Monday
    chunks = plan_chunks(sessions[0].start, sessions[1].end, "5 secs", sessions=sessions)

    assert len(chunks) == 4
    assert all(c.start.weekday() < 5 and c.end.weekday() < 5 for c in chunks)


def test_days_are_trading_days():
    sessions = weekdays(dt.date(2026, 3, 2), 14)
    chunks = plan_chunks(sessions[0].start, sessions[-1].end, "1 min", sessions=sessions)

    assert shown(chunks) == [("03-10 21:00:00", "7 D"), ("03-13 21:00:00", "3 D")]


def test_a_year_of_minutes_takes_as_few_requests_as_the_size_of_answers_allows():
    sessions = weekdays(dt.date(2025, 3, 3), 364, opens=0, hours=23)
    chunks = plan_chunks(sessions[0].start, sessions[-1].end, "1 min", sessions=sessions)

    assert len(sessions) == 260
    assert len(chunks) == 130  # 2 x 1380 bars fit below 3000, 3 do not


def test_a_short_span_is_asked_for_in_seconds_up_to_the_end_of_its_last_bar():
    chunks = plan_chunks(MONDAY, MONDAY + HOUR, "1 min")

    assert shown(chunks) == [("03-02 01:01:00", "3660 S")]


def test_without_a_schedule_a_day_more_is_asked_for():
    chunks = plan_chunks(MONDAY, MONDAY + 20 * DAY, "1 hour")

    assert [c.duration for c in chunks] == ["21 D"]


@pytest.mark.parametrize(
    ("size", "duration"),
    [("2 hours", "5 W"), ("8 hours", "2 M"), ("1 day", "1 Y"), ("1 week", "1 Y")],
)
def test_large_bars_are_asked_for_in_the_units_that_take_them(size, duration):
    chunks = plan_chunks(MONDAY, MONDAY + 30 * DAY, size)

    assert [c.duration for c in chunks] == [duration]


def test_days_are_cut_at_what_an_answer_may_hold():
    chunks = plan_chunks(at("03-02 00:00"), at("03-02 00:00") + 20 * 365 * DAY, "1 day")

    assert len(chunks) == 3
    assert [(a.end - b.start) for a, b in pairwise(chunks)] == [0 * DAY] * 2


def test_a_span_in_closed_time_takes_no_request():
    sessions = weekdays(dt.date(2026, 3, 6), 4)

    assert plan_chunks(at("03-07 00:00"), at("03-08 00:00"), "1 min", sessions=sessions) == ()
    assert plan_chunks(at("03-07 00:00"), at("03-08 00:00"), "5 mins", sessions=sessions) == ()


def test_what_is_only_given_until_now_is_one_request():
    chunk = chunk_until_now(MONDAY, MONDAY + 2 * DAY, "1 hour", MONDAY + 9 * DAY)

    assert (chunk.until, chunk.duration) == (None, "10 D")


@pytest.mark.parametrize(
    ("start", "end", "size", "most", "named"),
    [
        (MONDAY.replace(tzinfo=None), MONDAY, "1 min", 9, "start"),
        (MONDAY, MONDAY.replace(tzinfo=None), "1 min", 9, "end"),
        (MONDAY, MONDAY, "1 min", 9, "end"),
        (MONDAY, MONDAY + DAY, "9 mins", 9, "bar_size"),
        (MONDAY, MONDAY + DAY, "1 min", 0, "most_bars"),
    ],
)
def test_the_impossible_is_refused_by_name(start, end, size, most, named):
    with pytest.raises(PlanError) as caught:
        plan_chunks(start, end, size, most_bars=most)

    assert caught.value.field == named
