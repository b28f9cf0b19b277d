"""When a market is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Protocol, final
from zoneinfo import ZoneInfo

from ibkit.sim._market._figures import Session
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._memory import remember
from ibkit.sim._market._path import DAY, SIZES, block_of, day_of, moment_of, stamp_of
from ibkit.sim._market._timetables import Spans, timetable
from ibkit.sim._scenario import Scenario

_DAY = dt.timedelta(days=1)
_LONGEST_CLOSURE = 31
"""Days; `products` gives calendars no longer holidays."""
_TEXT_DAYS = 6
"""How many days tradingHours tells (gateway-behaviour 2.2)."""


class Days(Protocol):
    """The sessions of trading days."""

    def sessions(self, day: dt.date, *, regular: bool) -> Spans:
        """Return the sessions of a trading day, none if the market is closed."""
        ...


@final
class _Always:
    """Every day is a trading day of 24 hours, all of them regular."""

    def sessions(self, day: dt.date, *, regular: bool) -> Spans:
        block = block_of(day)
        return ((block * SIZES[DAY], (block + 1) * SIZES[DAY]),)


@final
class Hours:
    """The calendar of every market.

    With `Scenario.sessions` off every market is open at any hour of any day, all of it is
    regular hours, and a trading day is the 24 hours that end at 22:00 UTC (17:00 in New York
    in winter, in Chicago in summer). Whether a future has expired is not asked here, see
    `expiry`.

    Args:
        scenario: Whether real hours are kept.
        instrument_of: Finds the legs of a combo, whose hours are those of its first leg.
    """

    def __init__(
        self, scenario: Scenario, instrument_of: Callable[[int], Instrument | None]
    ) -> None:
        self._always = None if scenario.sessions else _Always()
        self._instrument_of = instrument_of

    def days(self, instrument: Instrument) -> Days:
        """Return the trading days of an instrument."""
        if self._always is not None:
            return self._always
        if instrument.legs:
            leg = self._instrument_of(instrument.legs[0].con_id)
            return self._always_or(leg)
        return timetable(instrument)

    def _always_or(self, leg: Instrument | None) -> Days:
        return _Always() if leg is None else self.days(leg)

    def is_open(self, instrument: Instrument, at: dt.datetime) -> bool:
        """Tell whether trades can happen at *at*."""
        return bool(self._current(instrument, at, regular=False))

    def in_rth(self, instrument: Instrument, at: dt.datetime) -> bool:
        """Tell whether *at* is in regular trading hours."""
        return bool(self._current(instrument, at, regular=True))

    def _current(self, instrument: Instrument, at: dt.datetime, *, regular: bool) -> Spans:
        time, days = moment_of(at), self.days(instrument)
        return spans_between(days, time, time + 1, regular=regular)

    def trading_day(self, instrument: Instrument, at: dt.datetime, *, rth: bool = False) -> Session:
        """Return the trading day that *at* is in, or the next one when the market is closed.

        With *rth*, its regular hours alone: from their first opening to their last close.
        """
        return trading_day(self.days(instrument), moment_of(at), regular=rth)

    def next_open(
        self, instrument: Instrument, at: dt.datetime, *, rth: bool = False
    ) -> dt.datetime:
        """Return *at* itself when open, else the next opening (of regular hours with *rth*)."""
        time, days = moment_of(at), self.days(instrument)
        day = day_of(time // SIZES[DAY]) - _DAY
        for _ in range(_LONGEST_CLOSURE):
            for start, end in days.sessions(day, regular=rth):
                if end > time:
                    return at if start <= time else stamp_of(start)
            day += _DAY
        raise LookupError(f"{instrument.local_symbol} never opens after {at}")

    def close_of(
        self, instrument: Instrument, at: dt.datetime, *, rth: bool = False
    ) -> dt.datetime:
        """Return the end of the trading day of *at* (of its regular hours with *rth*)."""
        return self.trading_day(instrument, at, rth=rth).end

    def schedule(
        self, instrument: Instrument, start: dt.datetime, end: dt.datetime, *, rth: bool
    ) -> list[Session]:
        """Return the sessions that touch ``start <= t < end``, whole."""
        first, last = moment_of(start), moment_of(end)
        return [
            Session(day, stamp_of(opened), stamp_of(closed))
            for day, spans in trading_days(self.days(instrument), first, last, regular=rth)
            for opened, closed in spans
            if closed > first and opened < last
        ]

    def text(self, instrument: Instrument, today: dt.date, *, liquid: bool = False) -> str:
        """Write tradingHours or liquidHours: the sessions of the next six days in its zone."""
        days, place = self.days(instrument), ZoneInfo(instrument.zone)
        parts = []
        for ahead in range(_TEXT_DAYS):
            day = today + ahead * _DAY
            parts += [
                "-".join(f"{stamp_of(time).astimezone(place):%Y%m%d:%H%M}" for time in span)
                for span in days.sessions(day, regular=liquid)
            ] or [f"{day:%Y%m%d}:CLOSED"]
        return ";".join(sorted(parts, key=lambda part: part.replace("CLOSED", "0000")))

    def expiry(self, instrument: Instrument) -> dt.datetime | None:
        """Return when trading of a future or an option ends for ever; ``None`` for others.

        Without a known time that is the end of the last trading day.
        """
        if instrument.last_trade is None:
            return None
        if instrument.last_trade_time:
            clock = dt.time.fromisoformat(instrument.last_trade_time)
            place = ZoneInfo(instrument.zone)
            local = dt.datetime.combine(instrument.last_trade, clock, place)
            return local.astimezone(dt.timezone.utc)
        spans = self.days(instrument).sessions(instrument.last_trade, regular=False)
        block_end = (block_of(instrument.last_trade) + 1) * SIZES[DAY]
        return stamp_of(spans[-1][1] if spans else block_end)


def spans_between(days: Days, start: int, end: int, *, regular: bool) -> Spans:
    """Return the open parts of a stretch."""
    return tuple(
        (max(opened, start), min(closed, end))
        for _, spans in trading_days(days, start, end, regular=regular)
        for opened, closed in spans
        if closed > start and opened < end
    )


def trading_days(
    days: Days, start: int, end: int, *, regular: bool
) -> Iterator[tuple[dt.date, Spans]]:
    """Yield the trading days that touch a stretch, each with its sessions."""
    day, idle = day_of(start // SIZES[DAY]) - _DAY, 0
    while idle < _LONGEST_CLOSURE:
        spans = days.sessions(day, regular=regular)
        if spans and spans[0][0] >= end:
            return
        if spans and spans[-1][1] > start:
            yield day, spans
        day, idle = day + _DAY, 0 if spans else idle + 1


def trading_day(days: Days, time: int, *, regular: bool) -> Session:
    """Return the trading day that *time* is in, or the next one."""
    day = day_of(time // SIZES[DAY]) - _DAY
    for _ in range(_LONGEST_CLOSURE):
        spans = days.sessions(day, regular=regular)
        if spans and spans[-1][1] > time:
            return Session(day, stamp_of(spans[0][0]), stamp_of(spans[-1][1]))
        day += _DAY
    raise LookupError(f"no trading day in the month after {stamp_of(time)}")


def trading_days_back(days: Days, time: int, count: int, *, regular: bool) -> Session:
    """Return the first of the last *count* trading days that have begun before *time*."""
    day = day_of(time // SIZES[DAY]) + _DAY
    for begun, _ in trading_days(days, time - 1, time, regular=regular):
        day = max(day, begun)
    found, idle = None, 0
    while count and idle < _LONGEST_CLOSURE:
        spans = days.sessions(day, regular=regular)
        idle += 1
        if spans and spans[0][0] < time:
            found, idle = Session(day, stamp_of(spans[0][0]), stamp_of(spans[-1][1])), 0
            count -= 1
        day -= _DAY
    if found is None:
        raise LookupError(f"no trading day in the month before {stamp_of(time)}")
    return found


@final
class LifeMask:
    """An instrument's open time, from when it is listed to when it expires."""

    def __init__(self, days: Days, since: int, until: int) -> None:
        self._days, self._since, self._until = days, since, until
        self._always = isinstance(days, _Always)
        self._blocks: dict[int, Spans] = {}

    def spans(self, start: int, end: int) -> Spans:
        """Return the open parts of a stretch."""
        start, end = max(start, self._since), min(end, self._until)
        if start >= end:
            return ()
        if self._always:
            return ((start, end),)
        block = start // SIZES[DAY]
        if end > (block + 1) * SIZES[DAY]:
            return spans_between(self._days, start, end, regular=False)
        return tuple(
            (max(opened, start), min(closed, end))
            for opened, closed in self._of_block(block)
            if closed > start and opened < end
        )

    def _of_block(self, block: int) -> Spans:
        found = self._blocks.get(block)
        if found is None:
            start = block * SIZES[DAY]
            spans = spans_between(self._days, start, start + SIZES[DAY], regular=False)
            found = remember(self._blocks, block, spans, 64)
        return found

    def opened(self, start: int, end: int) -> int:
        """Return how many milliseconds of a stretch are open."""
        return sum(closed - opened for opened, closed in self.spans(start, end))

    def before(self, time: int) -> tuple[int, int] | None:
        """Return the span that *time* is in, else the last one that ended before."""
        time = min(time, self._until - 1)
        block = time // SIZES[DAY]
        for back in range(_LONGEST_CLOSURE):
            start = (block - back) * SIZES[DAY]
            if spans := self.spans(start, min(time + 1, start + SIZES[DAY])):
                return self._whole(spans[-1])
        return None

    def after(self, time: int) -> tuple[int, int] | None:
        """Return the span that *time* is in, else the next one that begins."""
        time = max(time, self._since)
        block = time // SIZES[DAY]
        for ahead in range(_LONGEST_CLOSURE):
            start = (block + ahead) * SIZES[DAY]
            if spans := self.spans(max(time, start), start + SIZES[DAY]):
                return spans[0]
        return None

    def _whole(self, span: tuple[int, int]) -> tuple[int, int]:
        """Return a span's block part up to its real end."""
        block = span[0] // SIZES[DAY] * SIZES[DAY]
        return next(whole for whole in self.spans(block, block + SIZES[DAY]) if whole[0] == span[0])
