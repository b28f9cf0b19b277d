from __future__ import annotations

import datetime as dt

import pytest

from brokerage import ACCOUNT, ES, Desk, dec, terms_of
from cards import card
from ibkit.sim._engine import Latency, Models, OrderBound, OrderKey, Refused, StatusReported


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.quote(99, 100)
    return desk


def manual(desk: Desk, **terms: object) -> int:
    """Place an order by hand; return its perm id."""
    desk.operator("place", ES.con_id, "CME", terms_of("LMT", limit_price=dec(90), **terms))
    return desk.broker.orders()[-1].perm_id


@card("MAN-01", "1.1 C")
def test_client_0_binds_manual_orders_to_negative_ids(desk):
    perm_id = manual(desk)
    said = desk.operator("bind")

    assert said == ["bound 0 -1", "-1 OO Submitted", "-1 OS Submitted"]
    assert desk.events[0] == OrderBound(perm_id, OrderKey(0, -1))


@card("MAN-02", "1.1 C")
def test_what_is_bound_can_be_cancelled_through_the_api(desk):
    manual(desk)
    desk.operator("bind")

    assert desk.cancel(-1, client=0) == ["-1 OS Cancelled", "-1 E202"]


@card("MAN-03", "1.1 C")
def test_binding_ahead_gives_new_manual_orders_an_id(desk):
    desk.broker.operator.auto_bind = True
    manual(desk)

    assert [view.key for view in desk.broker.orders()] == [(0, -1)]
    assert any(isinstance(event, OrderBound) for event in desk.events)


@card("MAN-04", "1.1 R")
def test_an_unbound_order_cannot_be_cancelled_by_its_id(desk):
    manual(desk)

    assert desk.cancel(0, client=0) == ["0 E10147"]


@card("MAN-05", "1.1 R")
def test_binding_twice_binds_once(desk):
    manual(desk)
    desk.operator("bind")

    assert desk.operator("bind") == []


@card("MAN-06", "menu 14")
def test_a_manual_cancel_ends_an_api_order(desk):
    desk.place(1, "LMT", limit_price=90)

    assert desk.operator("cancel", desk.perm_id(1)) == ["1 OS Cancelled", "1 E202"]


@card("OPR-01", "menu 1")
def test_a_notice_on_an_accepted_order_leaves_it_alive(desk):
    desk.broker.operator.notice_next(10311, "This order will be directly routed to CME.")

    assert desk.place(1) == [
        "1 E10311",
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 EX BOT 1@100",
        "1 OS Filled 1/0 @100",
        "1 CR 2.25",
    ]


@card("OPR-02", "menu 1")
def test_a_notice_may_come_at_any_time(desk):
    desk.place(1, "LMT", limit_price=90)

    assert desk.operator("notice", desk.perm_id(1), 399, "Order Message") == ["1 E399"]
    assert desk.status(1) == "Submitted"


@card("OPR-03", "menu 2")
@pytest.mark.parametrize("first", [True, False])
def test_a_rejection_comes_before_or_after_inactive(desk, first):
    desk.broker.operator.reject_next("No.", error_first=first)
    said = desk.place(1)

    assert said.index("1 E201") == (0 if first else 2)
    assert desk.last(Refused).text == "Order rejected - reason:No."
    assert desk.place(2)[-1] == "2 CR 2.25"


@card("OPR-04", "menu 2")
def test_a_live_order_may_be_rejected_with_its_children(desk):
    desk.place(1, "LMT", limit_price=90, transmit=False)
    desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1)

    assert desk.operator("reject", desk.perm_id(1), "Margin") == [
        "1 OO Inactive",
        "1 OS Inactive",
        "1 E201",
        "2 OS Cancelled",
        "2 E202",
    ]


@card("OPR-05", "1.12 C")
def test_a_short_sale_is_held_until_securities_are_located(desk):
    desk.broker.operator.hold_next()

    assert desk.place(1, "MKT", "SELL") == ["1 E404", "1 OO Inactive", "1 OS Inactive [locate]"]
    assert desk.quote(98, 99) == []
    assert [view.why_held for view in desk.broker.orders()] == ["locate"]
    assert desk.operator("release", desk.perm_id(1))[:3] == [
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 EX SLD 1@98",
    ]


