"""Market-data streams within the limits of IB, without silent holes.

`StreamManager` opens streams of quotes, ticks, books and bars; a `Stream` is iterated over, or
looked at, and says in its events where data may be missing.
"""

from ibkit._ib._codes import Notice as Notice

from ._buffers import Buffer as Buffer, Policy as Policy
from ._checks import BarKind as BarKind
from ._decisions import (
    PoolStatistics as PoolStatistics,
    StreamStatistics as StreamStatistics,
    WhenFull as WhenFull,
)
from ._events import (
    Closed as Closed,
    Delayed as Delayed,
    Gap as Gap,
    Resumed as Resumed,
    Stale as Stale,
    Started as Started,
    StreamEvent as StreamEvent,
)
from ._handle import Stream as Stream
from ._kinds import DataType as DataType
from ._lifecycle import StreamEvents as StreamEvents
from ._limits import Pool as Pool, StreamLimits as StreamLimits
from ._manager import StreamManager as StreamManager
from ._quote import Greeks as Greeks, Quote as Quote
from ._values import (
    Bar as Bar,
    BidAskTick as BidAskTick,
    Book as Book,
    BookRow as BookRow,
    MidTick as MidTick,
    TickKind as TickKind,
    TradeTick as TradeTick,
)

__all__ = [
    "Bar",
    "BarKind",
    "BidAskTick",
    "Book",
    "BookRow",
    "Buffer",
    "Closed",
    "DataType",
    "Delayed",
    "Gap",
    "Greeks",
    "MidTick",
    "Notice",
    "Policy",
    "Pool",
    "PoolStatistics",
    "Quote",
    "Resumed",
    "Stale",
    "Started",
    "Stream",
    "StreamEvent",
    "StreamEvents",
    "StreamLimits",
    "StreamManager",
    "StreamStatistics",
    "TickKind",
    "TradeTick",
    "WhenFull",
]
