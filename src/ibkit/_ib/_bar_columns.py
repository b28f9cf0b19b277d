"""Bars in columns of numbers, which look like a sequence of ``BarData``.

ib_async makes an object of each bar of an answer in one go, in which the event loop stands still,
and every full pass of the garbage collector visits all of them. Columns are read from the fields
of the message five times as fast, and the collector has nothing to visit in them
(benchmarks/bench_history.py). They take a fifth of the memory.
"""

from __future__ import annotations

import datetime as dt
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import final, overload

from ib_async import BarData

from ._times import moment_of

UTC = dt.timezone.utc
NUMBERS = ("open", "high", "low", "close", "volume", "average")
_DAY = 86_400
_EPOCH = dt.date(1970, 1, 1).toordinal()
_HEAD, _FIELDS = 5, 8
"""Of message 17: fields before the first bar, and of each bar."""


@final
class BarColumns(Sequence[BarData]):  # noqa: PLW1641 - it can be extended, so it has no hash
    """
    Bars, made anew each time one is looked at. Times are kept to the second, in UTC.

    >>> import datetime as dt
    >>> from ib_async import BarData
    >>> bars = BarColumns([BarData(dt.date(2026, 3, 2), 1.0, 3.0, 0.5, 2.0, 10, 1.5, 4)])
    >>> len(bars), bars[0].date, bars[-1].close
    (1, datetime.date(2026, 3, 2), 2.0)
    """

    __slots__ = ("counts", "daily", "numbers", "times")

    def __init__(self, bars: Iterable[BarData] = ()) -> None:
        self.times: array[int] = array("q")
        """Seconds since 1970; of a date, its midnight in UTC."""
        self.numbers: tuple[array[float], ...] = tuple(array("d") for _ in NUMBERS)
        """In the order of `NUMBERS`."""
        self.counts: array[int] = array("q")
        """How many trades."""
        self.daily: bool = False
        """Whether the bars carry dates."""
        self.extend(bars)

    @classmethod
    def read(cls, fields: list[str]) -> BarColumns:
        """
        Read message 17: type, id, start, end, number of bars, and eight fields for each.

        Raises:
            ValueError: A number or a time in it cannot be read.
        """
        bars = cls()
        last = _HEAD + _FIELDS * int(fields[4])
        if len(fields) < last:
            raise ValueError(f"{fields[4]} bars announced, {len(fields) - _HEAD} fields came")
        dates = fields[_HEAD:last:_FIELDS]
        bars.daily = bool(dates) and len(dates[0]) == len("yyyymmdd")
        bars.times.extend(map(_read_date if bars.daily else _read_time, dates))
        for place, column in enumerate(bars.numbers, 1):
            column.extend(map(float, fields[_HEAD + place : last : _FIELDS]))
        bars.counts.extend(map(int, fields[_HEAD + 7 : last : _FIELDS]))
        return bars

    def extend(self, bars: Iterable[BarData]) -> None:
        """Add bars at the end, all of times or all of dates."""
        if isinstance(bars, BarColumns):
            self._take(bars, slice(None))
            return
        rows = [
            (b.open, b.high, b.low, b.close, b.volume, b.average, b.barCount, b.date) for b in bars
        ]
        if not rows:
            return
        *numbers, counts, dates = zip(*rows, strict=True)
        for column, values in zip(self.numbers, numbers, strict=True):
            column.extend(values)
        self.counts.extend(counts)
        self.daily = not isinstance(dates[0], dt.datetime)
        self.times.extend(map(_number, dates))

    def cut(self, start: dt.datetime, end: dt.datetime) -> BarColumns:
        """The bars that begin in a span, in order of time, each time once: the last one counts."""
        ordered = self if self._is_ordered() else self._put_in_order()
        first = bisect_left(ordered.times, start.timestamp())
        found = BarColumns()
        found._take(ordered, slice(first, bisect_left(ordered.times, end.timestamp())))
        return found

    def moments(self) -> list[dt.datetime]:
        """When each bar begins; of a date, midnight in UTC."""
        return [dt.datetime.fromtimestamp(time, UTC) for time in self.times]

    def _is_ordered(self) -> bool:
        return all(before < after for before, after in pairwise(self.times))

    def _put_in_order(self) -> BarColumns:
        place_of = {time: place for place, time in enumerate(self.times)}
        ordered = BarColumns()
        for time in sorted(place_of):
            ordered._take(self, slice(place_of[time], place_of[time] + 1))
        return ordered

    def _take(self, other: BarColumns, some: slice) -> None:
        if other:
            self.daily = other.daily
        for mine, theirs in zip(self.numbers, other.numbers, strict=True):
            mine.extend(theirs[some])
        self.counts.extend(other.counts[some])
        self.times.extend(other.times[some])

    def __len__(self) -> int:
        return len(self.times)

    @overload
    def __getitem__(self, index: int) -> BarData: ...
    @overload
    def __getitem__(self, index: slice) -> list[BarData]: ...
    def __getitem__(self, index: int | slice) -> BarData | list[BarData]:
        if isinstance(index, slice):
            return list(self._made(index))
        some = slice(index, index + 1 or None)
        for bar in self._made(some):
            return bar
        raise IndexError(index)

    def __iter__(self) -> Iterator[BarData]:
        return self._made(slice(None))

    def _made(self, some: slice) -> Iterator[BarData]:
        numbers = (column[some] for column in self.numbers)
        dates = map(self._date, self.times[some])
        return map(BarData, dates, *numbers, self.counts[some])

    def _date(self, time: int) -> dt.datetime | dt.date:
        if self.daily:
            return dt.date.fromordinal(_EPOCH + time // _DAY)
        return dt.datetime.fromtimestamp(time, UTC)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(
            mine == theirs for mine, theirs in zip(self, other, strict=True)
        )

    def __repr__(self) -> str:
        return f"<BarColumns: {len(self)} bars>"


def _number(date: dt.datetime | dt.date) -> int:
    if isinstance(date, dt.datetime):
        return int(date.timestamp())
    return (date.toordinal() - _EPOCH) * _DAY


def _read_date(text: str) -> int:
    return _number(dt.date(int(text[:4]), int(text[4:6]), int(text[6:])))


def _read_time(text: str) -> int:
    """Epoch seconds, as was asked for; other forms come where TWS is set so."""
    return int(text) if text.isdigit() else int(moment_of(text).timestamp())
