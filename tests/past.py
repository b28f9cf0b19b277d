"""A market's past, and a gateway that tells it: what downloads of history are held against.

The volume of a bar is the seconds of it that the answer covers, so a bar that was cut by the
end of a request shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from ib_async import BarData, Contract, Future, HistoricalSchedule, HistoricalSession

from ibkit._ib._bar_columns import BarColumns
from ibkit.errors import GatewayError
from ibkit.history import Session
from ibkit.history._bar_sizes import BAR_SECONDS

UTC = dt.timezone.utc
NOW = dt.datetime(2026, 3, 13, 20, 30, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
_UNIT_DAYS = {"W": 7, "M": 28, "Y": 365}


def at(text: str) -> dt.datetime:
    """A moment in UTC: ``03-02 14:30``."""
    return dt.datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def weekdays(first: dt.date, count: int, opens: int = 14, hours: int = 7) -> tuple[Session, ...]:
    """A session on each weekday from a date on."""
    days = (first + n * DAY for n in range(count))
    return tuple(
        Session(day, start, start + hours * HOUR)
        for day in days
        if day.weekday() < 5
        for start in [dt.datetime.combine(day, dt.time(), UTC) + opens * HOUR]
    )


def contract() -> Contract:
    """A future with a conId."""
    return Future("ES", "202603", "CME", conId=77, localSymbol="ESH6")


def bars_of(sessions: Sequence[Session], seconds: int) -> list[BarData]:
    """Every whole bar of some sessions."""
    bar = dt.timedelta(seconds=seconds)
    return [
        _bar(start, (min(start + bar, session.end) - start).total_seconds())
        for session in sessions
        for start in _starts(session, bar)
    ]


def _starts(session: Session, bar: dt.timedelta) -> list[dt.datetime]:
    count = -(-(session.end - session.start) // bar)
    return [session.start + n * bar for n in range(count)]


def _bar(start: dt.datetime, covered: float) -> BarData:
    price = 5000 + start.timestamp() % 86_400 / 3600
    return BarData(start, price, price + 1, price - 1, price + 0.25, covered, price, 3)


class Past:
    """Answers as `Requests` does. *empty* are days of which it has nothing."""

    def __init__(self, sessions: Sequence[Session], *, now: dt.datetime = NOW) -> None:
        self.sessions = tuple(sessions)
        self.now = now
        self.health = SimpleNamespace(clock=lambda: self.now)
        self.asked: list[tuple[str, dt.datetime]] = []
        self.answers: list[int] = []
        self.failing: list[Exception] = []
        self.empty: set[dt.date] = set()
        self.zone = "UTC"
        self.schedules = 0
        self.refuses: Exception | None = None
        """What it answers to a question for the schedule."""
        self.shortens = 0
        """From how many answers to leave out the first session."""

    async def historical_bars_async(
        self, contract: Contract, duration: str, bar_size: str, what: str, *, end: Any, rth: bool
    ) -> BarColumns:
        self.asked.append((duration, end))
        if self.failing:
            raise self.failing.pop(0)
        end = end or self.now
        seconds = BAR_SECONDS[bar_size]
        begin = self._begin(end, duration)
        found = self._daily(begin, end) if seconds == 86_400 else self._bars(begin, end, seconds)
        if self.shortens and found:
            self.shortens -= 1
            first = next(s for s in self.sessions if s.end > found[0].date)
            found = [bar for bar in found if bar.date >= first.end]
        self.answers.append(len(found))
        if not found:
            raise GatewayError(162, "HMDS query returned no data: ESH6@CME Trades")
        return BarColumns(found)

    async def historical_schedule_async(
        self, contract: Contract, days: int, *, end: Any, rth: bool
    ) -> HistoricalSchedule:
        self.schedules += 1
        if self.refuses is not None:
            raise self.refuses
        begun = [s for s in self.sessions if s.start < end][-days:]
        rows = [
            HistoricalSession(
                f"{s.start:%Y%m%d-%H:%M:%S}", f"{s.end:%Y%m%d-%H:%M:%S}", f"{s.day:%Y%m%d}"
            )
            for s in begun
        ]
        return HistoricalSchedule("", "", self.zone, rows)

    def _begin(self, end: dt.datetime, duration: str) -> dt.datetime:
        number, unit = duration.split()
        if unit == "S":
            return end - dt.timedelta(seconds=int(number))
        if unit == "D":
            begun = [s for s in self.sessions if s.start < end]
            return begun[-int(number) :][0].start if begun else end
        return end - int(number) * _UNIT_DAYS[unit] * DAY

    def _bars(self, begin: dt.datetime, end: dt.datetime, seconds: int) -> list[BarData]:
        bar = dt.timedelta(seconds=seconds)
        return [
            _bar(start, (min(start + bar, session.end, end) - start).total_seconds())
            for session in self.sessions
            if session.end > begin and session.start < end and session.day not in self.empty
            for start in _starts(session, bar)
            if begin <= start < end
        ]

    def _daily(self, begin: dt.datetime, end: dt.datetime) -> list[BarData]:
        return [
            BarData(s.day, 1, 1, 1, 1, min((end - s.start).total_seconds(), 25_200), 1, 1)
            for s in self.sessions
            if s.start >= begin and s.start < end and s.day not in self.empty
        ]


class Connected:
    """An IB that is connected."""

    def isConnected(self) -> bool:
        return True
