from __future__ import annotations

import datetime as dt

import pytest

from brokerage import AAPL, ES, MES, SPREAD, Desk, dec
from cards import card
from ibkit.sim._engine import Latency, Models
from ibkit.sim._engine._oca import effective_type, has_block, reduced
from ibkit.sim._scenario import Account

SLOW = Models(latency=Latency(cancel=dt.timedelta(seconds=1)))


def pair(desk: Desk, oca_type: int, quantities=(10, 10), *, limits=(110, 120), name="exit") -> None:
    """Two resting sells of one group."""
    desk.quote(99, 100)
    for order_id, (quantity, limit) in enumerate(zip(quantities, limits, strict=True), start=1):
        desk.place(
            order_id, "LMT", "SELL", quantity, limit_price=limit, oca_group=name, oca_type=oca_type
        )


@card("OCA-01", "1.6 C")
@pytest.mark.parametrize("oca_type", [1, 2, 3])
def test_a_complete_fill_cancels_the_rest_of_the_group(oca_type):
    desk = Desk()
    pair(desk, oca_type)

    assert desk.quote(110, 111)[-2:] == ["2 OS Cancelled", "2 E202"]


@card("OCA-02", "1.6 C")
def test_type_1_cancels_on_a_partial_fill_already():
    desk = Desk()
    pair(desk, 1)
    desk.quote(110, 111, 1)

    assert (desk.status(1), desk.status(2)) == ("Submitted", "Cancelled")


@card("OCA-03", "1.6 C")
@pytest.mark.parametrize("oca_type", [2, 3])
def test_types_2_and_3_reduce_by_what_was_filled(oca_type):
    desk = Desk()
    pair(desk, oca_type)

    assert desk.quote(110, 111, 3)[-2:] == ["2 OO Submitted", "2 OS Submitted"]
    assert desk.order(2).remaining == desk.order(2).terms.quantity == 7


@card("OCA-04", "1.6 I")
def test_orders_of_unequal_size_are_reduced_in_proportion():
    desk = Desk()
    pair(desk, 2, (10, 20))
    desk.quote(110, 111, 5)

    assert desk.order(2).remaining == 10


@card("OCA-05", "1.6 U")
@pytest.mark.parametrize(("rounding", "left"), [("floor", 4), ("nearest", 5)])
def test_what_remains_is_rounded_by_a_switch(rounding, left):
    desk = Desk(oca_rounding=rounding)
    pair(desk, 2, (9, 7))
    desk.quote(110, 111, 3)

    assert desk.order(2).remaining == left


@card("OCA-06", "1.6 I")
def test_an_order_reduced_to_nothing_is_cancelled():
    desk = Desk()
    pair(desk, 2, (10, 1))
    desk.quote(110, 111, 3)

    assert desk.status(2) == "Cancelled"


@card("OCA-07", "1.6 R")
def test_the_echo_of_any_order_shows_type_3_unless_it_has_another():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)
    desk.place(2, "LMT", limit_price=90, oca_group="g", oca_type=1)

    assert [desk.order(n).terms.oca_type for n in (1, 2)] == [3, 1]


@card("OCA-08", "1.6 R")
def test_a_user_cancel_of_a_type_1_member_cancels_its_peer_first():
    desk = Desk()
    pair(desk, 1)

    assert desk.cancel(1) == [
        "2 OO PendingCancel",
        "2 OS PendingCancel",
        "2 OS Cancelled",
        "2 E202",
        "1 OS Cancelled",
        "1 E202",
    ]


@card("OCA-09", "1.6 C")
def test_a_group_spans_instruments_and_sides():
    desk = Desk()
    desk.quote(99, 100)
    desk.quote(99, 100, of=MES)
    desk.place(1, "LMT", "SELL", limit_price=110, oca_group="g", oca_type=1)
    desk.place(2, "LMT", "BUY", limit_price=90, of=MES, oca_group="g", oca_type=1)
    desk.quote(110, 111)

    assert desk.status(2) == "Cancelled"


@card("OCA-10", "1.6 C")
def test_the_same_name_in_another_account_is_another_group():
    desk = Desk(accounts=(Account(name="DU1"), Account(name="DU2")))
    desk.quote(99, 100)
    for order_id, account in ((1, "DU1"), (2, "DU2")):
        desk.place(
            order_id, "LMT", limit_price=90 + order_id, account=account, oca_group="g", oca_type=1
        )
    desk.quote(91, 92)

    assert [desk.status(n) for n in (1, 2)] == ["Submitted", "Filled"]


@card("OCA-11", "1.6 R")
def test_a_group_name_has_at_most_64_characters():
    desk = Desk()

    assert desk.place(1, "LMT", limit_price=90, oca_group="g" * 65) == ["1 E401"]
    assert desk.place(1, "LMT", limit_price=90, oca_group="g" * 64)[0] == "1 OO PreSubmitted"


@card("OCA-12", "1.6 C")
def test_combos_may_only_be_in_groups_of_type_3():
    desk = Desk()

    assert desk.place(1, "LMT", of=SPREAD, limit_price=1, oca_group="g", oca_type=1) == ["1 E359"]
    assert desk.place(1, "LMT", of=SPREAD, limit_price=1, oca_group="g", oca_type=3)[0][-1] == "d"


