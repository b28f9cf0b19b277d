from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from cards import card
from ibkit.sim._market import Market
from ibkit.sim._market._path import BASE, block_of
from ibkit.sim._market._rules import increment
from ibkit.sim._market._tapes import option_view
from ibkit.sim._scenario import Scenario

DAY = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.timezone.utc)
MARKET = Market(Scenario(), 7)
OPTIONS = [
    MARKET.named(f"{name}00270000" if name.startswith("AAPL") else f"{name}06800000", DAY)
    for name in ("AAPL  261218C", "AAPL  261218P", "SPX   261218C", "SPX   261218P")
]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.local_symbol)
@given(st.integers(BASE // 2, BASE * 2), st.integers(0, 50_000))
def test_prices_move_one_way_with_the_underlying(option, price: int, more: int) -> None:
    view = option_view(option)
    rule = view.rule(block_of(DAY.date()))
    low, high = rule(price), rule(price + more)
    if view.is_inverse:
        low, high = high, low

    assert all(a <= b for a, b in zip(low, high, strict=True))


@card("CON-30", "1.12 I")
@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.local_symbol)
@given(st.integers(BASE // 2, BASE * 2))
def test_prices_are_on_the_grid_that_depends_on_them(option, price: int) -> None:
    view = option_view(option)
    for ticks in view.rule(block_of(DAY.date()))(price):
        shown = ticks * view.tick

        assert shown > 0
        assert shown % increment(option, shown) == 0


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.local_symbol)
@given(st.integers(BASE // 2, BASE * 2))
def test_a_trade_is_between_bid_and_ask(option, price: int) -> None:
    bid, ask, trade = option_view(option).rule(block_of(DAY.date()))(price)

    assert bid <= trade <= ask
    assert bid < ask


def test_a_put_rises_as_its_underlying_falls() -> None:
    call, put = (option_view(option) for option in OPTIONS[:2])
    block = block_of(DAY.date())

    assert put.rule(block)(BASE * 9 // 10)[2] > put.rule(block)(BASE)[2]
    assert call.rule(block)(BASE * 9 // 10)[2] < call.rule(block)(BASE)[2]


def test_time_is_worth_something() -> None:
    view = option_view(OPTIONS[0])
    early, late = (view.rule(block_of(dt.date(2026, 11, day)))(BASE)[2] for day in (2, 30))

    assert early > late > 0
    assert view.terms(block_of(dt.date(2026, 12, 18))).years > 0


def test_quoted_is_the_rule_at_a_price() -> None:
    view, block = option_view(OPTIONS[0]), block_of(DAY.date())

    assert view.quoted(block, 270.0) == view.rule(block)(BASE)
    assert view.quoted(block, 400.0)[0] * view.tick > Decimal(120)
