from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from ib_async import util

from ibkit._ib._times import _ZONES, has_unknown_zone, moment_of, readable_time, wire_time
from ibkit.errors import PlanError


def test_times_are_written_as_ib_async_writes_them():
    zone = timezone(timedelta(hours=-6))
    time = datetime(2026, 3, 20, 8, 30, tzinfo=zone)

    assert wire_time(time, "end") == util.formatIBDatetime(time) == "20260320 14:30:00 UTC"


@pytest.mark.parametrize(
    "text", ["20260105 09:30:00 US/Eastern", "20260105-14:30:00", "20260105  23:30:00 JST"]
)
def test_every_form_of_a_time_is_read(text):
    assert moment_of(text) == datetime(2026, 1, 5, 14, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize("text", ["20260105 09:30:00", "20260105 09:30:00 Nowhere", "noon"])
def test_a_time_without_a_known_zone_is_not_guessed(text):
    with pytest.raises(ValueError):
        moment_of(text)


def test_nothing_stays_open():
    assert wire_time(None, "end") == ""


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(PlanError, match=r"end: got .*2026.*zone"):
        wire_time(datetime(2026, 3, 20), "end")  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("sent", "rewritten"),
    [
        ("20260105 09:30:00 US/Eastern", "20260105 09:30:00 US/Eastern"),
        ("20260105 23:30:00 Asia/Tokyo", "20260105 23:30:00 Asia/Tokyo"),
        ("20260105 23:30:00 JST", "20260105 23:30:00 Asia/Tokyo"),
        ("20260105 17:30:00 MSK", "20260105 17:30:00 Europe/Moscow"),
        ("20260105 20:00:00 IST", "20260105 20:00:00 Asia/Kolkata"),
        ("20260105 22:30:00 China Standard Time", "20260105 22:30:00 Asia/Shanghai"),
        ("20260105 22:30:00 Middle Earth Time", "20260105 22:30:00"),
        ("20260105-14:30:00", "20260105 14:30:00 UTC"),
        ("20260105  09:30:00", "20260105  09:30:00"),
        ("20260105", "20260105"),
        ("1767623400", "1767623400"),
        ("", ""),
        ("20260105 09:30:00 ../../etc/passwd", "20260105 09:30:00"),
    ],
)
def test_times_of_executions_are_made_readable(sent, rewritten):
    assert readable_time(sent) == rewritten


@pytest.mark.parametrize(
    ("sent", "unknown"),
    [
        ("20260105 22:30:00 Middle Earth Time", True),
        ("20260105 23:30:00 JST", False),
        ("20260105 23:30:00 Asia/Tokyo", False),
        ("20260105  23:30:00", False),
        ("20260105-14:30:00", False),
    ],
)
def test_an_unknown_zone_is_noticed(sent, unknown):
    assert has_unknown_zone(sent) is unknown


def test_every_zone_of_the_table_exists():
    for zone in _ZONES.values():
        assert ZoneInfo(zone)
