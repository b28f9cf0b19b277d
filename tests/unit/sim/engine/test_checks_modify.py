from __future__ import annotations

import datetime as dt

import pytest

from brokerage import MES, Desk, terms_of
from cards import card
from ibkit.sim._engine import Latency, Models, OrderKey, Place, Refused
from ibkit.sim._engine._check import first_failure
from ibkit.sim._engine._checks_modify import MODIFY
from ibkit.sim._engine._placing import draft_of


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    return desk


def again(desk: Desk, **changes: object) -> list[str]:
    """Send the resting order again with changes."""
    order = {"order_type": "LMT", "action": "BUY", "quantity": 5, "limit_price": 90} | changes
    return desk.place(1, **order)


@card("MOD-01", "1.9 C")
def test_the_side_cannot_be_changed(desk):
    assert again(desk, action="SELL") == ["1 E105"]


@card("MOD-02", "1.9 C")
def test_the_contract_cannot_be_changed(desk):
    assert again(desk, of=MES) == ["1 E105"]
    assert again(desk, exchange="QBALGO") == ["1 E105"]


@card("MOD-03", "1.9 C")
def test_the_type_cannot_be_changed(desk):
    assert again(desk, order_type="STP", aux_price=90) == ["1 E329"]
    assert again(desk, order_type="MKT") == ["1 E329"]


@card("MOD-04", "1.9 C")
def test_the_time_in_force_cannot_be_changed(desk):
    assert again(desk, tif="GTC") == ["1 E462"]


@card("MOD-05", "1.9 R")
def test_a_filled_order_cannot_be_modified(desk):
    desk.quote(89, 90)

    assert again(desk, limit_price=91) == ["1 E104"]


@card("MOD-06", "1.9 R")
def test_neither_can_a_cancelled_one(desk):
    desk.cancel(1)

    assert again(desk, limit_price=91) == ["1 E104"]


@card("MOD-07", "1.9 C")
def test_a_refused_modification_leaves_the_order_live_and_as_it_was(desk):
    assert again(desk, limit_price="90.1") == ["1 E110"]
    assert desk.last(Refused).live
    assert desk.order(1).terms.limit_price == 90
    assert desk.quote(89, 90)[0] == "1 EX BOT 5@90"


@card("MOD-08", "1.9 C")
def test_an_order_on_its_way_cannot_be_modified_yet():
    desk = Desk(models=Models(latency=Latency(submit=dt.timedelta(seconds=1))))
    desk.place(1, "LMT", "BUY", 5, limit_price=90)

    assert again(desk, limit_price=91) == ["1 E2102"]


@card("MOD-09", "1.9 C")
def test_neither_can_one_whose_modification_is_on_its_way():
    desk = Desk(models=Models(latency=Latency(submit=dt.timedelta(seconds=1))))
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    desk.wait(seconds=1)
    again(desk, limit_price=91)

    assert again(desk, limit_price=92) == ["1 E2102"]


@card("MOD-10", "1.9 C")
def test_neither_can_one_that_is_being_cancelled():
    desk = Desk(models=Models(latency=Latency(cancel=dt.timedelta(seconds=1))))
    desk.place(1, "LMT", "BUY", 5, limit_price=90)
    desk.cancel(1)

    assert again(desk, limit_price=92) == ["1 E2102"]


@card("MOD-11", "1.5 R")
def test_the_parent_cannot_be_changed(desk):
    desk.place(2, "LMT", "SELL", 5, limit_price=110, parent_id=1)

    assert desk.place(2, "LMT", "SELL", 5, limit_price=111, parent_id=9) == ["2 E10341"]
    for parent_id in (1, 0):  # left out, it stays as it is
        assert desk.place(2, "LMT", "SELL", 5, limit_price=111, parent_id=parent_id)[-1] == (
            "2 OS PreSubmitted [child]"
        )


@card("MOD-12", "1.7 R")
def test_a_trailing_stop_is_changed_only_with_its_amount():
    desk = Desk()
    trail = {"order_type": "TRAIL", "action": "SELL", "trail_stop_price": 90}
    desk.place(1, aux_price=5, **trail)
    moved = trail | {"trail_stop_price": 91}

    assert desk.place(1, aux_price=5, **moved) == ["1 E10067"]
    assert desk.place(1, aux_price=4, **moved)[0] == "1 OO PreSubmitted"
    assert desk.order(1).terms.trail_stop_price == 91


@card("MOD-13", "1.9 I")
def test_the_size_cannot_go_below_what_is_filled(desk):
    desk.quote(89, 90, 3)

    assert again(desk, quantity=2) == ["1 E10241"]


@card("MOD-14", "5 R")
def test_the_account_cannot_be_changed(desk):
    assert again(desk, account="DU77") == ["1 E422"]


@card("MOD-15", "1.5 I")
def test_the_group_that_the_broker_gave_a_child_cannot_be_sent_back(desk):
    desk.place(2, "LMT", "SELL", 5, limit_price=110, parent_id=1)
    shown = desk.order(2).terms.oca_group

    assert desk.place(2, "LMT", "SELL", 5, limit_price=111, parent_id=1, oca_group=shown) == [
        "2 E10326"
    ]


def test_a_modification_is_checked_like_a_new_order(desk):
    assert again(desk, quantity=0) == ["1 E321"]
    assert again(desk, limit_price=None) == ["1 E321"]
    assert desk.order(1).terms.quantity == 5


def test_what_is_left_out_of_a_modification_stays_as_it_was(desk):
    desk.place(2, "LMT", "SELL", 5, limit_price=110, parent_id=1, oca_group="g", oca_type=1)
    desk.place(2, "LMT", "SELL", 5, limit_price=111)
    again = {"parent_id": 1, "oca_group": "g", "oca_type": 1}

    assert desk.place(2, "LMT", "SELL", 5, limit_price=112, **again)[0] == "2 OO PreSubmitted"
    desk.quote(89, 90)
    assert (desk.order(2).terms.oca_group, desk.order(2).terms.oca_type) == ("g", 1)


def test_a_new_order_is_not_asked_what_it_changes():
    command = Place(key=OrderKey(1, 7), con_id=1, exchange="CME", terms=terms_of())

    with pytest.raises(TypeError):
        first_failure(MODIFY, draft_of(Desk().broker._world, command, None))
