"""Where a download keeps what has arrived, so that it can go on after it broke off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias, final

from attrs import define, field, frozen
from ib_async import BarData, HistoricalTick, HistoricalTickBidAsk, HistoricalTickLast

AnyTick: TypeAlias = HistoricalTick | HistoricalTickBidAsk | HistoricalTickLast
TICKS = "ticks"
"""Stands for the size of a bar in the key of ticks."""


@frozen(kw_only=True)
class SeriesKey:
    """What a series of bars is of; of ticks the bar size is ``"ticks"``."""

    con_id: int
    bar_size: str
    what: str
    use_rth: bool

    def __str__(self) -> str:
        hours = "rth" if self.use_rth else "all"
        return f"{self.con_id}-{self.bar_size.replace(' ', '')}-{self.what}-{hours}"


class Span(NamedTuple):
    """From a moment to before another."""

    start: dt.datetime
    end: dt.datetime


class BarStore(Protocol):
    """Keeps spans of bars. A span without bars is kept, too: IB has none there."""

    def spans(self, key: SeriesKey) -> Sequence[Span]:
        """What is kept of a series. The spans do not overlap."""
        ...

    def read(self, key: SeriesKey, span: Span) -> Sequence[BarData]:
        """The bars of one of these spans."""
        ...

    def write(self, key: SeriesKey, span: Span, bars: Sequence[BarData]) -> None:
        """Keep the bars of a span."""
        ...


class TickStore(Protocol):
    """Keeps spans of ticks, as a `BarStore` keeps bars."""

    def spans(self, key: SeriesKey) -> Sequence[Span]:
        """What is kept of a series. The spans do not overlap."""
        ...

    def read_ticks(self, key: SeriesKey, span: Span) -> Sequence[AnyTick]:
        """The ticks of one of these spans."""
        ...

    def write_ticks(self, key: SeriesKey, span: Span, ticks: Sequence[AnyTick]) -> None:
        """Keep the ticks of a span, all of one kind."""
        ...


@final
@define(eq=False)
class MemoryStore:
    """
    Keeps bars and ticks in memory, as long as you hold it.

    >>> import datetime as dt
    >>> from ibkit.history import MemoryStore, SeriesKey, Span
    >>> store = MemoryStore()
    >>> key = SeriesKey(con_id=1, bar_size="1 min", what="TRADES", use_rth=False)
    >>> midnight = dt.datetime(2026, 3, 2, tzinfo=dt.timezone.utc)
    >>> span = Span(midnight, midnight + dt.timedelta(days=1))
    >>> store.write(key, span, [])
    >>> store.spans(key) == [span]
    True
    """

    _kept: dict[SeriesKey, dict[Span, Sequence[BarData]]] = field(factory=dict, init=False)
    _ticks: dict[SeriesKey, dict[Span, Sequence[AnyTick]]] = field(factory=dict, init=False)

    def spans(self, key: SeriesKey) -> list[Span]:
        """What is kept of a series."""
        return sorted(self._kept.get(key) or self._ticks.get(key) or ())

    def read(self, key: SeriesKey, span: Span) -> Sequence[BarData]:
        """The bars of one of these spans."""
        return self._kept[key][span]

    def write(self, key: SeriesKey, span: Span, bars: Sequence[BarData]) -> None:
        """Keep the bars of a span."""
        self._kept.setdefault(key, {})[span] = bars

    def read_ticks(self, key: SeriesKey, span: Span) -> Sequence[AnyTick]:
        """The ticks of one of these spans."""
        return self._ticks[key][span]

    def write_ticks(self, key: SeriesKey, span: Span, ticks: Sequence[AnyTick]) -> None:
        """Keep the ticks of a span."""
        self._ticks.setdefault(key, {})[span] = ticks


def missing_spans(start: dt.datetime, end: dt.datetime, kept: Sequence[Span]) -> list[Span]:
    """What of a span is not in any of the *kept* ones, which are in order."""
    found = []
    for span in kept:
        if span.end <= start or span.start >= end:
            continue
        if span.start > start:
            found.append(Span(start, span.start))
        start = max(start, span.end)
    if start < end:
        found.append(Span(start, end))
    return found