@card("OPR-06", "1.12 C")
def test_a_working_order_may_be_held(desk):
    desk.place(1, "LMT", limit_price=90)

    assert desk.operator("hold", desk.perm_id(1))[0] == "1 E404"
    assert desk.quote(89, 90) == []
    assert desk.cancel(1)[-2:] == ["1 OS Cancelled", "1 E202"]


@card("OPR-07", "menu 5")
def test_the_next_order_may_be_refused(desk):
    desk.broker.operator.refuse_next(321, "cause")

    assert desk.place(1) == ["1 E321"]
    assert desk.place(1)[0] == "1 OO PreSubmitted"


@card("OPR-08", "menu 5")
@pytest.mark.parametrize("code", [110, 104, 10326, 135])
def test_the_next_modification_may_be_refused(desk, code):
    desk.place(1, "LMT", limit_price=90)
    desk.broker.operator.refuse_next_modify(code, "no")

    assert desk.place(1, "LMT", limit_price=91) == [f"1 E{code}"]
    assert desk.last(Refused).live
    assert desk.order(1).terms.limit_price == 90
    assert desk.place(1, "LMT", limit_price=91)[-1] == "1 OS Submitted"


@card("OPR-09", "menu 4")
def test_an_order_may_be_filled_whatever_the_market_says(desk):
    desk.place(1, "LMT", "BUY", 3, limit_price=90)

    assert desk.operator("fill", desk.perm_id(1), dec(2), dec(90))[1] == ("1 OS Submitted 2/1 @90")


@card("OPR-10", "1.3 C")
def test_the_exchange_may_cancel_unasked(desk):
    desk.place(1, "LMT", limit_price=90)

    assert desk.operator("cancel_unasked", desk.perm_id(1), "Halted") == [
        "1 OS Cancelled",
        "1 E202",
    ]
    assert desk.last(Refused).text == "Order Canceled - reason:Halted"


@card("OPR-11", "menu 3")
def test_a_status_may_be_sent_again_and_be_false(desk):
    desk.place(1)
    perm_id = desk.perm_id(1)

    assert desk.operator("report", perm_id) == ["1 OS Filled 1/0 @100"]
    desk.operator("report", perm_id, status="Submitted")
    assert desk.last(StatusReported).order.status == "Submitted"
    assert desk.status(1) == "Filled"


@pytest.mark.parametrize("method", ["cancel", "hold", "release"])
def test_an_ended_order_is_not_there_for_the_operator(desk, method):
    desk.place(1)

    with pytest.raises(KeyError):
        desk.operator(method, desk.perm_id(1))


def test_an_order_that_is_held_for_locating_cannot_be_filled(desk):
    desk.broker.operator.hold_next()
    desk.place(1, "MKT", "SELL")

    with pytest.raises(ValueError, match="release it first"):
        desk.operator("fill", desk.perm_id(1), dec(1), dec(99))


def test_a_release_of_an_order_that_is_not_held_does_nothing(desk):
    desk.place(1, "LMT", limit_price=90)

    assert desk.operator("release", desk.perm_id(1)) == []


def test_a_manual_order_of_nothing_is_refused(desk):
    with pytest.raises(ValueError, match="4711"):
        desk.operator("place", 4711, "CME", terms_of())


def test_a_manual_order_fills_like_any_other(desk):
    desk.operator("place", ES.con_id, "CME", terms_of())

    assert desk.broker.position(ACCOUNT, ES.con_id).quantity == 1


def test_a_cancel_by_hand_of_an_order_that_is_being_cancelled_does_nothing():
    desk = Desk(models=Models(latency=Latency(cancel=dt.timedelta(seconds=1))))
    desk.place(1, "LMT", limit_price=90)
    desk.cancel(1)

    assert desk.status(1) == "PendingCancel"
    assert desk.operator("cancel", desk.perm_id(1)) == []
