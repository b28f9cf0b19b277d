"""`History` on a real ib_async client and the simulated gateway, whose past agrees with itself."""

import asyncio
import datetime as dt
from decimal import Decimal
from itertools import pairwise

import pytest

from ibkit.errors import ConnectionLost, GatewayError, NotConnected, RunningLoopError
from ibkit.history import History, MemoryStore, ParquetStore, plan_chunks
from ibkit.sim import Scenario
from ibkit.streams import Resumed, StreamManager
from ibkit.testing import run_virtual
from sim_client import MONDAY, Log, client, connected, future

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
REAL_HOURS = Scenario(sessions=True)


def run(test, scenario=REAL_HOURS):
    async def main():
        async with connected(scenario=scenario) as (gateway, ib):
            return await test(gateway, ib)

    return run_virtual(main())


def direct(gateway, contract, start, end, size, what="TRADES", *, use_rth=False):
    """What the market itself says: the bars that begin in a span, the last one whole."""
    instrument = gateway.market.instrument(contract.conId)
    bars = gateway._floor.market.bars(instrument, start, end + HOUR, size, what, use_rth=use_rth)
    return [(bar.time, bar.open, bar.high, bar.low, bar.close) for bar in bars if bar.time < end]


def shown(bars):
    return [(bar.date, *(Decimal(str(p)) for p in (bar.open, bar.high, bar.low, bar.close)))
            for bar in bars]  # fmt: skip


def test_a_month_of_minutes_is_what_the_market_says():
    async def test(gateway, ib):
        log, es = Log(ib), future(gateway)
        start = MONDAY - 28 * DAY
        series = await History(ib).bars_async(es, start, MONDAY, "1 min")
        return series, direct(gateway, es, start, MONDAY, "1 min"), log.codes

    series, truth, codes = run(test)

    assert len(series) > 25_000
    assert shown(series) == truth
    assert (series.holes, series.notes) == ((), ())
    assert 162 not in codes
    assert series.requests == 10  # 20 sessions, two to a request


@pytest.mark.parametrize(
    ("size", "what", "use_rth"),
    [("5 mins", "MIDPOINT", False), ("1 hour", "TRADES", True), ("4 hours", "BID", False)],
)
def test_other_sizes_and_kinds_agree_as_well(size, what, use_rth):
    async def test(gateway, ib):
        es, start = future(gateway), MONDAY - 28 * DAY
        end = MONDAY - 2 * DAY
        series = await History(ib).bars_async(es, start, end, size, what, use_rth=use_rth)
        return series, direct(gateway, es, start, end, size, what, use_rth=use_rth)

    series, truth = run(test)

    assert [bar[0] for bar in truth] == [bar.date for bar in series]
    assert shown(series) == truth
    assert series.holes == ()


