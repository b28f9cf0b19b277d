from __future__ import annotations

import datetime as dt

import pytest

from brokerage import AAPL, Desk, dec
from cards import card
from ibkit.sim._engine import Latency, Models

SLOW = Models(latency=Latency(submit=dt.timedelta(seconds=1)))


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    return desk


@card("MOD-16", "1.9 R+")
def test_a_modification_is_told_like_a_placing_under_the_same_perm_id(desk):
    before = desk.perm_id(1)

    assert desk.place(1, "LMT", "BUY", 6, limit_price=91) == [
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 OO Submitted",
        "1 OS Submitted",
    ]
    assert desk.perm_id(1) == before
    assert (desk.order(1).terms.limit_price, desk.order(1).remaining) == (91, 6)


@card("MOD-17", "1.9 C")
def test_a_day_order_may_become_ioc(desk):
    assert desk.place(1, "LMT", "BUY", 5, limit_price=90, tif="IOC")[-2:] == [
        "1 OS Cancelled",
        "1 E202",
    ]


@card("MOD-18", "1.9 C")
def test_a_better_price_fills_at_once(desk):
    assert desk.place(1, "LMT", "BUY", 5, limit_price=100)[-3:] == [
        "1 EX BOT 5@100",
        "1 OS Filled 5/0 @100",
        "1 CR 11.25",
    ]


@card("MOD-19", "1.4 R")
def test_a_switch_lets_a_limit_become_a_market_order():
    desk = Desk(modify_to_market=True)
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price=90)
    desk.place(1, "MKT")

    assert desk.status(1) == "Filled"


@card("MOD-20", "1.9 I")
def test_an_order_cut_to_what_is_filled_is_filled(desk):
    desk.quote(89, 90, 3)

    assert desk.place(1, "LMT", "BUY", 3, limit_price=90) == [
        "1 OO Filled",
        "1 OS Filled 3/0 @90",
    ]


@card("MOD-21", "1.2 C")
def test_a_modification_that_is_not_transmitted_changes_nothing(desk):
    assert desk.place(1, "LMT", "BUY", 5, limit_price=91, transmit=False) == []
    assert desk.order(1).terms.limit_price == 90


@card("MOD-22", "1.9 C")
def test_a_modification_may_lose_the_race_against_a_fill():
    desk = Desk(models=SLOW)
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    desk.wait(seconds=1)
    desk.place(1, "LMT", "BUY", 2, limit_price=90)
    desk.quote(89, 90, 3)

    assert desk.wait(seconds=1) == ["1 E104"]
    assert desk.order(1).remaining == 2


@card("MOD-23", "1.9 C")
def test_until_it_arrives_the_old_terms_hold():
    desk = Desk(models=SLOW)
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    desk.wait(seconds=1)
    desk.place(1, "LMT", "BUY", 5, limit_price=95)
    desk.quote(94, 95)

    assert desk.order(1).filled == 0
    desk.wait(seconds=1)
    assert desk.order(1).filled == 5


@card("MOD-24", "1.3 R")
def test_a_rejected_order_is_revived_by_a_correction():
    desk = Desk(cash=20_000)
    desk.quote(4999.75, 5000)
    desk.place(1, "LMT", "BUY", 5, limit_price=4000)

    assert desk.status(1) == "Inactive"
    assert desk.place(1, "LMT", "BUY", 1, limit_price=4000)[-1] == "1 OS Submitted"
    assert [view.key.order_id for view in desk.broker.orders()] == [1]
    assert desk.broker.completed_orders() == ()


@card("MOD-25", "1.9 C")
def test_the_trigger_of_a_stop_moves():
    desk = Desk()
    desk.place(1, "STP", "SELL", aux_price=90)
    desk.place(1, "STP", "SELL", aux_price=95)
    desk.quote(94, 95)

    assert desk.trade(95)[-2] == "1 OS Filled 1/0 @94"


@card("MOD-26", "1.9 C")
def test_a_new_trailing_amount_is_measured_from_the_best_price():
    desk = Desk()
    desk.trade(100)
    desk.place(1, "TRAIL", "SELL", aux_price=5)
    desk.trade(110)
    desk.trade(107)
    desk.place(1, "TRAIL", "SELL", aux_price=4)

    assert desk.order(1).terms.trail_stop_price == 106


def test_a_market_to_limit_keeps_its_limit_through_a_modification():
    desk = Desk()
    desk.quote(99, 100, 2)
    desk.place(1, "MTL", "BUY", 5)
    desk.place(1, "MTL", "BUY", 6)

    assert (desk.order(1).terms.order_type, desk.order(1).filled) == ("LMT", 2)
    assert desk.quote(100, "100.25") == []
    assert desk.quote(99, 100)[0] == "1 EX BOT 4@100"


def test_a_modified_stock_order_needs_its_market_no_more_than_before():
    desk = Desk()
    desk.place(1, "LMT", of=AAPL, limit_price=90)
    desk.place(1, "LMT", of=AAPL, limit_price=91)

    assert desk.broker.working_instruments() == {AAPL.con_id}
    desk.cancel(1)
    assert desk.broker.working_instruments() == set()


def test_the_limit_of_a_trail_limit_follows_a_new_offset():
    desk = Desk()
    desk.trade(100)
    trail = {"aux_price": 5, "trail_stop_price": 95}
    desk.place(1, "TRAIL LIMIT", "SELL", limit_offset="0.5", **trail)
    desk.trade(102)
    desk.place(1, "TRAIL LIMIT", "SELL", limit_offset="1", **trail)

    assert desk.order(1).terms.trail_stop_price == 97
    assert desk.order(1).terms.limit_price == dec(96)


def test_a_modification_that_a_cancel_overtakes_is_lost():
    second = dt.timedelta(seconds=1)
    desk = Desk(models=Models(latency=Latency(submit=second, cancel=3 * second)))
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    desk.wait(seconds=1)
    desk.place(1, "LMT", "BUY", 5, limit_price=91)
    desk.cancel(1)

    assert desk.wait(seconds=1) == ["1 E2102"]
    assert desk.order(1).terms.limit_price == 90
    assert desk.wait(seconds=2) == ["1 OS Cancelled", "1 E202"]
