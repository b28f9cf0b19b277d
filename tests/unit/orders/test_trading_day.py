import datetime as dt

import pytest

from ibkit.orders._trading_day import day_end

GLOBEX = "20260301:1700-20260302:1600;20260302:1700-20260303:1600;20260307:CLOSED"
WITH_A_NIGHT = (
    "20260305:0915-20260305:1200;20260305:1300-20260305:1630;20260305:1715-20260306:0300;"
    "20260306:0915-20260306:1200;20260306:1300-20260306:1630;20260306:1715-20260307:0300;"
    "20260307:CLOSED;20260308:CLOSED;20260309:0915-20260309:1200;20260309:1300-20260309:1630"
)
WITH_A_PAUSE = "20260302:0900-20260302:1200;20260302:1300-20260302:1600"


def at(day, hour, minute=0):
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (at(2, 15), at(2, 22)),
        (at(2, 21, 59), at(2, 22)),
        (at(2, 22), at(3, 22)),  # between two days it is the next that counts
        (at(2, 23, 30), at(3, 22)),
    ],
)
def test_a_day_ends_when_the_exchange_closes(now, end):
    assert day_end(GLOBEX, "US/Central", now) == end


def test_a_pause_at_noon_does_not_end_the_day():
    assert day_end(WITH_A_PAUSE, "UTC", at(2, 10)) == at(2, 16)
    assert day_end(WITH_A_PAUSE, "UTC", at(2, 12, 30)) == at(2, 16)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (at(5, 10), at(5, 16, 30)),
        (at(5, 18), at(6, 16, 30)),  # the evening belongs to the next day
        (at(6, 2), at(6, 16, 30)),
        (at(6, 18), at(9, 16, 30)),  # and that of Friday to Monday
        (at(7, 12), at(9, 16, 30)),
        (at(9, 16, 30), None),
    ],
)
def test_a_night_belongs_to_the_day_after_it(now, end):
    assert day_end(WITH_A_NIGHT, "UTC", now) == end


def test_a_night_whose_day_is_not_told_has_no_known_end():
    assert day_end("20260306:1715-20260307:0300;20260307:CLOSED", "UTC", at(6, 18)) is None


@pytest.mark.parametrize(
    ("hours", "zone"),
    [
        ("", "US/Central"),
        ("20260307:CLOSED", "US/Central"),
        (GLOBEX, "Middle/Earth"),
        (GLOBEX, "China Standard Time"),
        (GLOBEX, ""),
        ("20261399:1700-20261399:1600", "UTC"),
    ],
)
def test_what_cannot_be_read_is_not_known(hours, zone):
    assert day_end(hours, zone, at(2, 15)) is None


def test_hours_that_do_not_reach_that_far_are_not_known():
    assert day_end(GLOBEX, "US/Central", at(9, 15)) is None