@pytest.mark.parametrize(
    ("hours", "least", "most"),
    [(2, 2, 20), pytest.param(18, 600, 660, marks=pytest.mark.slow)],
)
def test_small_bars_come_within_the_pacing_of_ib(hours, least, most):
    async def test(gateway, ib):
        log, told, loop = Log(ib), [], asyncio.get_running_loop()
        since = loop.time()
        start = MONDAY - hours * HOUR
        series = await History(ib).bars_async(
            future(gateway), start, MONDAY, "1 secs", "BID_ASK", progress=told.append
        )
        return series, log.codes, loop.time() - since, told

    series, codes, seconds, told = run(test, Scenario())

    assert 162 not in codes
    assert series.requests == -(-hours * 3600 // 1999)
    assert least < seconds < most  # 2 in 2 seconds, 30 in 10 minutes: BID_ASK counts twice
    assert max(each.waiting for each in told) > 1
    assert (told[-1].done, told[-1].rows) == (series.requests, len(series))


def test_a_violation_that_others_caused_is_waited_out():
    async def test(gateway, ib):
        log, es = Log(ib), future(gateway)
        async with client(gateway, 9) as other:
            for n in range(60):
                end = MONDAY - n * HOUR / 60
                await other.reqHistoricalDataAsync(es, end, "60 S", "5 secs", "TRADES", False, 2)
                await asyncio.sleep(1)
        history = History(ib, backoff=(60.0, 600.0))
        return await history.bars_async(es, MONDAY - HOUR, MONDAY, "5 secs"), log.codes

    series, codes = run(test)

    assert len(series) == 720
    assert codes.count(162) == 2


def test_back_fills_of_streams_wait_for_downloads_and_come_all_the_same():
    async def test(gateway, ib):
        log, es = Log(ib), future(gateway)
        gateway.market.walk("ES", seed=1)
        history = History(ib)
        with StreamManager(ib) as streams:
            bars = streams.bars_5s(es, "MIDPOINT")
            await bars.first_async(timeout=30)
            for n in range(59):  # all but one of the sixty
                end = MONDAY - (n + 1) * HOUR
                await history.bars_async(es, end - HOUR / 60, end, "5 secs")
            gaps = []
            for _ in range(2):
                gateway.faults.lose_connectivity()
                await asyncio.sleep(30)
                gateway.faults.restore(data_lost=True)
                began = asyncio.get_running_loop().time()
                while sum(isinstance(event, Resumed) for event in bars.events) < len(gaps) + 1:
                    await asyncio.sleep(1)
                gaps.append(asyncio.get_running_loop().time() - began)
            times = [bar.time for bar in bars.history]
        return times, gaps, log.codes

    times, gaps, codes = run(test, Scenario())
    steps = {after - before for before, after in pairwise(times)}

    assert 162 not in codes
    assert steps == {dt.timedelta(seconds=5)}
    assert gaps[0] < 60 < gaps[1] < 700


def test_missing_data_are_holes_and_missing_rights_an_error():
    async def test(gateway, ib):
        es = future(gateway)
        history = History(ib)
        head = await history.head_async(es)
        return head, await history.bars_async(es, head - 3 * DAY, head + 2 * DAY, "1 hour")

    head, series = run(test)

    assert series[0].date >= head
    assert all(hole.end <= head for hole in series.holes)


def test_ticks_are_what_the_market_says():
    async def test(gateway, ib):
        es = future(gateway)
        start, end = MONDAY - 2 * HOUR, MONDAY - HOUR
        ticks = await History(ib).ticks_async(es, start, end)
        market, instrument = gateway._floor.market, gateway.market.instrument(es.conId)
        truth = market.historical_ticks(
            instrument, start=start, end=None, count=len(ticks) + 50, what="TRADES", use_rth=False
        )
        return ticks, [tick for tick in truth if tick.time < end]

    ticks, truth = run(test)

    assert len(ticks) > 3000
    assert [(t.time, t.price, t.size) for t in ticks] == [
        (t.time.replace(microsecond=0), t.price, t.size) for t in truth
    ]


@pytest.mark.parametrize("what", ["BID_ASK", "MIDPOINT"])
def test_every_kind_of_tick_comes(what):
    async def test(gateway, ib):
        start = MONDAY - HOUR
        return await History(ib).ticks_async(future(gateway), start, start + HOUR / 60, what)

    assert len(run(test)) > 10


@pytest.mark.parametrize("kind", ["memory", "parquet"])
def test_a_download_that_broke_off_is_resumed(kind, tmp_path):
    async def test(gateway, ib):
        es, start = future(gateway), MONDAY - 14 * DAY
        store = MemoryStore() if kind == "memory" else ParquetStore(tmp_path)

        def cut(progress):
            if progress.done == 2:
                gateway.faults.cut()

        history = History(ib, backoff=(1.0,))
        with pytest.raises((ConnectionLost, NotConnected)):
            await history.bars_async(es, start, MONDAY, "1 min", resume=store, progress=cut)
        await ib.connectAsync(clientId=3)
        series = await History(ib).bars_async(es, start, MONDAY, "1 min", resume=store)
        return series, direct(gateway, es, start, MONDAY, "1 min")

    series, truth = run(test)

    assert shown(series) == truth
    assert 1 <= series.requests <= 3


def test_a_continuous_series_is_the_front_month_throughout():
    first, last = dt.date(2025, 9, 1), dt.date(2026, 2, 27)

    async def test(gateway, ib):
        series = await History(ib).continuous_async("ES", first, last, "1 day", adjust=None)
        truth = []
        for place, part in enumerate(series.parts):
            since = series.rolls[place - 1].day if place else first
            until = series.rolls[place].day if place < len(series.rolls) else last + DAY
            midnight = dt.datetime.combine(since, dt.time(), dt.timezone.utc)
            bars = gateway._floor.market.bars(
                gateway.market.instrument(part.listing.con_id),
                midnight - 3 * DAY,
                MONDAY,
                "1 day",
                "TRADES",
                use_rth=False,
            )
            truth += [(bar.day, bar.close) for bar in bars if since <= bar.day < until]
        return series, truth

    series, truth = run(test)

    assert [(bar.date, Decimal(str(bar.close))) for bar in series] == truth
    assert [str(roll.to) for roll in series.rolls] == ["ESZ5", "ESH6"]
    assert [roll.day.isoformat() for roll in series.rolls] == ["2025-09-12", "2025-12-12"]
    assert series.holes == ()


def test_within_the_day_months_change_with_the_trading_day():
    async def test(gateway, ib):
        start, end = MONDAY.replace(month=12, day=9, year=2025), dt.date(2025, 12, 16)
        return await History(ib).continuous_async("ES", start, end, "1 hour")

    series = run(test)
    (roll,) = series.rolls
    names = series.to_frame()["contract"]
    changes = names[names != names.shift()]

    assert series[0].date == dt.datetime(2025, 12, 9, 15, tzinfo=dt.timezone.utc)
    assert roll.day == dt.date(2025, 12, 12)
    # 17:00 in Chicago on the evening before
    assert changes.index[1] == dt.datetime(2025, 12, 11, 23, tzinfo=dt.timezone.utc)


def test_a_crossover_downloads_the_volumes_it_needs():
    from ibkit.contracts import BeforeLastTrade, Earliest, VolumeCrossover

    async def test(gateway, ib):
        rule = Earliest(VolumeCrossover(2), BeforeLastTrade(1))
        return await History(ib).continuous_async(
            "ES", dt.date(2025, 11, 3), dt.date(2026, 1, 30), "1 day", rule=rule
        )

    series = run(test)

    assert [str(roll.to) for roll in series.rolls] == ["ESH6"]


def test_a_refusal_is_an_error_and_not_a_hole():
    async def test(gateway, ib):
        es = future(gateway)
        es.exchange = "NOWHERE"
        await History(ib).bars_async(es, MONDAY - DAY, MONDAY, "1 hour")

    with pytest.raises(GatewayError):
        run(test)


def test_the_blocking_form_refuses_inside_a_loop():
    async def test(gateway, ib):
        History(ib).bars(future(gateway), MONDAY - DAY, MONDAY, "1 hour")

    with pytest.raises(RunningLoopError):
        run(test)


@pytest.mark.slow
def test_a_year_of_minutes_takes_as_few_requests_as_can_be():
    async def test(gateway, ib):
        log, es = Log(ib), future(gateway)
        start = MONDAY - 365 * DAY
        series = await History(ib).bars_async(es, start, MONDAY, "1 min")
        return series, log.codes

    series, codes = run(test)
    chunks = plan_chunks(series.start, series.end, "1 min", sessions=series.sessions)
    days = len({session.day for session in series.sessions if session.end > series.start})

    assert 162 not in codes
    assert series.holes == ()
    assert series.requests == len(chunks) == -(-days // 2)
    assert len(series) > 340_000
