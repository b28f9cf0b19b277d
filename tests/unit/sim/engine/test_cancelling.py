from __future__ import annotations

import datetime as dt

import pytest

from brokerage import AAPL, ES, MES, NOW, Desk, RegularHours, dec, terms_of
from cards import card
from ibkit.sim._engine import Latency, Models, Refused

SLOW = Models(latency=Latency(cancel=dt.timedelta(seconds=1)))


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    return desk


@card("CXL-01", "1.4 R+")
def test_a_resting_order_is_cancelled_without_an_echo(desk):
    assert desk.cancel(1) == ["1 OS Cancelled", "1 E202"]
    assert desk.last(Refused).text == "Order Canceled - reason:"


@card("CXL-02", "1.4 R+")
def test_a_held_order_is_shown_as_pending_first():
    desk = Desk()
    desk.place(1, "STP", "SELL", aux_price=90)

    assert desk.cancel(1) == [
        "1 OO PendingCancel",
        "1 OS PendingCancel [trigger]",
        "1 OS Cancelled",
        "1 E202",
    ]


@card("CXL-03", "1.4 R+")
def test_so_is_one_that_waits_for_the_opening():
    desk = Desk(hours=RegularHours(), now=NOW.replace(hour=12))
    desk.place(1, "LMT", of=AAPL, limit_price=90)

    assert desk.cancel(1)[0] == "1 OO PendingCancel"


@card("CXL-04", "1.9 R+")
def test_an_unknown_id_is_not_found(desk):
    assert desk.cancel(2) == ["2 E10147"]
    assert desk.last(Refused).text == "OrderId 2 that needs to be cancelled is not found."


@card("CXL-05", "1.9 R+")
@pytest.mark.parametrize("state", ["Cancelled", "Filled"])
def test_an_ended_order_cannot_be_cancelled(desk, state):
    if state == "Filled":
        desk.quote(89, 90)
    else:
        desk.cancel(1)

    assert desk.cancel(1) == ["1 E10148"]
    assert desk.last(Refused).text == (
        f"OrderId 1 that needs to be cancelled cannot be cancelled, state: {state}."
    )


@card("CXL-06", "1.1 C")
def test_another_clients_order_is_not_found(desk):
    assert desk.cancel(1, client=2) == ["1 E10147"]
    assert desk.cancel(1, client=1, by=2) == ["1 E10147"]
    assert desk.status(1) == "Submitted"


@card("CXL-07", "1.1 R")
def test_a_switch_lets_a_client_cancel_anothers_order():
    desk = Desk(cross_client_cancel="allow")
    desk.place(1, "LMT", limit_price=90)

    assert desk.cancel(1, client=2) == ["1 OS Cancelled", "1 E202"]


@card("CXL-08", "1.9 C")
def test_cancelling_all_takes_every_clients_and_manual_orders(desk):
    desk.place(1, "LMT", client=2, of=MES, limit_price=90)
    desk.operator("place", ES.con_id, "CME", terms_of("LMT", limit_price=dec(90)))
    said = desk.cancel_all(by=7)

    assert [line for line in said if "E202" in line] == ["1 E202", "1 E202", "0 E202"]
    assert desk.broker.orders() == ()


@card("CXL-09", "1.9 R+")
def test_cancelling_all_hits_orders_that_are_being_cancelled():
    desk = Desk(models=SLOW)
    desk.place(1, "LMT", limit_price=90)
    desk.cancel(1)

    assert desk.cancel_all() == ["1 E161"]
    assert desk.last(Refused).text == (
        "Cancel attempted when order is not in a cancellable state.  "
        f"Order permId ={desk.perm_id(1)}"
    )


@card("CXL-10", "1.9 R")
def test_a_switch_tells_of_orders_that_went_with_their_group():
    desk = Desk(global_cancel_notice=True)
    for order_id in (1, 2):
        desk.place(order_id, "LMT", limit_price=90, oca_group="g", oca_type=1)

    assert desk.cancel_all()[-1] == "2 E161"


@card("CXL-11", "1.3 C")
def test_a_fill_may_win_the_race_against_a_cancel():
    desk = Desk(models=SLOW)
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price=90)
    asked = desk.cancel(1)
    filled = desk.quote(89, 90)

    assert asked == ["1 OO PendingCancel", "1 OS PendingCancel"]
    assert filled[:2] == ["1 EX BOT 1@90", "1 OS Filled 1/0 @90"]
    assert desk.wait(seconds=2) == []


@card("CXL-12", "1.3 C")
def test_a_part_filled_order_keeps_its_fills(desk):
    desk.quote(89, 90, 2)

    assert desk.cancel(1)[0] == "1 OS Cancelled 2/3 @90"
    assert desk.held() == 2


@card("CXL-13", "1.3 C")
def test_part_fills_come_in_while_the_cancel_is_on_its_way():
    desk = Desk(models=SLOW)
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    desk.cancel(1)

    assert desk.quote(89, 90, 2)[1] == "1 OS PendingCancel 2/3 @90"
    assert desk.wait(seconds=1)[0] == "1 OS Cancelled 2/3 @90"


@card("CXL-14", "1.9 R+")
def test_a_second_cancel_finds_it_pending():
    desk = Desk(models=SLOW)
    desk.place(1, "LMT", limit_price=90)
    desk.cancel(1)
    desk.cancel(1)

    assert desk.last(Refused).text.endswith("state: PendingCancel.")
    assert desk.last(Refused).live


@card("CXL-15", "1.9 C")
def test_a_failed_cancel_changes_no_status(desk):
    desk.quote(89, 90, 2)
    before = desk.order(1)
    desk.cancel(1, client=2)

    assert desk.order(1) == before


@card("CXL-16", "1.10 R")
def test_what_a_trader_cancelled_says_so(desk):
    desk.cancel(1)
    (view,) = desk.broker.completed_orders()

    assert (view.completed_status, view.completed_time) == ("Cancelled by Trader", desk.now)


def test_an_order_with_an_ambiguous_id_is_not_cancelled_for_a_stranger():
    desk = Desk(cross_client_cancel="allow")
    for client in (1, 2):
        desk.place(1, "LMT", client=client, limit_price=90)

    assert desk.cancel(1, client=3) == ["1 E10147"]


def test_cancelling_all_takes_untransmitted_orders_too():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, transmit=False)

    assert desk.cancel_all() == ["1 OS Cancelled", "1 E202"]


def test_cancelling_all_takes_a_bracket_once():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, transmit=False)
    desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1)
    said = desk.cancel_all()

    assert [line for line in said if "E" in line] == ["1 E202", "2 E202"]
