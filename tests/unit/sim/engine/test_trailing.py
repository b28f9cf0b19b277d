from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from brokerage import dec
from ibkit.sim._engine._trailing import Trail

TICK = dec("0.25")


def trail(**more: object) -> Trail:
    numbers = {name: dec(value) for name, value in more.items() if name != "is_buy"}
    return Trail(is_buy=bool(more.get("is_buy")), tick=TICK, **numbers)


@pytest.mark.parametrize(
    ("terms", "best", "stop"),
    [
        ({"amount": 2}, 100, 98),
        ({"amount": 2, "is_buy": True}, 100, 102),
        ({"percent": 1}, 200, 198),
        ({"percent": 1, "is_buy": True}, 200, 202),
        ({"percent": 1}, 110, "108.75"),  # 108.90, away from the market
        ({"percent": 1, "is_buy": True}, 110, "111.25"),
        ({"percent": 10}, -100, -110),
    ],
)
def test_where_the_stop_is(terms, best, stop):
    assert trail(**terms).stop(dec(best)) == dec(stop)


@pytest.mark.parametrize("is_buy", [True, False])
@pytest.mark.parametrize("distance", [{"amount": 2}, {"percent": 20}])
def test_a_given_stop_tells_the_price_from_which_it_moves(is_buy, distance):
    calculator = trail(is_buy=is_buy, **distance)

    assert calculator.stop(calculator.best(dec(120))) == 120


def test_only_a_better_price_moves_it():
    assert trail(amount=1).is_better(dec(101), dec(100))
    assert not trail(amount=1).is_better(dec(100), dec(100))
    assert trail(amount=1, is_buy=True).is_better(dec(99), dec(100))


def test_the_stop_nearer_to_the_market_wins():
    assert trail(amount=1).tighter(dec(98), dec(97)) == 98
    assert trail(amount=1, is_buy=True).tighter(dec(102), dec(103)) == 102
    assert trail(amount=1).tighter(None, dec(97)) == 97


def test_limit_and_offset_are_each_others_inverse():
    for is_buy in (True, False):
        calculator = trail(amount=1, is_buy=is_buy)
        limit = calculator.limit(dec(100), dec(3))

        assert calculator.offset(dec(100), limit) == 3


@given(
    prices=st.lists(st.integers(1, 400), min_size=1, max_size=50),
    is_buy=st.booleans(),
    amount=st.integers(1, 20),
)
def test_a_stop_never_moves_away_from_the_market(prices, is_buy, amount):
    calculator = trail(is_buy=is_buy, amount=amount)
    best, stop, stops = None, None, []
    for price in (dec(n) / 4 for n in prices):
        if best is None or calculator.is_better(price, best):
            best = price
            stop = calculator.tighter(stop, calculator.stop(price))
        stops.append(stop)

    assert stops == sorted(stops, reverse=is_buy)
    extreme = min(prices) if is_buy else max(prices)
    assert abs(stops[-1] - dec(extreme) / 4) <= amount + TICK
