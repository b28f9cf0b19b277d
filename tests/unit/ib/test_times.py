from datetime import datetime, timedelta, timezone

import pytest
from ib_async import util

from ibkit._ib._times import wire_time
from ibkit.errors import PlanError


def test_times_are_written_as_ib_async_writes_them():
    zone = timezone(timedelta(hours=-6))
    time = datetime(2026, 3, 20, 8, 30, tzinfo=zone)

    assert wire_time(time, "end") == util.formatIBDatetime(time) == "20260320 14:30:00 UTC"


def test_nothing_stays_open():
    assert wire_time(None, "end") == ""


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(PlanError, match=r"end: got .*2026.*zone"):
        wire_time(datetime(2026, 3, 20), "end")  # noqa: DTZ001 - that is the point
