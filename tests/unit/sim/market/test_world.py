from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal
from types import SimpleNamespace

import pytest

from ibkit.sim._market import Leg, Market, Question, Quote, Trade
from ibkit.sim._scenario import Scenario

SECOND = dt.timedelta(seconds=1)
NAMES = ["ES", "ESH7", "VX", "AAPL", "EUR.USD", "SPX", "6J", "AAPL  261218P00270000"]


def spread(market: Market, now: dt.datetime):
    near, far = (market.named(name, now) for name in ("ESZ6", "ESH7"))
    legs = tuple(
        Leg(con_id=each.con_id, ratio=1, action=action, exchange="CME")
        for each, action in ((far, "BUY"), (near, "SELL"))
    )
    question = Question(symbol="ES", sec_type="BAG", currency="USD", exchange="CME", legs=legs)
    return market.listings.one(question, now.date())


def test_a_market_is_made_in_no_time() -> None:
    Market(Scenario(), 1)
    start = time.perf_counter()
    Market(Scenario(), 2)

    assert time.perf_counter() - start < 0.002


@pytest.mark.parametrize("name", NAMES)
def test_ticks_are_in_order_and_of_the_window_that_excludes_its_start(market, now, name) -> None:
    con_id = market.named(name, now).con_id
    ticks = market.ticks([con_id], now, now + 60 * SECOND)
    first = ticks[0].time

    assert [tick.time for tick in ticks] == sorted(tick.time for tick in ticks)
    assert all(now < tick.time <= now + 60 * SECOND for tick in ticks)
    assert all(tick.con_id == con_id for tick in ticks)
    assert market.next_tick_after(con_id, now) == first
    assert [t for t in market.ticks([con_id], now, first) if t.time != first] == []
    assert ticks[0] in market.ticks([con_id], now, first)
    assert ticks[0] not in market.ticks([con_id], first, now + 60 * SECOND)


def test_ticks_of_many_are_merged_by_time(market: Market, now) -> None:
    ids = [market.named(name, now).con_id for name in NAMES] + [spread(market, now).con_id]
    together = market.ticks(ids, now, now + 5 * SECOND)
    alone = [tick for con_id in ids for tick in market.ticks([con_id], now, now + 5 * SECOND)]

    assert sorted(map(repr, together)) == sorted(map(repr, alone))
    assert [tick.time for tick in together] == sorted(tick.time for tick in together)
    assert market.ticks(reversed(ids), now, now + 5 * SECOND) == together


def test_windows_of_any_cut_give_the_same_ticks(market: Market, now) -> None:
    ids = [market.named(name, now).con_id for name in NAMES]
    whole = market.ticks(ids, now, now + 20 * SECOND)
    other = Market(Scenario(), 7)
    at, parts = now, []
    for step in (0.25, 3, 0.001, 7.7, 9.049):
        parts += other.ticks(ids, at, at + step * SECOND)
        at += step * SECOND

    assert at == now + 20 * SECOND
    assert parts == whole


def test_what_has_no_quotes_has_neither_side(market: Market, now) -> None:
    spx = market.named("SPX", now).con_id

    assert market.quote_at(spx, now) == Quote(spx, now, None, Decimal(0), None, Decimal(0))
    assert market.last_at(spx, now).size == 0
    assert market.last_at(market.named("EUR.USD", now).con_id, now) is None


# -- scripts


def test_a_scripted_quote_stands_from_its_moment_on(market: Market, now) -> None:
    es = market.named("ES", now)
    before = market.quote_at(es.con_id, now - SECOND)
    [tick] = market.quote("ES", now, bid=5000, ask="5000.25", bid_size=3)
    stands = market.quote_at(es.con_id, now + 3600 * SECOND)

    assert tick == stands == (es.con_id, now, 5000, 3, Decimal("5000.25"), tick.ask_size)
    assert tick.ask_size > 0
    assert market.ticks([es.con_id], now, now + 3600 * SECOND) == []
    assert market.next_tick_after(es.con_id, now) is None
    assert market.quote_at(es.con_id, now - SECOND) == before


