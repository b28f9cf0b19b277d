"""Which requests a span of time takes: as few as IB's limits and the size of answers allow.

ib_async reads an answer in one piece, some 4 microseconds a bar, in which the event loop does
nothing else. So a chunk holds at most `MOST_BARS` bars, although IB would send more.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence

from attrs import field, frozen

from ibkit._ib._bar_sizes import DAY
from ibkit.errors import PlanError

from ._bar_sizes import (
    bar_seconds,
    in_seconds,
    in_units,
    longest_in_seconds,
    unit_of,
)
from ._sessions import Session, within

MOST_BARS = 3000

UTC = dt.timezone.utc
_DAY = dt.timedelta(days=1)


@frozen
class Chunk:
    """One request, and the bars that are wanted of its answer: those that begin in the span."""

    start: dt.datetime
    end: dt.datetime
    until: dt.datetime | None
    """What to ask for as the end: late enough for the last bar to be whole. None is now."""
    duration: str
    sessions: tuple[Session, ...] = field(default=(), eq=False, repr=False)
    """When the market was open in the span, as far as that is known."""


def plan_chunks(
    start: dt.datetime,
    end: dt.datetime,
    bar_size: str,
    *,
    sessions: Sequence[Session] | None = None,
    most_bars: int = MOST_BARS,
) -> tuple[Chunk, ...]:
    """
    Cut a span into requests, in order, without a gap or an overlap in open time.

    Args:
        start: With a zone. Bars that begin at it or later are wanted.
        end: With a zone. Bars that begin before it are wanted.
        bar_size: As IB names it.
        sessions: When the market was open, where it is known: closed time is not asked for.
        most_bars: In one answer.

    Raises:
        PlanError: A time has no zone, the end is not after the start, or no such bars.

    >>> import datetime as dt
    >>> from ibkit.history import plan_chunks
    >>> monday = dt.datetime(2026, 3, 2, tzinfo=dt.timezone.utc)
    >>> for chunk in plan_chunks(monday, monday + dt.timedelta(hours=2), "5 secs", most_bars=720):
    ...     print(f"{chunk.until:%H:%M:%S}", chunk.duration)
    01:00:05 3605 S
    02:00:05 3605 S
    >>> year = plan_chunks(monday - dt.timedelta(days=365), monday, "1 day")
    >>> [chunk.duration for chunk in year]
    ['2 Y']
    """
    check_span(start, end)
    seconds = bar_seconds(bar_size)
    if most_bars < 1:
        raise PlanError("most_bars", most_bars, "at least 1")
    if seconds >= DAY:
        return tuple(_by_years(start, end, seconds, most_bars))
    opened = None if sessions is None else within(sessions, start, end)
    if seconds < 60 or _fits_in_seconds(start, end, seconds, most_bars):
        return tuple(_by_seconds(start, end, seconds, most_bars, opened, sessions))
    if opened is None:
        return tuple(_by_days(start, end, seconds, most_bars))
    return tuple(_by_sessions(opened, seconds, most_bars, tuple(sessions or ())))


def chunk_until_now(start: dt.datetime, end: dt.datetime, bar_size: str, now: dt.datetime) -> Chunk:
    """One request that ends now, for data that IB gives no other way (ADJUSTED_LAST)."""
    check_span(start, end)
    seconds = bar_seconds(bar_size)
    days = math.ceil((now - start) / _DAY) + 1
    return Chunk(start, end, None, in_units(days, seconds))


def check_span(start: dt.datetime, end: dt.datetime) -> None:
    """Raise `PlanError` for times without a zone or in the wrong order."""
    for name, value in (("start", start), ("end", end)):
        if value.tzinfo is None:
            raise PlanError(name, value, "a time needs a zone, such as datetime.timezone.utc")
    if end <= start:
        raise PlanError("end", end, f"a time after the start, {start}")


def _fits_in_seconds(start: dt.datetime, end: dt.datetime, seconds: int, most_bars: int) -> bool:
    length = (end - start).total_seconds() + seconds
    return length <= min(longest_in_seconds(seconds), most_bars * seconds)


def _by_seconds(
    start: dt.datetime,
    end: dt.datetime,
    seconds: int,
    most_bars: int,
    opened: Sequence[Session] | None,
    sessions: Sequence[Session] | None,
) -> Iterator[Chunk]:
    """Small bars: a chunk reaches over closed time where that is allowed."""
    bar = dt.timedelta(seconds=seconds)
    longest = dt.timedelta(seconds=longest_in_seconds(seconds)) - bar
    known = None if sessions is None else tuple(sessions)
    stretches = [(start, end)] if opened is None else [(each.start, each.end) for each in opened]
    begin = last = stretches[0][0] if stretches else start
    left = most_bars
    for opens, closes in stretches:
        at = opens
        while at < closes:
            room = min(left, (begin + longest - at) // bar)
            if room < 1:
                yield _seconds_chunk(begin, last, bar, known)
                begin, left = at, most_bars
                continue
            last = min(closes, at + room * bar)
            left -= math.ceil((last - at) / bar)
            at = last
    if last > begin:
        yield _seconds_chunk(begin, last, bar, known)


def _seconds_chunk(
    begin: dt.datetime, last: dt.datetime, bar: dt.timedelta, known: tuple[Session, ...] | None
) -> Chunk:
    until = last + bar
    mine = () if known is None else within(known, begin, last)
    return Chunk(begin, last, until, in_seconds(until - begin), mine)


def _by_days(start: dt.datetime, end: dt.datetime, seconds: int, most_bars: int) -> Iterator[Chunk]:
    """Nobody knows when the market is open: reckon with every hour.

    One day more than the span, because IB counts the day that is under way as a whole one.
    """
    unit = unit_of(seconds)
    most_days = min(most_bars * seconds // DAY, unit.most * unit.least_days)
    step = max(1, most_days - 1) * _DAY
    while start < end:
        last = min(end, start + step)
        days = math.ceil((last - start) / _DAY) + 1
        until = last + dt.timedelta(seconds=seconds)
        yield Chunk(start, last, until, in_units(days, seconds))
        start = last


def _by_sessions(
    opened: Sequence[Session], seconds: int, most_bars: int, sessions: tuple[Session, ...]
) -> Iterator[Chunk]:
    """Whole trading days, as IB counts them: an answer begins where a trading day does."""
    most_days = unit_of(seconds).most * unit_of(seconds).least_days
    whole = {each.start: each for each in sessions}
    full = {each.end: each for each in sessions}
    taken: list[Session] = []
    bars = 0
    for session in opened:
        of_it = full.get(session.end) or whole.get(session.start) or session
        more = math.ceil((of_it.end - of_it.start).total_seconds() / seconds)
        too_long = bool(taken) and (session.day - taken[0].day).days >= most_days - 1
        same_day = bool(taken) and session.day == taken[-1].day
        if taken and not same_day and (bars + more > most_bars or too_long):
            yield _sessions_chunk(taken, seconds, full)
            taken, bars = [], 0
        taken.append(session)
        bars += more
    if taken:
        yield _sessions_chunk(taken, seconds, full)


def _sessions_chunk(
    taken: Sequence[Session], seconds: int, full: dict[dt.datetime, Session]
) -> Chunk:
    begin, last = taken[0].start, taken[-1].end
    until = last if last in full else last + dt.timedelta(seconds=seconds)
    if unit_of(seconds).letter == "D":
        days = len({each.day for each in taken})
    else:
        days = (taken[-1].day - taken[0].day).days + 2
    return Chunk(begin, last, until, in_units(days, seconds), tuple(taken))


def _by_years(
    start: dt.datetime, end: dt.datetime, seconds: int, most_bars: int
) -> Iterator[Chunk]:
    """Bars of days and more carry dates; midnight in UTC stands for a date here."""
    unit = unit_of(seconds)
    years = min(unit.most, max(1, most_bars * seconds // (unit.least_days * DAY) - 1))
    first, last = start.date(), (end - dt.timedelta(microseconds=1)).date()
    while first <= last:
        final = min(last, first + dt.timedelta(days=years * unit.least_days - 2))
        # the trading day of a date may end in the next one; the bar after it is cut off
        until = _midnight(final) + dt.timedelta(seconds=seconds, hours=12)
        days = (until.date() - first).days + 1
        yield Chunk(_midnight(first), _midnight(final) + _DAY, until, in_units(days, seconds))
        first = final + _DAY


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), UTC)
