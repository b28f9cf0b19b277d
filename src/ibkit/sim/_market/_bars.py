"""Which stretches of time make up the bars of a request (gateway-behaviour 3.5)."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Callable, Hashable, Iterator
from itertools import groupby
from typing import NamedTuple

from ibkit.sim._market._figures import Session
from ibkit.sim._market._hours import Days, trading_days, trading_days_back
from ibkit.sim._market._path import DAY, SIZES, day_of, moment_of, stamp_of

INTRADAY = {
    "1 secs": 1,
    "5 secs": 5,
    "10 secs": 10,
    "15 secs": 15,
    "30 secs": 30,
    "1 min": 60,
    "2 mins": 120,
    "3 mins": 180,
    "5 mins": 300,
    "10 mins": 600,
    "15 mins": 900,
    "20 mins": 1200,
    "30 mins": 1800,
    "1 hour": 3600,
    "2 hours": 7200,
    "3 hours": 10800,
    "4 hours": 14400,
    "8 hours": 28800,
}
"""Seconds of the bars that are not cut by days."""
_BY_DAYS: dict[str, Callable[[dt.date], Hashable]] = {
    "1 day": lambda day: day,
    "1 week": lambda day: day.isocalendar()[:2],
    "1W": lambda day: day.isocalendar()[:2],
    "1 month": lambda day: (day.year, day.month),
    "1M": lambda day: (day.year, day.month),
}
"""Which trading days share a bar."""
_HOUR = 3_600_000
_DAY = dt.timedelta(days=1)


class Window(NamedTuple):
    """One bar: its trading day and the open stretches in it."""

    day: dt.date
    spans: tuple[tuple[int, int], ...]


def windows(days: Days, start: int, end: int, size: str, *, regular: bool) -> Iterator[Window]:
    """Yield the bars that begin in ``start <= t < end``, the last cut by *end*.

    Bars up to an hour are aligned to the hour of UTC (which is that of every market here), longer
    ones to the hour in which the trading day opens.
    """
    if size in _BY_DAYS:
        yield from _of_days(days, start, end, _BY_DAYS[size], regular=regular)
        return
    length = INTRADAY[size] * 1000
    for day, spans in trading_days(days, start, end, regular=regular):
        origin = 0 if length <= _HOUR else spans[0][0] // _HOUR * _HOUR
        cut = (piece for span in spans for piece in _cut(span, origin, length))
        for _, pieces in groupby(cut, key=lambda piece: piece[0]):
            bar = tuple((begins, min(stops, end)) for _, begins, stops in pieces if begins < end)
            if bar and bar[0][0] >= start:
                yield Window(day, bar)


def _cut(span: tuple[int, int], origin: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Cut a stretch at the bars' boundaries: number of the bar, from, to."""
    number = (span[0] - origin) // length
    begins = span[0]
    while begins < span[1]:
        stops = min(span[1], origin + (number + 1) * length)
        yield number, begins, stops
        number, begins = number + 1, stops


def _of_days(
    days: Days, start: int, end: int, group: Callable[[dt.date], Hashable], *, regular: bool
) -> Iterator[Window]:
    begun = (
        (day, spans)
        for day, spans in trading_days(days, start, end, regular=regular)
        if spans[0][0] >= start
    )
    for _, members in groupby(begun, key=lambda member: group(member[0])):
        together = list(members)
        spans = tuple(
            (begins, min(stops, end))
            for _, each in together
            for begins, stops in each
            if begins < end
        )
        yield Window(together[-1][0], spans)


def start_of(days: Days, end: dt.datetime, duration: str, *, regular: bool) -> dt.datetime:
    """Return where a duration that ends at *end* begins: ``60 S``, ``3 D``, ``2 W``, ``1 Y``.

    Days are trading days, the last one counted. Weeks, months and years reach back to the start
    of the trading day of the same date then.
    """
    number, unit = duration.upper().split()
    count = int(number)
    if unit == "S":
        return end - dt.timedelta(seconds=count)
    if unit == "D":
        return trading_days_back(days, moment_of(end), count, regular=regular).start
    date = _back(day_of(moment_of(end) // SIZES[DAY]), count, unit)
    return first_on_or_after(days, date + _DAY, regular=regular).start


def _back(day: dt.date, count: int, unit: str) -> dt.date:
    if unit == "W":
        return day - dt.timedelta(weeks=count)
    months = day.year * 12 + day.month - 1 - count * (12 if unit == "Y" else 1)
    year, month = months // 12, months % 12 + 1
    return dt.date(year, month, min(day.day, monthrange(year, month)[1]))


def first_on_or_after(days: Days, day: dt.date, *, regular: bool) -> Session:
    """Return the first trading day from a date on."""
    while not (spans := days.sessions(day, regular=regular)):
        day += _DAY
    return Session(day, stamp_of(spans[0][0]), stamp_of(spans[-1][1]))
