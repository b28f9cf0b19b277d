"""The pacing of historical data (3.5). Times are arguments."""

from __future__ import annotations

import datetime as dt
from collections import deque
from typing import final

TEN_MINUTES = dt.timedelta(minutes=10)
MOST_IN_TEN_MINUTES = 60
IDENTICAL = dt.timedelta(seconds=15)
BURST = dt.timedelta(seconds=2)
MOST_IN_BURST = 5

MOST_NEW_BARS = 60
MOST_KEYS = 1000

PACING_TEXT = "Historical data request pacing violation"


@final
class HistoryPacing:
    """Counts requests of one user and says when there are too many.

    The rules are IB's: no identical request within 15 seconds, fewer than six for one contract,
    exchange and kind of tick within two seconds, at most 60 in ten minutes; BID_ASK counts
    twice.
    """

    def __init__(self) -> None:
        self._all: deque[tuple[dt.datetime, int]] = deque()
        self._weight = 0
        self._identical: dict[object, dt.datetime] = {}
        self._bursts: dict[object, deque[dt.datetime]] = {}

    def admits(self, now: dt.datetime, request: object, series: object, weight: int) -> bool:
        """Whether one more request is in order; if so it is counted."""
        self._forget(now)
        if self._weight + weight > MOST_IN_TEN_MINUTES:
            return False
        last = self._identical.get(request)
        if last is not None and now - last < IDENTICAL:
            return False
        burst = self._bursts.get(series, deque())
        while burst and now - burst[0] >= BURST:
            burst.popleft()
        if len(burst) + weight > MOST_IN_BURST:
            return False
        burst.extend([now] * weight)
        self._bursts[series] = burst
        self._identical[request] = now
        self._all.append((now, weight))
        self._weight += weight
        return True

    def _forget(self, now: dt.datetime) -> None:
        while self._all and now - self._all[0][0] >= TEN_MINUTES:
            self._weight -= self._all.popleft()[1]
        if len(self._identical) > MOST_IN_TEN_MINUTES * 2:
            self._identical = {k: t for k, t in self._identical.items() if now - t < IDENTICAL}
            self._bursts = {k: b for k, b in self._bursts.items() if now - b[-1] < BURST}


@final
class StreamPacing:
    """At most 60 new streams of real-time bars in ten minutes (3.1)."""

    def __init__(self) -> None:
        self._begun: deque[dt.datetime] = deque()

    def admits(self, now: dt.datetime) -> bool:
        """Whether one more may begin; if so it is counted."""
        while self._begun and now - self._begun[0] >= TEN_MINUTES:
            self._begun.popleft()
        if len(self._begun) >= MOST_NEW_BARS:
            return False
        self._begun.append(now)
        return True


@final
class Pauses:
    """Keeps requests of one key apart."""

    def __init__(self) -> None:
        self._last: dict[object, dt.datetime] = {}

    def admits(self, key: object, now: dt.datetime, pause: dt.timedelta) -> bool:
        """Whether the last one that was admitted is at least *pause* ago; if so this one counts."""
        last = self._last.pop(key, None)
        if last is not None and now - last < pause:
            self._last[key] = last
            return False
        self._last[key] = now
        if len(self._last) > MOST_KEYS:
            del self._last[next(iter(self._last))]
        return True
