"""Whether a market is open, by the trading hours in IB's contract details.

ib_async's own parser raises on an empty or abbreviated zone (ib-async-traps B25). Here a text
that cannot be read gives no sessions, and "unknown" is an answer.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen

# Names that IB uses and the zone database does not have.
_ZONES: Mapping[str, str] = {
    "EST (Eastern Standard Time)": "America/New_York",
    "EST5EDT": "America/New_York",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "US/Eastern": "America/New_York",
    "CST (Central Standard Time)": "America/Chicago",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "US/Central": "America/Chicago",
    "PST": "America/Los_Angeles",
    "GMT (Greenwich Mean Time)": "Europe/London",
    "GB": "Europe/London",
    "BST": "Europe/London",
    "MET": "Europe/Berlin",
    "MET (Middle Europe Time)": "Europe/Berlin",
    "CET": "Europe/Berlin",
    "JST": "Asia/Tokyo",
    "JST (Japan Standard Time)": "Asia/Tokyo",
    "Japan": "Asia/Tokyo",
    "Hongkong": "Asia/Hong_Kong",
    "HKT": "Asia/Hong_Kong",
    "KST": "Asia/Seoul",
    "IST": "Asia/Kolkata",
    "AET": "Australia/Sydney",
}

NO_TIME = dt.timedelta(0)

_SESSION = re.compile(r"(\d{8}):(\d{4})-(\d{8}):(\d{4})")
_CLOSED = re.compile(r"(\d{8}):CLOSED")


@frozen
class Sessions:
    """The trading hours that IB has listed: about a week from the day of the question."""

    spans: tuple[tuple[dt.datetime, dt.datetime], ...]
    first: dt.datetime
    last: dt.datetime
    """The end of what is listed. Beyond it nothing is known."""

    def is_open(self, now: dt.datetime, lasting: dt.timedelta = NO_TIME) -> bool | None:
        """Whether the market has been open for so long at *now*.

        ``None`` if the list does not reach that far.
        """
        if not self.first <= now < self.last:
            return None
        return any(start + lasting <= now < end for start, end in self.spans)


def read_sessions(hours: str, zone_name: str) -> Sessions | None:
    """Read ``tradingHours`` of contract details; ``None`` if they cannot be read.

    >>> day = "20261120:0930-20261120:1600;20261121:CLOSED"
    >>> friday_noon = dt.datetime(2026, 11, 20, 17, tzinfo=dt.timezone.utc)
    >>> read_sessions(day, "US/Eastern").is_open(friday_noon)
    True
    """
    try:
        return _read(hours, ZoneInfo(_ZONES.get(zone_name, zone_name)))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


def _read(hours: str, zone: ZoneInfo) -> Sessions | None:
    spans = [
        (_local(day, start, zone), _local(end_day, end, zone))
        for day, start, end_day, end in _SESSION.findall(hours)
    ]
    closed = [_local(day, "0000", zone) for day in _CLOSED.findall(hours)]
    edges = [start for start, _ in spans] + closed
    if not edges:
        return None
    ends = [end for _, end in spans] + [day + dt.timedelta(days=1) for day in closed]
    return Sessions(tuple(spans), min(edges), max(ends))


def _local(day: str, time: str, zone: ZoneInfo) -> dt.datetime:
    moment = dt.datetime.strptime(day + time, "%Y%m%d%H%M").replace(tzinfo=zone)
    return moment.astimezone(dt.timezone.utc)
