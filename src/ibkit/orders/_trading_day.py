"""When a day order ends: the end of the trading day, from the trading hours of IB. Pure."""

from __future__ import annotations

import datetime as dt
import functools
import re
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_SPAN = re.compile(r"(\d{8}):(\d{4})-(\d{8}):(\d{4})")

MORNING = dt.time(9)
"""Night sessions are over by then (OSE, SGX, HKFE and SNFE close between 03:00 and 08:00)."""


class _Session(NamedTuple):
    opens: dt.datetime
    closes: dt.datetime

    @property
    def date(self) -> dt.date:
        return self.closes.date()

    @property
    def is_night(self) -> bool:
        return self.opens.date() < self.date and self.closes.time() < MORNING


def day_end(hours: str, zone: str, now: dt.datetime) -> dt.datetime | None:
    """
    Return the end of the trading day that runs at *now*, or else of the next one.

    A trading day is all sessions that end on one date of the exchange: that of a future begins the
    evening before, and a pause at noon does not end it. A night alone belongs to the day after
    it: that of Friday, where Asian exchanges have one, to Monday. ``None`` where the hours do not
    reach that far, or cannot be read.

    >>> text = "20260301:1700-20260302:1600;20260302:1700-20260303:1600"
    >>> monday = dt.datetime(2026, 3, 2, 15, tzinfo=dt.timezone.utc)
    >>> day_end(text, "US/Central", monday).isoformat()
    '2026-03-02T16:00:00-06:00'
    """
    coming = (session for session in _sessions(hours, zone) if session.closes > now)
    for _, day in groupby(coming, key=lambda session: session.date):
        last = list(day)[-1]
        if not last.is_night:
            return last.closes
    return None


@functools.lru_cache(maxsize=128)  # asked for every order that is sent
def _sessions(hours: str, zone: str) -> tuple[_Session, ...]:
    """All sessions, in the order in which they end; none where they cannot be read."""
    try:
        where = ZoneInfo(zone)
        found = [
            _Session(_moment(first, opens, where), _moment(last, closes, where))
            for first, opens, last, closes in _SPAN.findall(hours)
        ]
    except (ZoneInfoNotFoundError, ValueError, OSError):  # TWS writes JST and longer names too
        return ()
    return tuple(sorted(found, key=lambda session: session.closes))


def _moment(day: str, time: str, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.strptime(day + time, "%Y%m%d%H%M").replace(tzinfo=zone)
