"""Bars and ticks in Parquet files."""

from __future__ import annotations

import datetime as dt
import os
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, final

from ib_async import (
    BarData,
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    TickAttribBidAsk,
    TickAttribLast,
)

from ibkit._ib._bar_columns import NUMBERS, BarColumns
from ibkit.errors import MissingExtra

from ._stores import AnyTick, SeriesKey, Span

UTC = dt.timezone.utc
_STAMP = "%Y%m%dT%H%M%SZ"
_DAY = 86_400

Rows: TypeAlias = Mapping[str, Sequence[Any]]  # what pyarrow gives and takes has no types


@final
class ParquetStore:
    """
    Keeps bars and ticks in Parquet files: a folder a series, a file a request. Needs the extra
    ``parquet``.

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
            raise MissingExtra("pyarrow", "parquet") from error
        self.folder: Path = Path(folder)
        self._pa: Any = pa
        self._pq: Any = pq

    def spans(self, key: SeriesKey) -> list[Span]:
        """What is kept of a series, by the names of the files."""
        return sorted(_span_of(path) for path in (self.folder / str(key)).glob("*_*.parquet"))

    def read(self, key: SeriesKey, span: Span) -> BarColumns:
        """The bars of one of these spans."""
        table = self._pq.read_table(self._path(key, span), partitioning=None)
        bars = BarColumns()
        pa, times = self._pa, table["time"]
        bars.daily = pa.types.is_date(times.type)
        if bars.daily:
            days = times.cast(pa.int32()).to_pylist()
            bars.times = array("q", (day * _DAY for day in days))
        else:  # Parquet has no seconds
            bars.times = array(
                "q", times.cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_pylist()
            )
        bars.numbers = tuple(array("d", table[name].to_pylist()) for name in NUMBERS)
        bars.counts = array("q", table["count"].to_pylist())
        return bars

    def write(self, key: SeriesKey, span: Span, bars: Sequence[BarData]) -> None:
        """Keep the bars of a span."""
        pa = self._pa
        columns = bars if isinstance(bars, BarColumns) else BarColumns(bars)
        days = pa.array([time // _DAY for time in columns.times], pa.int32()).cast(pa.date32())
        times = pa.array(columns.times, pa.int64()).cast(pa.timestamp("s", "UTC"))
        table = {
            "time": days if columns.daily else times,
            **{
                name: pa.array(column, pa.float64())
                for name, column in zip(NUMBERS, columns.numbers, strict=True)
            },
            "count": pa.array(columns.counts, pa.int64()),
        }
        self._save(key, span, table)

    def read_ticks(self, key: SeriesKey, span: Span) -> list[AnyTick]:
        """The ticks of one of these spans."""
        table = self._pq.read_table(self._path(key, span), partitioning=None)
        return _ticks(table.to_pydict())

    def write_ticks(self, key: SeriesKey, span: Span, ticks: Sequence[AnyTick]) -> None:
        """Keep the ticks of a span, all of one kind."""
        pa = self._pa
        kinds = {"time": pa.timestamp("s", "UTC"), **_kinds(pa)}
        table = {
            name: pa.array(column, kinds.get(name, pa.float64()))
            for name, column in _columns(ticks).items()
        }
        self._save(key, span, table)

    def _save(self, key: SeriesKey, span: Span, table: Rows) -> None:
        path = self._path(key, span)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        self._pq.write_table(self._pa.table(table), unfinished)
        unfinished.replace(path)

    def _path(self, key: SeriesKey, span: Span) -> Path:
        name = f"{span.start.astimezone(UTC):{_STAMP}}_{span.end.astimezone(UTC):{_STAMP}}"
        return self.folder / str(key) / f"{name}.parquet"


def _span_of(path: Path) -> Span:
    start, end = (
        dt.datetime.strptime(each, _STAMP).replace(tzinfo=UTC) for each in path.stem.split("_")
    )
    return Span(start, end)


def _kinds(pa: Any) -> dict[str, Any]:
    flags = dict.fromkeys(("past_limit", "unreported", "bid_past_low", "ask_past_high"), pa.bool_())
    return {**flags, "exchange": pa.string(), "conditions": pa.string()}


def _columns(ticks: Sequence[AnyTick]) -> dict[str, list[object]]:
    rows = [_row(tick) for tick in ticks]
    names = rows[0] if rows else {"time": None}
    return {name: [row[name] for row in rows] for name in names}


def _row(tick: AnyTick) -> dict[str, object]:
    if isinstance(tick, HistoricalTickLast):
        flags = tick.tickAttribLast
        return {
            "time": tick.time,
            "past_limit": flags.pastLimit,
            "unreported": flags.unreported,
            "price": tick.price,
            "size": tick.size,
            "exchange": tick.exchange,
            "conditions": tick.specialConditions,
        }
    if isinstance(tick, HistoricalTickBidAsk):
        sides = tick.tickAttribBidAsk
        return {
            "time": tick.time,
            "bid_past_low": sides.bidPastLow,
            "ask_past_high": sides.askPastHigh,
            "bid": tick.priceBid,
            "ask": tick.priceAsk,
            "bid_size": tick.sizeBid,
            "ask_size": tick.sizeAsk,
        }
    return {"time": tick.time, "price": tick.price, "size": tick.size}


def _ticks(table: Rows) -> list[AnyTick]:
    rows = zip(*table.values(), strict=True)
    if "bid" in table:
        return [
            HistoricalTickBidAsk(time, TickAttribBidAsk(low, high), *rest)
            for time, low, high, *rest in rows
        ]
    if "exchange" in table:
        return [
            HistoricalTickLast(time, TickAttribLast(past, unreported), *rest)
            for time, past, unreported, *rest in rows
        ]
    return [HistoricalTick(*row) for row in rows]
