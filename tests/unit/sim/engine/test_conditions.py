from __future__ import annotations

import datetime as dt

import pytest

from brokerage import ES, EURUSD, NOW, Desk, dec
from ibkit.sim._engine import PriceCondition, TimeCondition
from ibkit.sim._engine._conditions import are_met, is_met, watched
from ibkit.sim._engine._trigger_methods import Source


def at(minutes: int, conjunction: str = "a") -> TimeCondition:
    """A condition that holds at NOW if *minutes* is not positive."""
    time = NOW + dt.timedelta(minutes=minutes)
    return TimeCondition(is_more=True, time=time, conjunction=conjunction)


def price(level: object, *, is_more: bool = True, con_id: int = 1) -> PriceCondition:
    return PriceCondition(con_id=con_id, exchange="CME", is_more=is_more, price=dec(level))


@pytest.mark.parametrize(
    ("first", "joined_by", "second", "met"),
    [
        (0, "a", 0, True),
        (0, "a", 1, False),
        (1, "a", 0, False),
        (0, "o", 1, True),
        (1, "o", 0, True),
        (1, "o", 1, False),
    ],
)
def test_and_and_or(first, joined_by, second, met):
    markets = Desk().broker._world.markets

    assert are_met((at(first, joined_by), at(second)), markets, NOW) is met


def test_conditions_are_joined_from_left_to_right():
    markets = Desk().broker._world.markets

    assert are_met((at(0, "o"), at(0, "a"), at(1)), markets, NOW) is False
    assert are_met((at(1, "a"), at(1, "o"), at(0)), markets, NOW) is True


def test_no_condition_is_met():
    assert are_met((), Desk().broker._world.markets, NOW)


@pytest.mark.parametrize(
    ("last", "above", "below"), [(99, False, True), (100, True, True), (101, True, False)]
)
def test_a_price_is_above_or_below_a_level_and_at_it_both(last, above, below):
    desk = Desk()
    desk.trade(last)
    markets = desk.broker._world.markets

    assert is_met(price(100), markets, NOW) is above
    assert is_met(price(100, is_more=False), markets, NOW) is below


def test_a_price_that_nobody_has_seen_is_on_no_side():
    markets = Desk().broker._world.markets

    assert not is_met(price(0), markets, NOW)
    assert not is_met(price(10**9, is_more=False), markets, NOW)
    assert not is_met(price(0, con_id=4711), markets, NOW)


def test_before_a_moment():
    before = TimeCondition(is_more=False, time=NOW)
    markets = Desk().broker._world.markets

    assert is_met(before, markets, NOW - dt.timedelta(seconds=1))
    assert not is_met(before, markets, NOW)


def test_a_condition_watches_what_a_trigger_would():
    markets = Desk().broker._world.markets

    assert watched(price(1, con_id=ES.con_id), markets) == (Source.LAST,)
    assert watched(price(1, con_id=EURUSD.con_id), markets) == (Source.ASK,)
    assert watched(price(1, con_id=4711), markets) == ()