@pytest.mark.parametrize("followed", ["ES", "SPX"])
def test_a_script_ends_a_walk_that_is_being_followed(market: Market, now, followed: str) -> None:
    con_id, middle = market.named(followed, now).con_id, now + 10 * SECOND
    before = market.ticks([con_id], now, middle)
    said = market.trade(followed, middle, 5001)
    after = market.ticks([con_id], middle, middle + 60 * SECOND)

    assert before
    assert (len(said), after) == (1, [])


def test_scripted_ticks_are_the_history(market: Market, now) -> None:
    es = market.named("ES", now)
    for second, price in enumerate((5000, 5010, 4990, 5005)):
        market.trade("ES", now + second * SECOND, price, size=second + 1)
    minute = market.bars(es, now, now + 60 * SECOND, "1 min", "TRADES", use_rth=False)

    assert [bar[2:7] for bar in minute] == [(5000, 5010, 4990, 5005, 10)]
    assert minute[0].trades == 4
    assert market.last_at(es.con_id, now + 9 * SECOND).price == 5005
    day = market.day_at(es.con_id, now + 9 * SECOND)
    assert (day.low, day.previous_close) == (4990, Market(Scenario(), 7).day_at(es.con_id, now)[4])
    ticks = market.historical_ticks(es, start=now, end=None, count=9, what="TRADES", use_rth=False)
    assert [tick.price for tick in ticks] == [5000, 5010, 4990, 5005]


def test_a_script_in_the_middle_of_a_bar_joins_the_walk(market: Market, now) -> None:
    es, untouched = market.named("ES", now), Market(Scenario(), 7)
    market.trade("ES", now + 30 * SECOND, 9000, size=5)
    bar, half = (
        world.bars(es, now, now + seconds * SECOND, "1 min", "TRADES", use_rth=False)[0]
        for world, seconds in ((market, 60), (untouched, 30))
    )

    assert (bar.open, bar.low) == (half.open, half.low)
    assert (bar.high, bar.close) == (9000, 9000)
    assert (bar.volume, bar.trades) == (half.volume + 5, half.trades + 1)


def test_only_the_named_instrument_is_scripted(market: Market, now) -> None:
    mes = market.named("MES", now).con_id
    market.quote("ES", now, bid=1, ask=2)

    assert market.quote_at(mes, now + SECOND).bid > 5000


def test_a_combo_follows_scripted_legs(market: Market, now) -> None:
    calendar = spread(market, now)
    market.quote("ESZ6", now, bid=5000, ask=5001)
    market.quote("ESH7", now, bid=5060, ask=5061)
    net = market.quote_at(calendar.con_id, now)

    assert (net.bid, net.ask) == (59, 61)
    later = now + SECOND
    market.quote("ESH7", later, bid=5062, ask=5063)
    assert [tick.bid for tick in market.ticks([calendar.con_id], now, later)] == [61]


def test_after_a_script_the_walk_can_go_on_from_its_price(market: Market, now) -> None:
    es = market.named("ES", now)
    market.quote("ES", now, bid=5000, ask="5000.25")
    market.trade("ES", now, 5000)
    market.walk("ES", now + SECOND, seed=3)
    ticks = market.ticks([es.con_id], now + SECOND, now + 60 * SECOND)

    assert len(ticks) > 50
    assert all(abs(tick.price - 5000) < 50 for tick in ticks if isinstance(tick, Trade))
    other = Market(Scenario(), 7)
    other.quote("ES", now, bid=5000, ask="5000.25")
    other.trade("ES", now, 5000)
    other.walk("ES", now + SECOND, seed=3)
    assert other.ticks([es.con_id], now + SECOND, now + 60 * SECOND) == ticks


@pytest.mark.parametrize("name", ["AAPL  261218P00270000"])
def test_what_follows_from_others_cannot_walk(market: Market, now, name: str) -> None:
    with pytest.raises(ValueError, match="follows from others"):
        market.walk(name, now, seed=1)


