"""Trading sessions as IB lists them: when a market was open, and to which day it counts."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from attrs import frozen
from ib_async import HistoricalSchedule

from ibkit._ib._times import has_unknown_zone, readable_time


@frozen
class Session:
    """One trading session. Evening sessions count to the next day."""

    day: dt.date
    start: dt.datetime
    end: dt.datetime


def read_schedule(answer: HistoricalSchedule) -> tuple[Session, ...] | None:
    """
    Read IB's answer. Its times look like UTC and are of the zone that it names.

    None if nobody knows that zone: then it is not known when the market was open.
    """
    if has_unknown_zone(f"20260101 00:00:00 {answer.timeZone}") or not answer.timeZone:
        return None
    sessions = (
        Session(
            dt.datetime.strptime(each.refDate, "%Y%m%d").date(),  # noqa: DTZ007 - a day
            _moment(each.startDateTime, answer.timeZone),
            _moment(each.endDateTime, answer.timeZone),
        )
        for each in answer.sessions
    )
    return tuple(sorted(sessions, key=lambda each: each.start))


def _moment(text: str, zone: str) -> dt.datetime:
    readable = readable_time(f"{text.replace('-', ' ')} {zone}")
    day, time, name = readable.split(" ", 2)
    local = dt.datetime.strptime(f"{day} {time}", "%Y%m%d %H:%M:%S").replace(tzinfo=ZoneInfo(name))
    return local.astimezone(dt.timezone.utc)


def merged(answers: Iterable[Sequence[Session]]) -> tuple[Session, ...]:
    """Several lists as one, each session once."""
    found = {each.start: each for sessions in answers for each in sessions}
    return tuple(found[start] for start in sorted(found))


def in_life(sessions: Iterable[Session], last_trade: str) -> tuple[Session, ...]:
    """Those up to the last trading day (``20251219``); all of them if no day is given.

    Nobody has documented that IB's schedule of a contract ends with it.
    """
    is_day = len(last_trade) >= 8 and last_trade[:8].isdecimal()
    return tuple(s for s in sessions if not is_day or f"{s.day:%Y%m%d}" <= last_trade[:8])


def within(
    sessions: Iterable[Session], start: dt.datetime, end: dt.datetime
) -> tuple[Session, ...]:
    """The parts of sessions in a span."""
    return tuple(
        Session(each.day, max(each.start, start), min(each.end, end))
        for each in sessions
        if each.start < end and each.end > start
    )


def whole_bars(
    sessions: Iterable[Session], start: dt.datetime, end: dt.datetime, bar: dt.timedelta
) -> tuple[Session, ...]:
    """The parts of sessions in a span, from the first bar on that begins in it."""
    found = []
    for each in sessions:
        late = max(start - each.start, dt.timedelta())
        first, last = each.start + -(-late // bar) * bar, min(each.end, end)
        if first < last:
            found.append(Session(each.day, first, last))
    return tuple(found)


@frozen
class TradingDays:
    """Says to which trading day a moment counts: that of its session, or of the next one."""

    sessions: tuple[Session, ...]
    _ends: tuple[dt.datetime, ...]

    @classmethod
    def of(cls, sessions: tuple[Session, ...]) -> TradingDays:
        """By these sessions."""
        return cls(sessions, tuple(each.end for each in sessions))

    def __call__(self, moment: dt.datetime) -> dt.date:
        """The trading day."""
        place = bisect_right(self._ends, moment)
        return self.sessions[min(place, len(self.sessions) - 1)].day
