"""Bars in columns of numbers, which look like a sequence of ``BarData``.

A year of minutes as 350,000 objects makes every full pass of the garbage collector stop the
event loop for a tenth of a second (benchmarks/bench_history.py), and takes five times the memory.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import final, overload

from ib_async import BarData

UTC = dt.timezone.utc
_PRICES = 6
"""open, high, low, close, volume, average."""


@final
class BarColumns(Sequence[BarData]):
    """
    Bars, made anew each time one is looked at. Times are kept to the second, in UTC.

    >>> import datetime as dt
    >>> from ib_async import BarData
    >>> bars = BarColumns([BarData(dt.date(2026, 3, 2), 1.0, 3.0, 0.5, 2.0, 10, 1.5, 4)])
    >>> len(bars), bars[0].date, bars[-1].close
    (1, datetime.date(2026, 3, 2), 2.0)
    """

    __slots__ = ("_counts", "_daily", "_numbers", "_times")

    def __init__(self, bars: Iterable[BarData] = ()) -> None:
        self._times = array("q")
        self._numbers = [array("d") for _ in range(_PRICES)]
        self._counts = array("q")
        self._daily = False
        self.extend(bars)

    def extend(self, bars: Iterable[BarData]) -> None:
        """Add bars at the end, all of times or all of dates."""
        if isinstance(bars, BarColumns):
            self._take(bars)
            return
        rows = [
            (b.open, b.high, b.low, b.close, b.volume, b.average, b.barCount, b.date) for b in bars
        ]
        if not rows:
            return
        *numbers, counts, dates = zip(*rows, strict=True)
        for column, values in zip(self._numbers, numbers, strict=True):
            column.extend(values)
        self._counts.extend(counts)
        self._daily = not isinstance(dates[0], dt.datetime)
        self._times.extend(map(_number, dates))

    def _take(self, other: BarColumns) -> None:
        if other:
            self._daily = other._daily
        for mine, theirs in zip(self._numbers, other._numbers, strict=True):
            mine.extend(theirs)
        self._counts.extend(other._counts)
        self._times.extend(other._times)

    def __len__(self) -> int:
        return len(self._times)

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
        numbers = (column[some] for column in self._numbers)
        dates = map(self._date, self._times[some])
        return map(BarData, dates, *numbers, self._counts[some])

    def _date(self, number: int) -> dt.datetime | dt.date:
        if self._daily:
            return dt.date.fromordinal(number)
        return dt.datetime.fromtimestamp(number, UTC)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(
            mine == theirs for mine, theirs in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]  # it can be extended

    def __repr__(self) -> str:
        return f"<BarColumns: {len(self)} bars>"


def _number(date: dt.datetime | dt.date) -> int:
    return int(date.timestamp()) if isinstance(date, dt.datetime) else date.toordinal()
