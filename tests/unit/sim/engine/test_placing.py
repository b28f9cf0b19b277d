from __future__ import annotations

from brokerage import AAPL, ES, SPREAD, Desk, RegularHours, dec
from cards import card
from ibkit.sim._engine import Refused, WhatIfAnswered


@card("TRN-01", "1.2 C")
def test_an_untransmitted_order_is_neither_shown_nor_listed():
    desk = Desk()

    assert desk.place(1, "LMT", limit_price=90, transmit=False) == []
    assert desk.broker.orders() == ()


@card("TRN-02", "1.2 R")
def test_sending_it_again_to_be_transmitted_starts_the_ordinary_flow():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, transmit=False)

    assert desk.place(1, "LMT", limit_price=91) == [
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 OO Submitted",
        "1 OS Submitted",
    ]
    assert desk.order(1).terms.limit_price == 91


@card("TRN-03", "1.2 C")
def test_a_child_that_is_transmitted_takes_its_parent_and_siblings_along():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, transmit=False)
    desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1, transmit=False)
    said = desk.place(3, "STP", "SELL", aux_price=80, parent_id=1)

    assert [line for line in said if "OO" in line] == [
        "1 OO PreSubmitted",
        "2 OO PreSubmitted",
        "3 OO PreSubmitted",
        "1 OO Submitted",
    ]


@card("TRN-04", "1.2 C")
def test_a_held_order_can_be_cancelled_and_was_never_completed():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, transmit=False)

    assert desk.cancel(1) == ["1 OS Cancelled", "1 E202"]
    assert desk.broker.completed_orders() == ()


@card("TRN-05", "1.2 R")
def test_a_held_order_goes_through_the_checks_again():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, transmit=False)

    assert desk.place(1, "LMT", limit_price="90.1") == ["1 E110"]
    assert desk.broker.orders() == ()


def test_an_atomic_bracket_survives_a_parent_that_fills_at_once():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, transmit=False)
    desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1, transmit=False)
    desk.place(3, "STP", "SELL", aux_price=80, parent_id=1)

    assert [desk.status(n) for n in (1, 2, 3)] == ["Filled", "Submitted", "PreSubmitted"]


# -- what an accepted order is told


@card("STS-01", "1.4 R+")
def test_an_accepted_limit_is_shown_twice():
    desk = Desk()
    desk.quote(99, 100)

    assert desk.place(1, "LMT", limit_price=90) == [
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 OO Submitted",
        "1 OS Submitted",
    ]


@card("STS-02", "1.4 R+")
def test_a_refusal_by_the_gateway_is_an_error_and_nothing_else():
    desk = Desk()

    assert desk.place(1, "LMT") == ["1 E321"]
    assert desk.broker.orders() == ()
    assert desk.broker.completed_orders() == ()


@card("STS-03", "1.4 R")
def test_a_rejected_order_is_inactive_and_then_201():
    desk = Desk(cash=100)
    desk.quote(4999.75, 5000)

    assert desk.place(1) == ["1 OO Inactive", "1 OS Inactive", "1 E201"]
    assert desk.order(1).remaining == 1


@card("STS-04", "1.4 R")
def test_a_limit_outside_the_band_is_cancelled_by_the_exchange():
    desk = Desk(price_band=dec("0.1"))
    desk.quote(99, 101)
    desk.trade(100)
    said = desk.place(1, "LMT", limit_price=111)

    assert said == [
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 OS PendingCancel",
        "1 OS Cancelled",
        "1 E202",
    ]
    assert "at or more aggressive than 110" in desk.last(Refused).text
    assert "current market price of 100." in desk.last(Refused).text
    assert desk.place(2, "LMT", limit_price=109)[-2:] != ["2 OS Cancelled", "2 E202"]


@card("STS-05", "1.4 C")
def test_an_oversized_limit_is_rejected():
    desk = Desk(large_order=dec(50))
    desk.place(1, "LMT", quantity=51, limit_price=10)

    assert desk.last(Refused).code == 201
    assert "smaller order" in desk.last(Refused).text


