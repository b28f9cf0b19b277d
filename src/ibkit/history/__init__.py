"""The past: bars, ticks and continuous futures over any span, within IB's rules.

    history = History(ib)
    series = await history.bars_async(contract, start, end, "1 min", progress=True)
    series.holes                                  # what IB has not got; look here first
    es = await history.continuous_async("ES", start, end, "1 day", adjust="ratio")
    es.rolls, es.to_frame(), es.plot()

Which requests a span takes, when each may be sent, what is missing in the answers, and how
months are joined are pure functions; `stitch` and `plan_chunks` serve without a gateway.
"""

from __future__ import annotations

from ibkit._ib._history_pacer import (
    HistoryPacer as HistoryPacer,
    HistoryPacing as HistoryPacing,
)

from ._chunks import Chunk as Chunk, plan_chunks as plan_chunks
from ._continuous import (
    ContinuousSeries as ContinuousSeries,
    SeriesPart as SeriesPart,
    SeriesRoll as SeriesRoll,
)
from ._errors import GapUnknown as GapUnknown
from ._history import History as History
from ._merge import Hole as Hole, find_holes as find_holes, merge as merge
from ._parquet import ParquetStore as ParquetStore
from ._progress import Progress as Progress
from ._series import BarSeries as BarSeries
from ._sessions import Session as Session
from ._stitch import Segment as Segment, stitch as stitch
from ._stores import (
    BarStore as BarStore,
    MemoryStore as MemoryStore,
    SeriesKey as SeriesKey,
    Span as Span,
    TickStore as TickStore,
)
from ._tick_series import TickSeries as TickSeries

__all__ = [
    "BarSeries",
    "BarStore",
    "Chunk",
    "ContinuousSeries",
    "GapUnknown",
    "History",
    "HistoryPacer",
    "HistoryPacing",
    "Hole",
    "MemoryStore",
    "ParquetStore",
    "Progress",
    "Segment",
    "SeriesKey",
    "SeriesPart",
    "SeriesRoll",
    "Session",
    "Span",
    "TickSeries",
    "TickStore",
    "find_holes",
    "merge",
    "plan_chunks",
    "stitch",
]
