"""Record every trade and every change of bid and ask to Parquet, gaps included.

`python -m ibkit.sim`, then `python examples/record_to_parquet.py`. Needs `ibkit[parquet]`. A file
is closed after so many rows, so that a crash loses only the rows of the last one. Where data may be
missing there is a row that says since when and why: a hole in the file would look like a quiet
market.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import ibkit
from ibkit.streams import BidAskTick, Buffer, Gap, Resumed, Stream, StreamEvent, TradeTick

ROWS_PER_FILE = 5_000
Row = dict[str, object]


class ParquetFiles:
    """Collects rows; every so many become a file of their own."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._rows: list[Row] = []
        self._files = 0
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, row: Row) -> None:
        """Take one row; all values go as text or times, so nothing is rounded."""
        self._rows.append(row)
        if len(self._rows) >= ROWS_PER_FILE:
            self.flush()

    def flush(self) -> None:
        """Write what has been collected."""
        if self._rows:
            path = self._folder / f"{self._name}-{self._files:05}.parquet"
            pq.write_table(pa.Table.from_pylist(self._rows), path)
            self._rows, self._files = [], self._files + 1


def row(tick: TradeTick | BidAskTick) -> Row:
    """One row; a field that is not there stays empty."""
    fields = ("price", "size", "bid", "ask", "bid_size", "ask_size")
    values = {name: getattr(tick, name, None) for name in fields}
    texts = {name: None if value is None else str(value) for name, value in values.items()}
    return {"time": tick.time, "arrived": tick.arrived, "gap": None, **texts}


def gap_row(event: StreamEvent) -> Row | None:
    """A row for what is missing, or may be."""
    if isinstance(event, Gap):
        return {"time": event.since, "arrived": None, "gap": event.reason}
    if isinstance(event, Resumed):
        return {"time": event.at, "arrived": None, "gap": f"over, began {event.gap.since}"}
    return None


async def write(stream: Stream[TradeTick] | Stream[BidAskTick], files: ParquetFiles) -> None:
    """Write until cancelled; `fail` in the buffer means: rather stop than lose a tick silently."""

    def note(event: StreamEvent) -> None:
        if (found := gap_row(event)) is not None:
            files.add(found)

    stream.events += note
    try:
        async for tick in stream:
            files.add(row(tick))
    finally:
        stream.close()
        files.flush()


async def main(port: int = 7497, seconds: float = 30, folder: Path = Path("ticks")) -> None:
    """Record the front month of ES for so many seconds."""
    every = Buffer(100_000, "fail")
    async with ibkit.open_desk(port=port, client_id=12) as desk:
        es = await desk.contracts.front_month_async("ES")
        trades = desk.streams.ticks(es, "Last", buffer=every)
        quotes = desk.streams.ticks(es, "BidAsk", buffer=every)
        work = [
            asyncio.create_task(write(trades, ParquetFiles(folder, f"{es.localSymbol}-trades"))),
            asyncio.create_task(write(quotes, ParquetFiles(folder, f"{es.localSymbol}-quotes"))),
        ]
        done, running = await asyncio.wait(work, timeout=seconds)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for task in done:
            task.result()  # a stream that broke says why


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 7497))