@card("OCA-13", "1.6 C")
def test_smart_combos_may_be_in_no_group():
    desk = Desk()
    smart = {"of": SPREAD, "exchange": "SMART", "oca_group": "g"}

    assert desk.place(1, "LMT", limit_price=1, **smart) == ["1 E356"]


@card("OCA-14", "1.6 C")
def test_the_group_of_a_live_order_cannot_be_revised():
    desk = Desk()
    pair(desk, 1)
    terms = {"limit_price": 115, "oca_type": 1}

    assert desk.place(1, "LMT", "SELL", 10, oca_group="other", **terms) == ["1 E10326"]
    assert desk.order(1).terms.limit_price == 110


@card("OCA-15", "1.6 C")
def test_the_type_of_a_live_group_cannot_be_revised():
    desk = Desk()
    pair(desk, 1)
    terms = {"limit_price": 115, "oca_group": "exit"}

    assert desk.place(1, "LMT", "SELL", 10, oca_type=2, **terms) == ["1 E10327"]
    assert desk.place(1, "LMT", "SELL", 10, oca_type=1, **terms)[0] == "1 OO PreSubmitted"


@card("OCA-16", "1.6 C")
@pytest.mark.parametrize("oca_type", [1, 2])
def test_with_block_one_burst_fills_one_order_however_slow_the_cancels(oca_type):
    desk = Desk(models=SLOW)
    pair(desk, oca_type)
    desk.quote(120, 121)
    desk.wait(seconds=2)

    assert [desk.order(n).filled for n in (1, 2)] == [10, 0]


@card("OCA-17", "1.6 R")
def test_without_block_a_fill_may_win_the_race_against_the_cancel():
    desk = Desk(models=SLOW)
    pair(desk, 3)
    said = desk.quote(110, 111)
    desk.quote(120, 121)

    assert said[-1] == "2 OS PendingCancel"
    assert [desk.order(n).filled for n in (1, 2)] == [10, 10]


@card("OCA-18", "1.6 R")
def test_without_block_the_cancel_arrives_in_the_end():
    desk = Desk(models=SLOW)
    pair(desk, 3)
    desk.quote(110, 111)

    assert desk.wait(seconds=1) == ["2 OS Cancelled", "2 E202"]


@card("OCA-19", "1.6 C")
def test_a_member_can_be_in_another_security_type():
    desk = Desk()
    desk.quote(99, 100)
    desk.quote(99, 100, of=AAPL)
    desk.place(1, "STP", "SELL", aux_price=90, oca_group="g", oca_type=1)
    desk.place(2, "LMT", "SELL", 5, limit_price=101, of=AAPL, oca_group="g", oca_type=1)
    desk.trade(90, of=ES)

    assert desk.status(2) == "Cancelled"


@card("OCA-20", "9 no. 3 U")
def test_a_switch_lets_a_member_of_types_2_and_3_be_cancelled_alone():
    desk = Desk(user_cancel_takes_siblings=False)
    pair(desk, 2)
    desk.cancel(1)

    assert desk.status(2) == "Submitted"


@card("OCA-21", "1.6 I")
def test_the_expiry_of_a_member_leaves_the_others():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price=90, oca_group="g", oca_type=1)
    desk.place(2, "LMT", limit_price=89, oca_group="g", oca_type=1, tif="GTC")
    desk.wait(hours=9)

    assert [desk.status(n) for n in (1, 2)] == ["Cancelled", "Submitted"]


@card("OCA-22", "1.6 C")
def test_every_member_must_be_transmitted_itself():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price=90, oca_group="g", oca_type=1, transmit=False)
    desk.place(2, "LMT", limit_price=90, oca_group="g", oca_type=1)
    desk.quote(89, 90)

    assert desk.status(2) == "Filled"
    assert desk.place(1, "LMT", limit_price=80, oca_group="g", oca_type=1)[-1] == "1 OS Submitted"


def test_three_members_are_all_reduced():
    desk = Desk()
    pair(desk, 2, (10, 10, 5), limits=(110, 120, 130))
    desk.quote(110, 111, 2)

    assert [desk.order(n).remaining for n in (1, 2, 3)] == [8, 8, 4]


@pytest.mark.parametrize(
    ("remaining", "fill", "before", "left"),
    [(10, 3, 10, 7), (7, 3, 9, 4), (1, 1, 2, 0), (5, 2, 2, 0), (8, 5, 4, 0)],
)
def test_reduction(remaining, fill, before, left):
    arguments = {"oca_type": 3, "increment": dec(1), "rounding": "floor"}

    assert reduced(dec(remaining), fill=dec(fill), before=dec(before), **arguments) == left


def test_fractions_are_cut_to_the_size_increment():
    left = reduced(
        dec(1), fill=dec(1), before=dec(3), oca_type=2, increment=dec("0.01"), rounding="floor"
    )

    assert left == dec("0.66")


def test_unset_is_type_3_without_block():
    assert effective_type(0) == 3
    assert [has_block(n) for n in range(4)] == [False, True, True, False]
