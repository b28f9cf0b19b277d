"""The sizes of bars that IB makes."""

from __future__ import annotations

from collections.abc import Mapping

from ibkit.errors import PlanError

from ._arguments import by_unit

DAY = 86_400

BAR_SECONDS: Mapping[str, int] = {
    "1 secs": 1,
    "5 secs": 5,
    "10 secs": 10,
    "15 secs": 15,
    "30 secs": 30,
    "1 min": 60,
    "2 mins": 120,
    "3 mins": 180,
    "5 mins": 300,
    "10 mins": 600,
    "15 mins": 900,
    "20 mins": 1200,
    "30 mins": 1800,
    "1 hour": 3600,
    "2 hours": 7200,
    "3 hours": 10_800,
    "4 hours": 14_400,
    "8 hours": 28_800,
    "1 day": DAY,
    "1 week": 7 * DAY,
    "1 month": 31 * DAY,
}
"""Seconds by name; those of the longest month. TWS API documentation, "Historical bar sizes"
(gateway-behaviour 3.5)."""

_SPELLINGS = (
    ("s", "sec", "secs", "second", "seconds"),
    ("min", "mins", "minute", "minutes"),
    ("h", "hour", "hours"),
    ("d", "day", "days"),
    ("w", "week", "weeks"),
    ("month", "months"),
)
_UNITS = {word: words[1] for words in _SPELLINGS for word in words}
"""A lone ``m`` is missing: minutes to some, months to IB."""
_NAMES = {by_unit(name, _UNITS): name for name in BAR_SECONDS}


def bar_size(value: object, name: str, least: int = 1) -> str:
    """
    IB's name of a bar size of at least so many seconds, however it is spelled.

    Raises:
        PlanError: IB makes no such bars; it names those that there are.

    >>> bar_size("5min", "size"), bar_size("1 Hour", "size"), bar_size("1 sec", "size")
    ('5 mins', '1 hour', '1 secs')
    """
    text = value.lower() if isinstance(value, str) else value
    found = _NAMES.get(by_unit(text, _UNITS), "")
    if BAR_SECONDS.get(found, 0) < least:
        allowed = ", ".join(each for each, seconds in BAR_SECONDS.items() if seconds >= least)
        raise PlanError(name, value, f"one of {allowed}")
    return found
