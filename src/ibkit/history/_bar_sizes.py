"""The sizes of bars that IB makes, and the durations in which they can be asked for."""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple

from ibkit._ib._bar_sizes import BAR_SECONDS, DAY, bar_size


class Unit(NamedTuple):
    """A unit of a duration."""

    letter: str
    largest_bar: int
    """Seconds."""
    least_days: int
    """How many days it reaches back at least."""
    most: int


# TWS API documentation, "Step sizes" (gateway-behaviour 3.5). The finest unit that takes a bar
# size is used. The table ends at 1 day; weeks and months are asked for in years, too.
_UNITS = (
    Unit("D", 3600, 1, 365),
    Unit("W", 14_400, 7, 52),
    Unit("M", 28_800, 28, 12),
    Unit("Y", 31 * DAY, 365, 68),
)
_SECONDS_TAKE = 60
"""The largest bar, in seconds, that can be asked for in seconds."""
_MOST_SECONDS = DAY
_MOST_SECONDS_OF_1_SEC = 2000


def bar_seconds(size: str) -> int:
    """
    Give the length of a bar; that of a month is the longest.

    Raises:
        PlanError: IB makes no such bars.

    >>> bar_seconds("5 mins")
    300
    """
    return BAR_SECONDS[bar_size(size, "bar_size")]


def unit_of(seconds: int) -> Unit:
    """The finest unit above seconds in which bars of this length can be asked for."""
    return next(unit for unit in _UNITS if seconds <= unit.largest_bar)


def longest_in_seconds(seconds: int) -> int:
    """The longest duration in seconds for bars of this length; 0 if there is none."""
    if seconds > _SECONDS_TAKE:
        return 0
    return _MOST_SECONDS_OF_1_SEC if seconds == 1 else _MOST_SECONDS


def in_seconds(length: dt.timedelta) -> str:
    """
    A duration in seconds.

    >>> in_seconds(dt.timedelta(minutes=2))
    '120 S'
    """
    return f"{math.ceil(length.total_seconds())} S"


def in_units(days: int, seconds: int) -> str:
    """
    The shortest duration, for bars of this length, that reaches back so many days.

    >>> in_units(10, 60), in_units(10, 14_400), in_units(10, 28_800), in_units(400, DAY)
    ('10 D', '2 W', '1 M', '2 Y')
    """
    unit = unit_of(seconds)
    return f"{math.ceil(days / unit.least_days)} {unit.letter}"
