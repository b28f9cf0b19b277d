import datetime as dt

import pytest

from ibkit.errors import PlanError
from ibkit.streams import _bar_times as times

UTC = dt.timezone.utc


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("60 S", 60), ("86400 S", 86_400), ("1 D", 86_400), ("2 W", 1_209_600), ("1 Y", 31_536_000)],
)
def test_durations(duration, seconds):
    assert times.duration_seconds(duration) == seconds


@pytest.mark.parametrize(
    "duration",
    [
        *("", "0 D", "-1 D", "1 H", "1 m", "1.5 D", "366 D", "86401 S", "53 W", "13 M", "69 Y"),
        *(None, 1, dt.timedelta(days=1), ["1 D"]),
    ],
)
def test_durations_that_ib_refuses(duration):
    with pytest.raises(PlanError, match="lookback"):
        times.duration_of(duration)


@pytest.mark.parametrize("duration", ["2 D", "2D", "2d", "2 days", " 2 day "])
def test_durations_are_read_as_people_write_them(duration):
    assert times.duration_of(duration) == "2 D"


@pytest.mark.parametrize("size", ["1 secs", "1m", "7 mins", "", 5, None, ["1 min"]])
def test_sizes_that_are_not_kept_up_to_date(size):
    with pytest.raises(PlanError, match="one of 5 secs, 10 secs"):
        times.live_bar_seconds(size)


@pytest.mark.parametrize(
    ("seconds", "bar", "lookback", "duration"),
    [
        (10, 60, "1 D", "1 D"),  # what was asked for at first is enough
        (86_400, 60, "1 D", "3 D"),
        (3600, 5, "60 S", "3660 S"),
        (90_000, 3600, "1 D", "3 D"),
        (3600 * 24 * 400, 86_400, "1 D", "2 Y"),
    ],
)
def test_a_new_request_reaches_back_over_the_hole(seconds, bar, lookback, duration):
    assert times.covering(seconds, bar, lookback) == duration
    assert times.duration_seconds(duration) >= seconds


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1795185000", dt.datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        ("20261120", dt.datetime(2026, 11, 20, tzinfo=UTC)),
        ("20261120-14:30:00", dt.datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        ("20261120 09:30:00 US/Eastern", dt.datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        ("20261120  23:30:00 Japan", dt.datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        ("20261120  14:30:00", None),  # no zone: nobody can know
        ("20261120 14:30:00 China Standard Time", None),
        ("20261120 14:30:00 /etc/passwd", None),
        ("soon", None),
        ("", None),
    ],
)
def test_times_of_bars(text, time):
    assert times.bar_time(text) == time


@pytest.mark.parametrize("text", ["20261399", "20261120 25:00:00 UTC", "99999999999999999999"])
def test_times_that_do_not_exist_are_not_read(text):
    assert times.bar_time(text) is None
