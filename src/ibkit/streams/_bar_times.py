"""Bar sizes and durations that IB takes, and the times that bars carry."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ibkit._ib._arguments import by_unit
from ibkit._ib._bar_sizes import BAR_SECONDS, DAY, bar_size
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
_LETTERS: Mapping[str, str] = {
    word: letter
    for letter, words in {
        "S": "S s sec secs second seconds",
        "D": "D d day days",
        "W": "W w week weeks",
        "M": "M month months",  # a small m is a minute to others
        "Y": "Y y year years",
    }.items()
    for word in words.split()
}


def duration_seconds(duration: str) -> int:
    """Give the length of an IB duration such as ``2 D``.

    >>> duration_seconds("2 D")
    172800
    """
    count, letter = duration.split()
    return int(count) * _UNITS[letter][0]


def duration_of(lookback: str) -> str:
    """Give IB's form of a duration, however it is spelled.

    Raises:
        PlanError: It is not one, or longer than IB allows.

    >>> duration_of("2d"), duration_of("1 day"), duration_of("1800 S")
    ('2 D', '1 D', '1800 S')
    """
    found = by_unit(lookback, _LETTERS)
    if found is None or not found[0]:
        allowed = 'a number and one of S, D, W, M, Y, such as "1800 S", "2 D" or "1 Y"'
        raise PlanError("lookback", lookback, allowed)
    count, letter = found
    most = _UNITS[letter][1]
    if count > most:
        raise PlanError("lookback", lookback, f"at most {most} {letter}")
    return f"{count} {letter}"


def live_bar_seconds(size: str) -> int:
    """Give the length of a bar that IB keeps up to date.

    >>> live_bar_seconds("5 mins")
    300
    """
    return BAR_SECONDS[live_bar_size(size)]


def live_bar_size(size: str) -> str:
    """Give IB's name of the size of a bar that it keeps up to date.

    Raises:
        PlanError: There is no such size, or it is below 5 seconds.
    """
    return bar_size(size, "size", SMALLEST_LIVE)


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