@card("STS-06", "1.4 R+")
def test_outside_hours_a_stock_order_is_announced_with_399_and_waits():
    desk = Desk(hours=RegularHours())
    desk.now = desk.now.replace(hour=12)

    assert desk.place(1, "LMT", of=AAPL, limit_price=100) == [
        "1 E399",
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
    ]


@card("STS-07", "1.4 R+")
def test_a_waiting_order_goes_to_the_exchange_at_the_opening():
    desk = Desk(hours=RegularHours())
    desk.now = desk.now.replace(hour=12)
    desk.place(1, "LMT", of=AAPL, limit_price=100)

    assert desk.wait(hours=2.5) == ["1 OO Submitted", "1 OS Submitted"]


@card("STS-08", "1.8 R")
def test_a_time_in_force_that_the_exchange_does_not_know_is_rejected():
    desk = Desk()

    assert desk.place(1, "LMT", limit_price=90, tif="AUC")[-1] == "1 E201"
    assert "AUC is invalid" in desk.last(Refused).text


# -- what-if


@card("WHT-01", "1.11 C")
def test_a_what_if_is_answered_by_one_open_order_and_does_not_exist():
    desk = Desk()
    desk.quote(4999.75, 5000)

    assert desk.place(1, what_if=True) == ["1 what-if PreSubmitted"]
    assert desk.broker.orders() == ()
    assert desk.cancel(1) == ["1 E10147"]


@card("WHT-02", "1.11 R+")
def test_a_what_if_tells_margins_and_commission():
    desk = Desk(cash=100_000)
    desk.quote(4999.75, 5000)
    desk.trade(5000)
    desk.place(1, what_if=True)
    margins = desk.last(WhatIfAnswered).margins

    assert (margins.initial_before, margins.initial_change) == (0, 15_000)
    assert margins.maintenance_change == 12_500
    assert margins.equity_before == 100_000
    assert margins.equity_change == dec("-2.25")
    assert (margins.commission, margins.commission_currency) == (dec("2.25"), "USD")


@card("WHT-03", "1.11 R")
def test_a_what_if_beyond_the_means_is_followed_by_201_without_commission():
    desk = Desk(cash=100)
    desk.quote(4999.75, 5000)
    desk.trade(5000)

    assert desk.place(1, what_if=True) == ["1 what-if PreSubmitted", "1 E201"]
    assert desk.last(WhatIfAnswered).margins.commission is None
    assert desk.last(Refused).text == (
        "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED "
        "POSITION YOUR EQUITY WITH LOAN VALUE [100.00 USD] MUST EXCEED THE INITIAL MARGIN "
        "[15000.00 USD]"
    )


@card("WHT-04", "1.2 R")
def test_a_what_if_must_be_transmitted():
    desk = Desk()

    assert desk.place(1, what_if=True, transmit=False) == ["1 E321"]
    assert "What-If order should have transmit flag" in desk.last(Refused).text


@card("WHT-05", "1.11 C")
def test_there_is_no_what_if_for_smart_combos():
    desk = Desk()

    assert desk.place(1, of=SPREAD, exchange="SMART", what_if=True) == ["1 E360"]


def test_a_what_if_of_a_future_that_closes_a_position_frees_margin():
    desk = Desk()
    desk.quote(4999.75, 5000)
    desk.trade(5000)
    desk.place(1)
    desk.place(2, action="SELL", what_if=True)
    margins = desk.last(WhatIfAnswered).margins

    assert margins.initial_change == -margins.initial_before < 0


def test_a_read_only_gateway_refuses_orders():
    desk = Desk(read_only=True)
    desk.place(1, of=ES)

    assert desk.last(Refused).code == 321
    assert "Read-Only mode" in desk.last(Refused).text


def test_an_order_that_is_held_back_can_be_changed_and_held_back_again():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, transmit=False)
    said = desk.place(1, "LMT", limit_price=91, transmit=False)

    assert said == []
    assert desk.place(1, "LMT", limit_price=91)[0].startswith("1 OO")
    assert desk.order(1).terms.limit_price == 91


def test_a_what_if_beside_a_working_order_uses_its_market():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price=90)

    assert desk.place(2, "LMT", limit_price=90, what_if=True) == ["2 what-if PreSubmitted"]
