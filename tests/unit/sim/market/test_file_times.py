from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from ibkit.sim._market._file_times import time_of

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    "value",
    [
        "20260302 06:00:00",
        "2026-03-02T12:00:00Z",
        "2026-03-02 13:00:00+01:00",
        "02.03.2026 06:00:00.000",
        "3/2/2026 06:00",
        "1772452800",
        "1772452800000",
        "1772452800000000000",
        dt.datetime(2026, 3, 2, 6),  # noqa: DTZ001
        NOON,
    ],
)
def test_one_moment_in_many_ways(value) -> None:
    assert time_of(value, CHICAGO) == NOON


@pytest.mark.parametrize("value", ["2.3.2026", "03/02/2026", dt.date(2026, 3, 2), "2026-03-02"])
def test_a_day_is_its_midnight(value) -> None:
    assert time_of(value, ZoneInfo("UTC")) == NOON.replace(hour=0)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("noon", "'noon' is not understood"),
        ("2026-13-02 12:00", "is not understood"),
        ("2026-03-02 12:00 Nowhere", "is not understood"),
        ("2026-03-02 12:00", "no zone; say what it means with naive_zone"),
    ],
)
def test_any_other_text_says_what_is_wrong(value, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        time_of(value, None)
