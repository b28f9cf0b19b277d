"""Files of real data as a tape: CSV or Parquet, of ticks, quotes or OHLC bars.

Columns are known by their usual names, in any case and order; others are ignored. A bar becomes
four trades: its open, the extreme on the side it came from, the other one, its close. Where a
file has no quotes every trade stands on the bid of a quote one tick wide, so that orders can
be filled.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ibkit.sim._market._file_times import time_of
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._ticks import MarketTick, Quote, Trade

Row = Mapping[str, object]

_NAMES = {
    "time": "time datetime timestamp date ts tsevent when gmttime",
    "open": "open o",
    "high": "high h",
    "low": "low l",
    "close": "close c",
    "volume": "volume vol v",
    "price": "price last lastprice tradeprice",
    "size": "size lastsize qty quantity amount",
    "bid": "bid bidprice bidpx pricebid",
    "ask": "ask askprice askpx priceask",
    "bid_size": "bidsize bidsz bidqty sizebid bidvolume",
    "ask_size": "asksize asksz askqty sizeask askvolume",
}
_KNOWN = {spelling: name for name, spellings in _NAMES.items() for spelling in spellings.split()}
_MISSING = frozenset(("", "nan", "nat", "none", "null", "na", "n/a"))
_SIZES = frozenset(("volume", "size", "bid_size", "ask_size"))
"""Where IB writes -1 for what it does not know, as for the volume of midpoints."""
_DELIMITERS = ",;\t|"
_QUOTE_SIZE = Decimal(10)
_MINUTE = dt.timedelta(minutes=1)


class ReplayError(ValueError):
    """A file that cannot be replayed.

    Attributes:
        source: The file.
        row: Number of the row, the first after the head being 1; 0 for the file as a whole.
        reason: What is wrong, and what would be right.
    """

    def __init__(self, source: str, row: int, reason: str) -> None:
        super().__init__(source, row, reason)
        self.source, self.row, self.reason = source, row, reason

    def __str__(self) -> str:
        where = f", row {self.row}" if self.row else ""
        return f"{self.source}{where}: {self.reason}"


def read(source: str | Path, instrument: Instrument, naive_zone: str | None) -> list[MarketTick]:
    """Read a file as ticks of *instrument*, in order of time.

    Raises:
        ReplayError: no such column, a time without a zone and no *naive_zone*, not a number.
        OSError: the file cannot be read.
    """
    path = Path(source)
    rows = _parquet(path) if path.suffix in (".parquet", ".pq") else _csv(path)
    try:
        return from_rows(rows, instrument, naive_zone, str(source))
    except ReplayError:
        raise
    except (ValueError, csv.Error) as error:  # not a text, or not Parquet
        raise ReplayError(str(source), 0, f"is not what its name says: {error}") from error


def from_rows(
    rows: Iterable[Row], instrument: Instrument, naive_zone: str | None, source: str = "rows"
) -> list[MarketTick]:
    """Read rows, mappings of column names to values, as `read` does."""
    reader = _Reader(instrument, _zone(naive_zone, source), source)
    named = [reader.row(number, row) for number, row in enumerate(rows, start=1)]
    if not named:
        raise ReplayError(source, 0, "no rows")
    named.sort(key=lambda row: row.time)
    ticks = reader.ticks(named)
    return list(ticks)


def _zone(name: str | None, source: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise ReplayError(source, 0, f"naive_zone {name!r} is not an IANA time zone") from None


def _csv(path: Path) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8-sig") as lines:
        head = lines.readline()
        lines.seek(0)
        yield from csv.DictReader(lines, delimiter=max(_DELIMITERS, key=head.count))


def _parquet(path: Path) -> Iterator[Row]:
    try:
        from pyarrow import parquet
    except ImportError:
        raise ReplayError(
            str(path), 0, "reading Parquet needs pyarrow: pip install 'ibkit[parquet]'"
        ) from None
    for batch in parquet.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()


class _Named:
    """One row, its columns under our names."""

    __slots__ = ("number", "time", "values")

    def __init__(self, number: int, time: dt.datetime, values: dict[str, Decimal]) -> None:
        self.number, self.time, self.values = number, time, values


class _Reader:
    def __init__(self, instrument: Instrument, zone: ZoneInfo | None, source: str) -> None:
        self._con_id, self._tick = instrument.con_id, instrument.min_tick
        self._exchange, self._zone, self._source = instrument.exchange, zone, source

    def row(self, number: int, row: Row) -> _Named:
        plain = {_plain(name): value for name, value in row.items() if name}
        if "date" in plain and "time" in plain:
            plain["datetime"] = f"{plain.pop('date')} {plain.pop('time')}"
        found = {
            _KNOWN[name]: value
            for name, value in plain.items()
            if name in _KNOWN and str(value).strip().lower() not in _MISSING
        }
        if "time" not in found:
            raise self._wrong(number, f"no time; a column is called one of {_NAMES['time']}")
        time = self._time(number, found.pop("time"))
        values = {name: self._number(number, name, value) for name, value in found.items()}
        return _Named(number, time, {n: v for n, v in values.items() if v >= 0 or n not in _SIZES})

    def ticks(self, rows: list[_Named]) -> Iterator[MarketTick]:
        gaps = [after.time - row.time for row, after in pairwise(rows) if after.time > row.time]
        length = min(gaps, default=_MINUTE)
        for row in rows:
            values = row.values
            if "open" in values or ("close" in values and "high" in values):
                yield from self._bar(row, length)
            elif "bid" in values or "ask" in values:
                yield self._quote(row)
                if "price" in values:
                    yield self._trade(row.time, values["price"], values.get("size", Decimal(1)))
            else:
                yield from self._traded(row)

    def _bar(self, row: _Named, length: dt.timedelta) -> Iterator[MarketTick]:
        values = row.values
        missing = [name for name in ("open", "high", "low", "close") if name not in values]
        if missing:
            raise self._wrong(row.number, f"a bar without {', '.join(missing)}")
        start, high, low, close = (values[name] for name in ("open", "high", "low", "close"))
        if not low <= min(start, close) <= max(start, close) <= high:
            raise self._wrong(row.number, f"open {start} high {high} low {low} close {close}")
        middle = (low, high) if close >= start else (high, low)
        volume = values.get("volume", Decimal(4))
        quarter = volume // 4
        last = length - dt.timedelta(milliseconds=1)
        for part, price in enumerate((start, *middle, close)):
            time = row.time + (last if part == 3 else length * part / 4)
            size = volume - 3 * quarter if part == 3 else quarter
            yield from self._on_the_bid(time, price, size)

    def _traded(self, row: _Named) -> Iterator[MarketTick]:
        price = row.values.get("price", row.values.get("close"))
        if price is None:
            wanted = "open, high, low and close, or price (and size), or bid and ask"
            raise self._wrong(row.number, f"no prices; columns are {wanted}")
        size = row.values.get("size", row.values.get("volume", Decimal(1)))
        yield from self._on_the_bid(row.time, price, size)

    def _on_the_bid(self, time: dt.datetime, price: Decimal, size: Decimal) -> Iterator[MarketTick]:
        yield Quote(self._con_id, time, price, _QUOTE_SIZE, price + self._tick, _QUOTE_SIZE)
        yield self._trade(time, price, size)

    def _trade(self, time: dt.datetime, price: Decimal, size: Decimal) -> Trade:
        return Trade(self._con_id, time, price, size, self._exchange)

    def _quote(self, row: _Named) -> Quote:
        values = row.values
        return Quote(
            self._con_id,
            row.time,
            values.get("bid"),
            values.get("bid_size", _QUOTE_SIZE) if "bid" in values else Decimal(0),
            values.get("ask"),
            values.get("ask_size", _QUOTE_SIZE) if "ask" in values else Decimal(0),
        )

    def _time(self, number: int, value: object) -> dt.datetime:
        try:
            return time_of(value, self._zone)
        except ValueError as error:
            raise self._wrong(number, str(error)) from None

    def _number(self, number: int, name: str, value: object) -> Decimal:
        try:
            if (found := Decimal(str(value).strip())).is_finite():
                return found
        except InvalidOperation:
            pass
        raise self._wrong(number, f"{name} {value!r} is not a number")

    def _wrong(self, number: int, reason: str) -> ReplayError:
        return ReplayError(self._source, number, reason)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
