"""Where a download keeps what has arrived, so that it can go on after it broke off."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, final

from attrs import define, field, frozen
from ib_async import BarData

from ibkit.errors import MissingExtra

UTC = dt.timezone.utc
_STAMP = "%Y%m%dT%H%M%SZ"


@frozen(kw_only=True)
class SeriesKey:
    """What a series of bars is of."""

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


@final
@define(eq=False)
class MemoryStore:
    """
    Keeps bars in memory, as long as you hold it.

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

    def spans(self, key: SeriesKey) -> list[Span]:
        """What is kept of a series."""
        return sorted(self._kept.get(key, ()))

    def read(self, key: SeriesKey, span: Span) -> Sequence[BarData]:
        """The bars of one of these spans."""
        return self._kept[key][span]

    def write(self, key: SeriesKey, span: Span, bars: Sequence[BarData]) -> None:
        """Keep the bars of a span."""
        self._kept.setdefault(key, {})[span] = bars


@final
class ParquetStore:
    """
    Keeps bars in Parquet files: a folder a series, a file a request. Needs the extra ``parquet``.

    A file appears whole or not at all, so a program that dies leaves no half one. ``pandas``,
    ``polars`` and ``duckdb`` read a folder as one table; times are in UTC.

    Args:
        folder: Where the folders of series are, or will be.

    Raises:
        MissingExtra: pyarrow is not installed.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ModuleNotFoundError as error:
            raise MissingExtra("parquet", "files of bars") from error
        self.folder: Path = Path(folder)
        self._pa: Any = pa
        self._pq: Any = pq

    def spans(self, key: SeriesKey) -> list[Span]:
        """What is kept of a series, by the names of the files."""
        return sorted(_span_of(path) for path in (self.folder / str(key)).glob("*_*.parquet"))

    def read(self, key: SeriesKey, span: Span) -> list[BarData]:
        """The bars of one of these spans."""
        table = self._pq.read_table(self._path(key, span), partitioning=None)
        return [BarData(*row) for row in zip(*table.to_pydict().values(), strict=True)]

    def write(self, key: SeriesKey, span: Span, bars: Sequence[BarData]) -> None:
        """Keep the bars of a span."""
        path = self._path(key, span)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        self._pq.write_table(self._table(bars), unfinished)
        unfinished.replace(path)

    def _path(self, key: SeriesKey, span: Span) -> Path:
        name = f"{span.start.astimezone(UTC):{_STAMP}}_{span.end.astimezone(UTC):{_STAMP}}"
        return self.folder / str(key) / f"{name}.parquet"

    def _table(self, bars: Sequence[BarData]) -> Any:
        pa = self._pa
        is_daily = bool(bars) and not isinstance(bars[0].date, dt.datetime)
        number = pa.float64()
        columns = {
            "time": (pa.date32() if is_daily else pa.timestamp("s", "UTC"), "date"),
            **{name: (number, name) for name in ("open", "high", "low", "close", "volume")},
            "average": (number, "average"),
            "count": (pa.int64(), "barCount"),
        }
        return pa.table(
            {
                name: pa.array([getattr(bar, of) for bar in bars], type=kind)
                for name, (kind, of) in columns.items()
            }
        )


def _span_of(path: Path) -> Span:
    start, end = (
        dt.datetime.strptime(each, _STAMP).replace(tzinfo=UTC) for each in path.stem.split("_")
    )
    return Span(start, end)


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
