"""When a day order ends: the end of the trading day, from the trading hours of IB. Pure."""

from __future__ import annotations

import datetime as dt
import functools
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_SPAN = re.compile(r"(\d{8}):(\d{4})-(\d{8}):(\d{4})")


def day_end(hours: str, zone: str, now: dt.datetime) -> dt.datetime | None:
    """
    Return the end of the trading day that runs at *now*, or else of the next one.

    A trading day is all sessions that end on one date of the exchange: that of a future begins the
    evening before, and a pause at noon does not end it. ``None`` where the hours do not reach that
    far, or cannot be read.

    >>> text = "20260301:1700-20260302:1600;20260302:1700-20260303:1600"
    >>> monday = dt.datetime(2026, 3, 2, 15, tzinfo=dt.timezone.utc)
    >>> day_end(text, "US/Central", monday).isoformat()
    '2026-03-02T16:00:00-06:00'
    """
    coming = [end for end in _ends(hours, zone) if end > now]
    return max((end for end in coming if end.date() == coming[0].date()), default=None)


@functools.lru_cache(maxsize=128)  # asked for every order that is sent
def _ends(hours: str, zone: str) -> tuple[dt.datetime, ...]:
    """The ends of all sessions, in their order; none where they cannot be read."""
    try:
        where = ZoneInfo(zone)
        return tuple(sorted(_moment(day, time, where) for _, _, day, time in _SPAN.findall(hours)))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # TWS writes JST and longer names too
        return ()


def _moment(day: str, time: str, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.strptime(day + time, "%Y%m%d%H%M").replace(tzinfo=zone)
