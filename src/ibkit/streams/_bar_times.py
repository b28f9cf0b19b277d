"""Bar sizes and durations that IB takes, and the times that bars carry."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ibkit._ib._bar_sizes import BAR_SECONDS, DAY
from ibkit.errors import PlanError

UTC = dt.timezone.utc

SMALLEST_LIVE = 5
"""Seconds: IB keeps no smaller bars up to date."""

_UNITS: Mapping[str, tuple[int, int]] = {
    "S": (1, 86_400),
    "D": (DAY, 365),
    "W": (7 * DAY, 52),
    "M": (30 * DAY, 12),
    "Y": (365 * DAY, 68),
}


def duration_seconds(duration: str) -> int:
    """Give the length of an IB duration such as ``2 D``.

    Raises:
        PlanError: It is not one, or longer than IB allows.

    >>> duration_seconds("2 D")
    172800
    """
    match = re.fullmatch(r"([1-9]\d*) ([SDWMY])", duration)
    if match is None:
        allowed = 'a number and one of S, D, W, M, Y, such as "1800 S", "2 D" or "1 Y"'
        raise PlanError("lookback", duration, allowed)
    count, (seconds, most) = int(match[1]), _UNITS[match[2]]
    if count > most:
        raise PlanError("lookback", duration, f"at most {most} {match[2]}")
    return count * seconds


def live_bar_seconds(size: str) -> int:
    """Give the length of a bar that IB keeps up to date.

    Raises:
        PlanError: There is no such size, or it is below 5 seconds.

    >>> live_bar_seconds("5 mins")
    300
    """
    seconds = BAR_SECONDS.get(size, 0)
    if seconds < SMALLEST_LIVE:
        allowed = ", ".join(name for name, length in BAR_SECONDS.items() if length >= SMALLEST_LIVE)
        raise PlanError("size", size, f"one of {allowed}")
    return seconds


def covering(seconds: float, bar_seconds: int, lookback: str) -> str:
    """Give a duration that reaches back *seconds*, and no less than *lookback*.

    >>> covering(30, 60, "1 D"), covering(200_000, 60, "1 D"), covering(400, 5, "60 S")
    ('1 D', '4 D', '420 S')
    """
    needed = seconds + 2 * bar_seconds
    if needed <= duration_seconds(lookback):
        return lookback
    if needed <= DAY and bar_seconds <= 60:
        return f"{math.ceil(needed / 60) * 60} S"
    # IB counts days of trading, so these reach back at least as far.
    days = math.ceil(needed / DAY) + 1
    return f"{days} D" if days <= 365 else f"{math.ceil(days / 365)} Y"


def bar_time(text: str) -> dt.datetime | None:
    """Read the time of a bar; ``None`` if it cannot be read.

    Requests ask for epoch seconds, in which no zone can be misread; dates stand for whole days.
    Other forms are read as well, because TWS has settings for them.

    >>> bar_time("1795185000")
    datetime.datetime(2026, 11, 20, 14, 30, tzinfo=datetime.timezone.utc)
    >>> bar_time("20261120 09:30:00 US/Eastern") == bar_time("20261120-14:30:00")
    True
    >>> bar_time("20261120"), bar_time("20261120 09:30:00 Nowhere")
    (datetime.datetime(2026, 11, 20, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    try:
        return _read(text)
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        return None


def _read(text: str) -> dt.datetime | None:
    if text.isdigit():
        if len(text) != 8:
            return dt.datetime.fromtimestamp(int(text), UTC)
        return dt.datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
    match = re.fullmatch(r"(\d{8})[ -]{1,2}(\d\d:\d\d:\d\d)(?: (\S+))?", text)
    if match is None:
        return None
    zone = UTC if text[8] == "-" else _zone(match[3])
    if zone is None:
        return None
    local = dt.datetime.strptime(f"{match[1]} {match[2]}", "%Y%m%d %H:%M:%S").replace(tzinfo=zone)
    return local.astimezone(UTC)


def _zone(name: str | None) -> dt.tzinfo | None:
    return ZoneInfo(name) if name else None
