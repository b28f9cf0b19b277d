from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from cards import card
from ibkit.products import PRODUCTS
from ibkit.sim._market import Market
from ibkit.sim._market._rules import TICKS, bands, increment, rule_of_tick


def test_the_rule_of_a_tick_has_that_tick() -> None:
    for tick in {product.min_tick for product in PRODUCTS if product.min_tick} | set(
        TICKS.values()
    ):
        assert bands(rule_of_tick(tick)) == ((Decimal(0), tick),)


def test_the_rule_of_a_quarter_is_the_captured_one() -> None:
    assert rule_of_tick(Decimal("0.25")) == 67


def test_an_unknown_rule_has_no_bands() -> None:
    assert bands(999) is None
    assert bands(10**6) is None


def test_only_blank_ticks_are_filled_in() -> None:
    assert all(PRODUCTS[root].min_tick is None for root in TICKS)


@card("CON-31", "1.12 C")
@pytest.mark.parametrize(
    ("price", "step"), [("0.05", "0.01"), ("2.99", "0.01"), ("3", "0.05"), ("-4", "0.05")]
)
def test_the_row_with_the_highest_edge_up_to_the_price_holds(
    market: Market, now: dt.datetime, price: str, step: str
) -> None:
    call = market.named("AAPL  261218C00270000", now)

    assert increment(call, Decimal(price)) == Decimal(step)


def test_a_share_moves_by_cents(market: Market, now: dt.datetime) -> None:
    assert increment(market.named("AAPL", now), Decimal(100)) == Decimal("0.01")


def test_without_a_rule_the_minimum_tick_holds(market: Market, now: dt.datetime) -> None:
    index = market.named("SPX", now)

    assert increment(index, Decimal(100)) == index.min_tick
