from __future__ import annotations

from brokerage import Desk, dec
from cards import card
from ibkit.sim._engine import Refused


def reason(desk: Desk) -> str:
    refused = desk.last(Refused)
    return refused.text.partition("reason:")[2]


@card("CHK-14", "1.5 R")
def test_a_switch_refuses_both_sides_of_a_contract():
    desk = Desk(refuse_both_sides=True)
    desk.place(1, "LMT", limit_price=90)

    assert desk.place(2, "LMT", "SELL", limit_price=110)[-1] == "2 E201"
    assert "both sides of the contract" in reason(desk)
    assert desk.place(3, "LMT", "BUY", limit_price=91)[-1] == "3 OS Submitted"


def test_the_exits_of_a_bracket_are_not_the_other_side():
    desk = Desk(refuse_both_sides=True)
    desk.place(1, "LMT", limit_price=90)
    desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1)

    assert desk.status(2) == "PreSubmitted"


def test_without_the_switch_both_sides_may_work():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)

    assert desk.place(2, "LMT", "SELL", limit_price=110)[-1] == "2 OS Submitted"


def test_a_market_order_is_never_too_large_a_limit():
    desk = Desk(large_order=dec(5))
    desk.quote(99, 100)

    assert desk.place(1, "MKT", "BUY", 6)[-1] == "1 CR 13.5"
    assert desk.place(2, "LMT", "BUY", 5, limit_price=90)[-1] == "2 OS Submitted"


def test_the_band_of_a_sell_lies_below_the_market():
    desk = Desk(price_band=dec("0.1"))
    desk.trade(100)
    desk.place(1, "LMT", "SELL", limit_price=89)

    assert "more aggressive than 90." in reason(desk)
    assert desk.place(2, "LMT", "SELL", limit_price=91)[3] == "2 OS Submitted"


def test_without_a_market_there_is_no_band():
    desk = Desk(price_band=dec("0.1"))

    assert desk.place(1, "LMT", limit_price=1000)[-1] == "1 OS Submitted"


def test_dtc_is_not_offered():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, tif="DTC")

    assert "DTC is invalid" in reason(desk)
