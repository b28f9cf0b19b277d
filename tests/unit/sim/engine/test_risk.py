from __future__ import annotations

from brokerage import AAPL, ES, ESM, SPREAD, Desk
from cards import card
from ibkit.sim._engine import Refused, WhatIfAnswered


def ready(cash: object) -> Desk:
    desk = Desk(cash=cash)
    for instrument in (ES, ESM):
        desk.quote(1000, 1000, of=instrument)
        desk.trade(1000, of=instrument)
    return desk


@card("ACC-18", "1.11 R")
def test_an_order_beyond_the_means_is_rejected():
    desk = ready(2999)

    assert desk.place(1)[-1] == "1 E201"
    assert "MUST EXCEED THE INITIAL MARGIN [3000.00 USD]" in desk.last(Refused).text


@card("ACC-19", "1.11 R")
def test_an_order_within_the_means_is_taken():
    desk = ready(3000)
    desk.place(1)

    assert desk.status(1) == "Filled"


@card("ACC-20", "1.11 I")
def test_what_reduces_the_margin_is_always_taken():
    desk = ready(3000)
    desk.place(1)
    desk.quote(900, 900)
    desk.trade(900)
    desk.place(2, "MKT", "SELL")

    assert desk.status(2) == "Filled"
    assert desk.place(3, "MKT", "BUY")[-1] == "3 E201"


@card("ACC-21", "1.11 I")
def test_the_months_of_one_future_offset_each_other():
    desk = ready(100_000)
    desk.place(1, what_if=True)
    outright = desk.last(WhatIfAnswered).margins.initial_change
    desk.place(2, of=SPREAD, what_if=True)
    spread = desk.last(WhatIfAnswered).margins.initial_change

    assert (outright, spread) == (3000, 600)


@card("ACC-22", "1.11 I")
def test_an_exit_of_a_bracket_needs_no_margin_of_its_own():
    desk = ready(4000)
    desk.place(1, "LMT", limit_price=900, transmit=False)
    desk.place(2, "LMT", "SELL", 2, limit_price=1100, parent_id=1, transmit=False)
    desk.place(3, "STP", "SELL", 2, aux_price=800, parent_id=1)

    assert len(desk.broker.orders()) == 3


def test_the_commission_of_a_combo_is_that_of_its_legs():
    desk = ready(100_000)
    desk.place(1, of=SPREAD, what_if=True)

    assert desk.last(WhatIfAnswered).margins.commission == 4.5


def test_without_a_market_the_limit_is_the_price():
    desk = Desk(cash=100)

    assert desk.place(1, "LMT", of=AAPL, quantity=3, limit_price=100)[-1] == "1 E201"
    assert desk.place(2, "LMT", of=AAPL, quantity=2, limit_price=100)[-1] == "2 OS Submitted"
