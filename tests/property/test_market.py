"""One walk, consistent at every resolution: bars of any size and the ticks agree exactly."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from ibkit.sim._market import Instrument, Market, MarketBar, Quote, Trade
from ibkit.sim._market._bars import INTRADAY
from ibkit.sim._scenario import Scenario

UTC = dt.timezone.utc
NAMES = ("ES", "ESH7", "MES", "ZC", "VX", "FDAX", "6J", "HHI", "AAPL", "EUR.USD", "SPX")
OPTIONS = ("AAPL  261218C00270000", "SPX   261218P06800000")
WORLDS = {hours: Market(Scenario(sessions=hours), 11) for hours in (False, True)}
MORNING = dt.datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
INSTRUMENTS = {name: WORLDS[False].named(name, MORNING) for name in NAMES + OPTIONS}

instruments = st.sampled_from(list(INSTRUMENTS)).map(INSTRUMENTS.__getitem__)
worlds = st.sampled_from(list(WORLDS.values()))
moments = st.integers(0, 4 * 24 * 60).map(lambda minutes: MORNING + dt.timedelta(minutes=minutes))
ALIGNED = [size for size, seconds in INTRADAY.items() if seconds <= 3600]
"""Longer bars are aligned to the trading day, not to the hour."""
sides = st.sampled_from(["TRADES", "BID", "ASK", "MIDPOINT"])


def merged(bars: list[MarketBar]) -> tuple[object, ...] | None:
    """Aggregate adjoining bars: open, high, low, close, volume, trades."""
    if not bars:
        return None
    volumes, trades = [bar.volume for bar in bars], [bar.trades for bar in bars]
    return (
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        None if None in volumes else sum(volumes),
        None if None in trades else sum(trades),
    )


@given(worlds, instruments, sides, moments, st.sampled_from(ALIGNED), st.booleans())
def test_bars_of_every_size_aggregate_to_the_same(
    world: Market, instrument: Instrument, what: str, start: dt.datetime, size: str, use_rth
) -> None:
    start = start.replace(minute=0)
    end = start + dt.timedelta(hours=1 if INTRADAY[size] < 60 else 8)
    coarse, fine = (
        merged(world.bars(instrument, start, end, each, what, use_rth=use_rth))
        for each in ("1 min", size)
    )

    assert coarse == fine


@given(worlds, instruments, sides, moments, st.sampled_from(["1 secs", "5 secs", "1 min"]))
def test_bars_are_made_of_the_ticks(
    world: Market, instrument: Instrument, what: str, start: dt.datetime, size: str
) -> None:
    end = start + dt.timedelta(minutes=2)
    before = start - dt.timedelta(milliseconds=1)
    ticks = world.ticks([instrument.con_id], before, end - dt.timedelta(milliseconds=1))
    if what == "TRADES":
        prices = [tick.price for tick in ticks if isinstance(tick, Trade)]
    else:
        quotes = [tick for tick in ticks if isinstance(tick, Quote)]
        prices = [
            {"BID": q.bid, "ASK": q.ask, "MIDPOINT": (q.bid + q.ask) / 2}[what] for q in quotes
        ]
    found = merged(world.bars(instrument, start, end, size, what, use_rth=False))

    assert (found is None) == (not prices)
    if found is not None:
        assert found[:4] == (prices[0], max(prices), min(prices), prices[-1])
    if found is not None and what == "TRADES" and instrument.sec_type != "IND":
        sizes = [tick.size for tick in ticks if isinstance(tick, Trade)]
        assert found[4:] == (sum(sizes), len(sizes))


@given(worlds, instruments, moments)
def test_days_aggregate_to_weeks_and_are_made_of_hours(world, instrument, end) -> None:
    start = end - dt.timedelta(days=20)
    what = "MIDPOINT" if instrument.sec_type == "CASH" else "TRADES"
    days = world.bars(instrument, start, end, "1 day", what, use_rth=False)
    weeks = world.bars(instrument, start, end, "1 week", what, use_rth=False)
    hours = world.bars(instrument, days[0].time, end, "1 hour", what, use_rth=False)

    assert merged(days) == merged(weeks) == merged(hours)
    assert len({bar.day for bar in days}) == len(days)


@given(worlds, instruments, moments)
def test_prices_are_on_the_grid_and_quotes_are_not_crossed(world, instrument, start) -> None:
    for tick in world.ticks([instrument.con_id], start, start + dt.timedelta(minutes=2)):
        if isinstance(tick, Trade):
            assert tick.price % world.increment(instrument, tick.price) == 0
        else:
            assert tick.bid < tick.ask
            assert tick.bid % world.increment(instrument, tick.bid) == 0
            assert tick.ask % world.increment(instrument, tick.ask) == 0
            assert tick.bid_size > 0
            assert tick.ask_size > 0


@given(instruments, moments, st.integers(0, 2**32))
def test_the_same_seed_says_the_same_in_any_order(instrument, start, seed: int) -> None:
    one, two = Market(Scenario(), seed), Market(Scenario(), seed)
    window = [instrument.con_id], start, start + dt.timedelta(seconds=30)
    two.bars(instrument, start - dt.timedelta(days=3), start, "1 hour", "BID", use_rth=False)
    two.ticks(
        [instrument.con_id], start + dt.timedelta(hours=5), start + dt.timedelta(hours=5, minutes=1)
    )

    assert one.ticks(*window) == two.ticks(*window)
    assert one.day_at(instrument.con_id, start) == two.day_at(instrument.con_id, start)


@given(worlds, instruments, moments)
def test_a_moment_is_the_last_tick(world: Market, instrument, now: dt.datetime) -> None:
    con_id = instrument.con_id
    ticks = world.ticks([con_id], now - dt.timedelta(minutes=3), now)
    quotes = [tick for tick in ticks if isinstance(tick, Quote)]
    trades = [tick for tick in ticks if isinstance(tick, Trade)]
    following = world.next_tick_after(con_id, now)

    assert not quotes or world.quote_at(con_id, now) == quotes[-1]
    assert not trades or world.last_at(con_id, now) == trades[-1]
    assert following is None or world.ticks([con_id], now, following)[0].time == following


STEPS = st.tuples(st.integers(1, 10_000), st.integers(4000, 4400), st.integers(1, 9))


@given(st.lists(STEPS, min_size=1, max_size=12))
def test_a_script_is_its_own_history(steps: list[tuple[int, int, int]]) -> None:
    world, now, written = Market(Scenario(), 3), MORNING, []
    es = INSTRUMENTS["ES"]
    for milliseconds, quarters, size in steps:
        written += world.trade("ES", now, Decimal(quarters) / 4, size=size)
        before, now = now, now + dt.timedelta(milliseconds=milliseconds)
        assert world.ticks([es.con_id], before, now) == []
    bars = world.bars(es, MORNING, now, "1 min", "TRADES", use_rth=False)
    asked = world.historical_ticks(
        es, start=MORNING, end=None, count=10_000, what="TRADES", use_rth=False
    )
    prices = [tick.price for tick in written]
    sizes = [tick.size for tick in written]

    assert asked == written
    assert world.last_at(es.con_id, now) == written[-1]
    assert merged(bars) == (
        *(prices[0], max(prices), min(prices), prices[-1]),
        *(sum(sizes), len(sizes)),
    )


@pytest.mark.parametrize("use_rth", [False, True])
def test_nothing_is_told_of_closed_hours(use_rth: bool) -> None:
    world = WORLDS[True]
    for instrument in INSTRUMENTS.values():
        found = world.bars(
            instrument, MORNING, MORNING + dt.timedelta(days=4), "30 mins", "BID", use_rth=use_rth
        )
        is_open = world.hours.in_rth if use_rth else world.hours.is_open

        assert all(is_open(instrument, bar.time) for bar in found)
