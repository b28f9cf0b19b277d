import datetime as dt

import pytest

from ibkit.streams._sessions import read_sessions

GLOBEX = (
    "20261119:1700-20261120:1600;20261121:CLOSED;20261122:1700-20261123:1600;"
    "20261123:1700-20261124:1600"
)


def utc(day, hour, minute=0):
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (utc(19, 22), None),  # 16:00 in Chicago, before the list begins
        (utc(19, 23), True),
        (utc(20, 21, 59), True),
        (utc(20, 22), False),
        (utc(21, 12), False),
        (utc(22, 23), True),
        (utc(23, 22, 30), False),  # the hour of maintenance
        (utc(24, 21, 59), True),
        (utc(24, 22), None),  # the list ends
    ],
)
def test_an_overnight_session(now, is_open):
    assert read_sessions(GLOBEX, "US/Central").is_open(now) is is_open


def test_a_market_that_has_opened_just_now_is_not_open_for_long():
    sessions, minute = read_sessions(GLOBEX, "US/Central"), dt.timedelta(minutes=1)

    assert sessions.is_open(utc(22, 23), minute) is False
    assert sessions.is_open(utc(22, 23, 1), minute) is True
    assert sessions.is_open(utc(20, 22), minute) is False


@pytest.mark.parametrize(
    ("hours", "zone"),
    [
        ("", "US/Central"),
        (GLOBEX, ""),
        (GLOBEX, "Nowhere"),
        (GLOBEX, "../x"),
        ("x", "UTC"),
        ("20261120:0930-20261120:2500", "UTC"),
    ],
)
def test_hours_that_cannot_be_read_are_unknown(hours, zone):
    assert read_sessions(hours, zone) is None


@pytest.mark.parametrize("zone", ["MET", "JST", "US/Eastern", "EST", "Japan", "GB", "Hongkong"])
def test_zones_as_ib_names_them(zone):
    assert read_sessions(GLOBEX, zone) is not None


def test_two_sessions_in_one_day():
    sessions = read_sessions("20261120:0900-20261120:1130,20261120:1230-20261120:1500", "JST")

    assert sessions.is_open(utc(20, 1)) is True
    assert sessions.is_open(utc(20, 3)) is False
    assert sessions.is_open(utc(20, 5)) is True