def test_a_replay_begins_now(market: Market, now, tmp_path) -> None:
    file = tmp_path / "es.csv"
    file.write_text("time,price,size\n2020-01-01 00:00:00Z,3000,1\n2020-01-01 00:00:05Z,3001,2\n")
    es = market.named("ES", now)
    first = market.replay("ES", now, file)
    rest = market.ticks([es.con_id], now, now + 60 * SECOND)

    assert [tick.price for tick in first if isinstance(tick, Trade)] == [3000]
    assert [(t.time, t.price) for t in rest if isinstance(t, Trade)] == [(now + 5 * SECOND, 3001)]
    assert market.next_tick_after(es.con_id, now) == now + 5 * SECOND


def test_a_replay_may_keep_its_times(market: Market, now) -> None:
    es = market.named("ES", now)
    ticks = [Trade(0, now + s * SECOND, Decimal(3000), Decimal(1)) for s in (-60, -30, 30)]
    now_ticks = market.replay("ES", now, ticks, shift=False)
    bars = market.bars(es, now - 60 * SECOND, now, "1 min", "TRADES", use_rth=False)

    assert now_ticks == []
    assert [(bar.close, bar.trades) for bar in bars] == [(3000, 2)]
    assert len(market.ticks([es.con_id], now, now + 60 * SECOND)) == 1


def test_a_quote_cuts_a_replay_short(market: Market, now) -> None:
    es = market.named("ES", now)
    market.replay("ES", now, [Trade(0, now + s * SECOND, Decimal(3), Decimal(1)) for s in (0, 5)])
    market.quote("ES", now + SECOND, bid=7, ask=8)

    assert market.ticks([es.con_id], now + SECOND, now + 60 * SECOND) == []


def test_a_name_that_nothing_has_is_an_error(market: Market, now) -> None:
    for script in (
        lambda: market.quote("NOPE", now, bid=1),
        lambda: market.trade("NOPE", now, 1),
        lambda: market.walk("NOPE", now, seed=1),
        lambda: market.replay("NOPE", now, []),
    ):
        with pytest.raises(LookupError, match="nothing is called 'NOPE'"):
            script()


# -- options and rules


def test_greeks_are_of_the_underlying_s_price(market: Market, now) -> None:
    put = market.named("AAPL  261218P00270000", now)
    found = market.greeks_at(put.con_id, now)
    apple = market.quote_at(265598, now)

    assert found.under_price == float((apple.bid + apple.ask) / 2)
    assert -1 < found.delta < 0 < found.gamma
    quote = market.quote_at(put.con_id, now)
    assert quote.bid <= Decimal(str(found.price)) <= quote.ask
    assert market.greeks_at(265598, now) is None


def test_greeks_of_a_price_and_of_a_volatility_agree(market: Market, now) -> None:
    put = market.named("AAPL  261218P00270000", now)
    by_volatility = market.greeks_of(put, now, under_price=280, volatility=0.3)
    by_price = market.greeks_of(put, now, under_price=280, price=by_volatility.price)

    assert by_price.implied_volatility == pytest.approx(0.3, abs=1e-6)
    assert market.greeks_of(put, now, under_price=0, volatility=0.3) is None
    assert market.greeks_of(put, now, under_price=280) is None
    assert market.greeks_of(put, now, under_price=280, price=1000) is None


def test_rules_are_handed_on(market: Market, now) -> None:
    assert market.market_rule(67) == ((0, Decimal("0.25")),)
    assert market.market_rule(1) is None
    assert market.increment(market.named("ES", now), Decimal(5000)) == Decimal("0.25")


def test_an_option_of_what_has_no_price_has_no_figures(market, now, monkeypatch) -> None:
    call = market.named("AAPL  261218C00270000", now)
    silent = SimpleNamespace(quote_at=lambda _: None, last_at=lambda _: None)
    monkeypatch.setattr(type(market._tapes), "of", lambda *_: silent)

    assert market.greeks_at(call.con_id, now) is None


def test_what_has_no_price_cannot_walk(market, now, monkeypatch) -> None:
    silent = SimpleNamespace(quote_at=lambda _: None, last_at=lambda _: None)
    monkeypatch.setattr(type(market._tapes), "scripted", lambda *_: silent)

    with pytest.raises(ValueError, match="ES has no price from which it could walk"):
        market.walk("ES", now, seed=3)
