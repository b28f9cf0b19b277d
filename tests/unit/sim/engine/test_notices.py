from __future__ import annotations

import pytest

from brokerage import AAPL, ES, NOW, Desk, RegularHours
from cards import card
from ibkit.sim._engine import Refused

NIGHT = NOW.replace(hour=12)


@card("STS-25", "1.4 R+")
def test_the_text_of_399_names_order_and_opening():
    desk = Desk(hours=RegularHours(), now=NIGHT)
    desk.place(1, "LMT", of=AAPL, limit_price=100)
    notice = desk.events[0]

    assert isinstance(notice, Refused)
    assert notice.live
    assert notice.text == (
        "Order Message:\nBUY 1 AAPL NASDAQ.NMS\nWarning: your order will not be placed at the "
        "exchange until 2026-03-02 09:30:00 US/Eastern"
    )


@card("STS-26", "1.7 R")
def test_outside_rth_is_ignored_for_a_future_and_said_so():
    desk = Desk()

    assert desk.place(1, "LMT", limit_price=90, outside_rth=True) == [
        "1 E2109",
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 OO Submitted",
        "1 OS Submitted",
    ]
    assert "is ignored based on the order type" in desk.events[0].text


@card("STS-27", "1.8 C")
def test_a_switch_tells_every_day_order_that_it_is_one():
    desk = Desk(day_order_notice=True)

    assert desk.place(1, "LMT", limit_price=90)[0] == "1 E10349"
    assert desk.place(2, "LMT", limit_price=90, tif="GTC")[0] == "2 OO PreSubmitted"
    assert desk.place(3, "LMT", limit_price=90, tif="DAY")[0] == "3 E10349"


def test_a_stop_on_a_future_takes_outside_rth_seriously():
    desk = Desk()

    assert desk.place(1, "STP", aux_price=110, outside_rth=True)[0] == "1 OO PreSubmitted"


def test_an_order_that_works_now_is_told_nothing():
    desk = Desk(hours=RegularHours(), now=NIGHT)

    assert desk.place(1, "LMT", of=AAPL, limit_price=90, outside_rth=True)[0][2:4] == "OO"


def test_a_future_is_named_by_its_local_symbol():
    desk = Desk(hours=RegularHours(), now=NIGHT.replace(hour=3))
    desk.place(1, "LMT", of=ES, limit_price=90)

    assert "BUY 1 ESH6 CME\n" in desk.events[0].text


def test_a_stop_that_waits_for_the_opening_is_not_announced():
    desk = Desk(hours=RegularHours(), now=NIGHT)

    assert desk.place(1, "STP", of=AAPL, aux_price=110)[0] == "1 OO PreSubmitted"


@card("STS-28", "5 C")
@pytest.mark.parametrize(
    ("action", "quantity", "warned"), [("SELL", 3, True), ("SELL", 2, False), ("BUY", 3, False)]
)
def test_a_switch_warns_of_orders_that_turn_a_position_over(action, quantity, warned):
    desk = Desk(cross_side_warning=True)
    desk.quote(99, 100)
    desk.place(1, "MKT", "BUY", 2)

    lines = desk.place(2, "LMT", action, quantity, limit_price=90 if action == "BUY" else 110)

    assert ("2 E2137" in lines) is warned
    assert lines[-1] == "2 OS Submitted"
