"""Read by type checkers, never run."""

import datetime as dt

from ib_async import (
    IB,
    BarData,
    Contract,
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
)
from typing_extensions import assert_type

from ibkit.contracts import FuturesChain, FuturesResolver, RollSchedule
from ibkit.history import (
    BarSeries,
    BarStore,
    ContinuousSeries,
    History,
    MemoryStore,
    ParquetStore,
    Progress,
    Segment,
    SeriesRoll,
    TickSeries,
    TickStore,
    stitch,
)
from ibkit.history._chains import ChainSource

NOW = dt.datetime.now(dt.timezone.utc)


async def downloads(ib: IB, contract: Contract) -> None:
    history = History(ib)

    def on_progress(progress: Progress) -> None: ...

    series = await history.bars_async(contract, NOW, None, "1 min", progress=on_progress)
    assert_type(series, BarSeries)
    assert_type(series[0], BarData)
    assert_type(history.bars(contract, NOW, NOW, "1 day", progress=True), BarSeries)
    assert_type(await history.ticks_async(contract, NOW, NOW), TickSeries[HistoricalTickLast])
    assert_type(
        await history.ticks_async(contract, NOW, NOW, "BID_ASK"), TickSeries[HistoricalTickBidAsk]
    )
    middle = await history.ticks_async(contract, NOW, NOW, "MIDPOINT", resume=MemoryStore())
    assert_type(middle, TickSeries[HistoricalTick])
    assert_type(middle[0], HistoricalTick)
    assert_type(await history.head_async(contract), dt.datetime)
    await history.bars_async(contract, NOW, NOW, 60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def series(ib: IB) -> None:
    found = await History(ib).continuous_async("ES", NOW, None, "1 day", adjust="ratio")
    assert_type(found, ContinuousSeries)
    assert_type(found.rolls, tuple[SeriesRoll, ...])
    await History(ib).continuous_async("ES", NOW, None, adjust="panama")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def joined(segments: list[Segment], schedule: RollSchedule) -> None:
    assert_type(stitch(segments, schedule, "difference", direction="forward"), ContinuousSeries)


def seams(ib: IB) -> None:
    stores: list[BarStore] = [MemoryStore(), ParquetStore("bars")]
    ticks: list[TickStore] = [MemoryStore(), ParquetStore("ticks")]
    source: ChainSource = FuturesResolver(ib)
    History(ib, resolver=source)
    assert stores
    assert ticks


class OwnSource:
    async def chain_async(self, root: str, *, include_expired: bool = False) -> FuturesChain:
        raise LookupError(root)


def own(ib: IB) -> None:
    History(ib, resolver=OwnSource())
