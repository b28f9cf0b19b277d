from __future__ import annotations

import pytest
from attrs import evolve

from brokerage import AAPL, ES, SPREAD, Desk, dec
from cards import card
from ibkit.sim._engine import Refused


def code(desk: Desk, **order: object) -> int:
    said = desk.place(1, **order)
    return desk.last(Refused).code if len(said) == 1 else 0


@card("NUM-01", "1.12 C")
@pytest.mark.parametrize(
    "order",
    [
        {"order_type": "LMT", "limit_price": "90.1"},
        {"order_type": "STP", "aux_price": "90.1"},
        {"order_type": "STP LMT", "aux_price": 90, "limit_price": "89.9"},
        {"order_type": "MIT", "aux_price": "90.1"},
        {"order_type": "TRAIL", "aux_price": 2, "trail_stop_price": "90.1"},
    ],
)
def test_a_price_off_the_grid_is_refused(order):
    assert code(Desk(), **order) == 110


@card("NUM-02", "1.12 C")
def test_the_grid_depends_on_the_price():
    def banded(instrument, price):
        return dec("0.05") if abs(price) < 3 else dec("0.1")

    desk = Desk(increment=banded)

    assert code(desk, order_type="LMT", limit_price="3.05") == 110
    assert desk.place(1, "LMT", limit_price="2.95")[0] == "1 OO PreSubmitted"


@card("NUM-03", "1.12 R")
def test_a_spread_has_a_grid_of_its_own():
    assert code(Desk(), of=SPREAD, order_type="LMT", limit_price="-1.25") == 0
    assert code(Desk(), of=SPREAD, order_type="LMT", limit_price="-1.26") == 110


@card("NUM-04", "1.12 R")
def test_a_size_of_zero_is_refused():
    desk = Desk()

    assert code(desk, quantity=0) == 321
    assert desk.last(Refused).text.endswith("The size value cannot be zero:")
    assert code(desk, quantity=None) == 321


@card("NUM-05", "1.12 R")
@pytest.mark.parametrize("quantity", [-1, 1_000_000_000])
def test_a_size_lies_within_what_the_market_rule_takes(quantity):
    desk = Desk()

    assert code(desk, quantity=quantity) == 321
    assert desk.last(Refused).text.endswith("Order size does not conform to market rule.")


@card("NUM-06", "1.12 R")
def test_a_fraction_of_a_contract_is_refused():
    assert code(Desk(), quantity="1.5") == 10318


@card("NUM-07", "1.12 R")
def test_an_amount_of_cash_is_not_taken():
    assert code(Desk(), quantity=None, cash_quantity=1000) == 10340


@card("NUM-08", "1.12 R")
def test_a_size_is_a_multiple_of_the_lot():
    desk = Desk()
    desk.broker._world.markets._instrument = {3: evolve(AAPL, size_increment=dec(100))}.get

    assert code(desk, of=AAPL, quantity=150) == 461


@card("NUM-09", "1.12 R")
def test_a_size_is_at_least_the_smallest():
    desk = Desk()
    desk.broker._world.markets._instrument = {1: evolve(ES, min_size=dec(5))}.get

    assert code(desk, quantity=4) == 388
    assert desk.last(Refused).text == (
        "Order size 4 is smaller than the minimum required size of 5."
    )


@card("NUM-10", "5 R")
@pytest.mark.parametrize("shown", [-1, 11])
def test_a_display_size_is_not_greater_than_the_order(shown):
    assert code(Desk(), quantity=10, display_size=shown) == 10020


def test_an_offset_need_not_lie_on_the_grid():
    assert code(Desk(), order_type="TRAIL", aux_price="0.1") == 0
    assert code(Desk(), order_type="MKT", limit_price="0.1") == 0


def test_where_fractions_are_traded_they_may_be_ordered():
    desk = Desk()
    desk.broker._world.markets._instrument = {
        3: evolve(AAPL, size_increment=dec("0.5"), min_size=dec("0.5"))
    }.get

    assert code(desk, of=AAPL, quantity="0.3") == 461
    assert desk.place(1, of=AAPL, quantity="1.5")[0] == "1 OO PreSubmitted"
