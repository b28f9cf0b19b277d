from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from ibkit.products import PRODUCTS, ContractMonth
from ibkit.sim._market import Market, _futures
from ibkit.sim._market._made_of import middle
from ibkit.sim._market._tapes import share_of
from ibkit.sim._scenario import Scenario

DAYS = st.dates(dt.date(2025, 6, 1), dt.date(2029, 12, 31))
ROOTS = st.sampled_from(["ES", "CL", "GC", "ZC", "VX", "6E", "SR3", "FDAX", "HE"])


@given(ROOTS, DAYS)
def test_the_lead_has_the_highest_share(root: str, day: dt.date) -> None:
    product = PRODUCTS[root]
    shares = {origin: share_of(origin, day) for origin in _futures.listed(product, day)}

    assert max(shares, key=shares.__getitem__) == _futures.lead(product, day)
    assert 0.5 < sum(shares.values()) < 1.2


def test_volume_crosses_to_the_next_month_at_the_roll() -> None:
    near = _futures.Origin(PRODUCTS["ES"], ContractMonth(2026, 12))
    far = _futures.Origin(PRODUCTS["ES"], ContractMonth(2027, 3))
    days = [dt.date(2026, 12, day) for day in range(5, 18)]
    ahead = [share_of(near, day) > share_of(far, day) for day in days]

    assert ahead == [day <= dt.date(2026, 12, 11) for day in days]
    assert share_of(near, days[0]) > 0.98
    assert share_of(far, days[-1]) > 0.98


def test_daily_volumes_show_the_roll(market: Market) -> None:
    near, far = (
        market.named(name, dt.datetime(2026, 12, 1, tzinfo=dt.timezone.utc))
        for name in ("ESZ6", "ESH7")
    )
    start = dt.datetime(2026, 12, 4, 22, tzinfo=dt.timezone.utc)
    bars = [
        market.bars(each, start, start + dt.timedelta(days=12), "1 day", "TRADES", use_rth=False)
        for each in (near, far)
    ]
    leads = [a.volume > b.volume for a, b in zip(*bars, strict=True)]

    assert leads == [bar.day <= dt.date(2026, 12, 11) for bar in bars[0]]


def test_sizes_of_one_thing_and_its_fund_move_together(market: Market, now) -> None:
    es, mes, spx, spy = (market.named(name, now).con_id for name in ("ES", "MES", "SPX", "SPY"))
    for hour in range(0, 400, 40):
        at = now + dt.timedelta(hours=hour)
        value = market.last_at(spx, at).price

        assert market.quote_at(es, at)[2] == market.quote_at(mes, at)[2]
        assert abs(market.quote_at(spy, at).bid * 6800 / 678 - value) < 2


def test_spot_and_inverse_future_agree(market: Market, now) -> None:
    dollar, yen = (market.named(name, now).con_id for name in ("USD.JPY", "6J"))
    for hour in range(0, 400, 40):
        at = now + dt.timedelta(hours=hour)
        product = market.quote_at(dollar, at).bid * market.quote_at(yen, at).bid

        assert abs(product - 1) < Decimal("0.01")


def test_months_are_a_constant_apart_at_every_moment(market: Market, now) -> None:
    near, far = (market.named(name, now).con_id for name in ("CLF7", "CLN7"))
    apart = {
        market.quote_at(far, at).bid - market.quote_at(near, at).bid
        for at in (now + dt.timedelta(hours=7 * step) for step in range(60))
    }

    assert len(apart) == 1
    assert abs(apart.pop()) > Decimal("0.5")


def test_a_new_walk_begins_at_the_present_price(market: Market, now) -> None:
    es = market.named("ES", now).con_id
    before = market.last_at(es, now).price
    market.walk("ES", now, seed=1)
    soon = now + dt.timedelta(seconds=30)

    assert abs(middle(market.quote_at(es, soon)) - before) < 30
    assert market.ticks([es], now, soon)


def test_an_unknown_id_is_a_key_error(market: Market, now) -> None:
    with pytest.raises(KeyError, match="no instrument has conId 7"):
        market.quote_at(7, now)


def test_nothing_trades_after_expiry_or_before_two_years(market: Market) -> None:
    es = market.named("ESZ6", dt.datetime(2026, 12, 1, tzinfo=dt.timezone.utc))
    end = market.hours.expiry(es)

    assert market.next_tick_after(es.con_id, end) is None
    assert market.quote_at(es.con_id, end + dt.timedelta(days=9)).time < end
    head = market.head_timestamp(es, "TRADES", use_rth=False)
    long_ago = head - dt.timedelta(days=60)
    assert market.quote_at(es.con_id, long_ago).bid is None
    assert head <= market.next_tick_after(es.con_id, long_ago) < head + dt.timedelta(seconds=1)


def test_a_seed_makes_a_world(now) -> None:
    worlds = [Market(Scenario(), seed) for seed in (1, 1, 2)]
    quotes = [world.quote_at(265598, now) for world in worlds]

    assert quotes[0] == quotes[1] != quotes[2]
