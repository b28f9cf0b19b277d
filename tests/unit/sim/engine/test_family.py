from __future__ import annotations

import datetime as dt

import pytest

from brokerage import ES, Desk, dec, terms_of
from cards import card
from ibkit.sim._engine import Latency, Models, OrderKey, Refused
from ibkit.sim._engine._family import held_family, release, root, tree
from ibkit.sim._engine._lifecycle import Gate
from ibkit.sim._engine._order import Order


def bracket(desk: Desk, quantity=1, *, entry=90, target=110, stop=80, **terms: object) -> list[str]:
    desk.place(1, "LMT", "BUY", quantity, limit_price=entry, transmit=False)
    desk.place(2, "LMT", "SELL", quantity, limit_price=target, parent_id=1, transmit=False, **terms)
    return desk.place(3, "STP", "SELL", quantity, aux_price=stop, parent_id=1, **terms)


def ready(**switches: object) -> Desk:
    desk = Desk(**switches)
    desk.quote(99, 100)
    return desk


@card("BRK-01", "1.5 R+")
def test_children_of_an_unfilled_parent_wait_as_child_and_child_trigger():
    desk = ready()
    said = bracket(desk)

    assert "2 OS PreSubmitted [child]" in said
    assert "3 OS PreSubmitted [child,trigger]" in said


@card("BRK-02", "1.5 R")
def test_siblings_form_an_implicit_group_named_after_the_parent():
    desk = ready()
    bracket(desk)
    parent, target = desk.order(1), desk.order(2)

    assert target.parent_perm_id == parent.perm_id
    assert (target.terms.oca_group, target.terms.oca_type) == (str(parent.perm_id), 3)
    assert parent.terms.oca_group == ""


@card("BRK-03", "1.5 R")
def test_a_group_of_a_childs_own_works_only_when_the_parent_has_filled():
    desk = ready()
    bracket(desk, oca_group="mine", oca_type=1)
    before = desk.order(2).terms
    desk.quote(89, 90)
    after = desk.order(2).terms

    assert (before.oca_group, before.oca_type) == (str(desk.perm_id(1)), 3)
    assert (after.oca_group, after.oca_type) == ("mine", 1)


@card("BRK-04", "1.5 R")
def test_when_the_parent_fills_the_limit_works_and_the_stop_waits_for_its_trigger():
    desk = ready()
    bracket(desk)

    assert desk.quote(89, 90) == [
        "1 EX BOT 1@90",
        "1 OS Filled 1/0 @90",
        "1 CR 2.25",
        "2 OO Submitted",
        "2 OS Submitted",
        "3 OO PreSubmitted",
        "3 OS PreSubmitted [trigger]",
    ]


@card("BRK-05", "1.5 R")
def test_an_exchange_that_holds_stops_itself_shows_them_submitted():
    desk = ready(native_stop_exchanges=("CME",))
    bracket(desk)
    desk.quote(89, 90)

    assert (desk.status(3), desk.order(3).why_held) == ("Submitted", "")


@card("BRK-06", "1.5 R+")
def test_when_one_exit_fills_the_other_is_cancelled():
    desk = ready()
    bracket(desk)
    desk.quote(89, 90)

    assert desk.quote(110, 111)[-2:] == ["3 OS Cancelled", "3 E202"]
    assert desk.held() == 0


@card("BRK-07", "1.5 U")
def test_a_part_filled_parent_lets_the_same_share_of_its_children_work():
    desk = ready()
    bracket(desk, 10)
    said = desk.quote(89, 90, 4)
    desk.quote(110, 111, 100)

    assert "2 OO Submitted" in said
    assert desk.order(2).filled == 4
    assert desk.held() == 0


@card("BRK-08", "1.5 U")
def test_a_switch_lets_the_whole_child_work_at_once():
    desk = ready(partial_parent="all")
    bracket(desk, 10)
    desk.quote(89, 90, 4)
    desk.quote(110, 111, 100)

    assert desk.order(2).filled == 10


@card("BRK-09", "1.5 U")
def test_a_switch_makes_children_wait_for_the_whole_parent():
    desk = ready(partial_parent="none")
    bracket(desk, 10)
    desk.quote(89, 90, 4)
    waiting = desk.order(2)
    desk.quote(89, 90, 6)

    assert (waiting.status, waiting.why_held) == ("PreSubmitted", "child")
    assert desk.status(2) == "Submitted"


@card("BRK-10", "1.5 R+")
def test_cancelling_an_unfilled_parent_takes_the_children_in_the_order_of_ids():
    desk = ready()
    bracket(desk)

    assert desk.cancel(1) == [
        "1 OO PendingCancel",
        "1 OS PendingCancel",
        "2 OO PreSubmitted",
        "2 OS PreSubmitted [child]",
        "3 OO PreSubmitted",
        "3 OS PreSubmitted [child,trigger]",
        "1 OS Cancelled",
        "1 E202",
        "2 OS Cancelled",
        "2 E202",
        "3 OS Cancelled",
        "3 E202",
    ]


@card("BRK-11", "1.5 R")
def test_children_sent_with_a_parent_that_is_rejected_are_rejected_too():
    desk = ready(cash=1)
    desk.quote(4999.75, 5000)
    said = bracket(desk, entry=5000, target=5100, stop=4900)

    assert [line for line in said if "E" in line] == ["1 E201", "2 E201", "3 E201"]
    assert desk.last(Refused).text == ("Order rejected - reason:Parent order is being cancelled.")


@card("BRK-12", "1.5 R+")
def test_a_child_of_a_filled_parent_is_rejected():
    desk = ready()
    desk.place(1)

    assert desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1) == [
        "2 OO Inactive",
        "2 OS Inactive",
        "2 E201",
    ]
    assert "Parent order is being cancelled" in desk.last(Refused).text


@card("BRK-13", "1.5 R")
def test_an_unknown_parent_is_a_validation_error():
    desk = ready()

    assert desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1) == ["2 E321"]
    assert desk.last(Refused).text.endswith("Can't find order with id =1")


@card("BRK-14", "1.5 C")
def test_a_child_that_comes_too_soon_after_its_parent_is_refused():
    desk = ready(parent_delay=50)
    desk.place(1, "LMT", limit_price=90)
    desk.wait(milliseconds=49)
    refused = desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1)
    desk.wait(milliseconds=1)

    assert refused == ["2 E10006"]
    assert desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1)[0] == "2 OO PreSubmitted"


@card("BRK-15", "1.5 C(old)")
def test_cancelling_one_exit_cancels_the_other_first():
    desk = ready()
    bracket(desk)
    desk.quote(89, 90)

    assert [line for line in desk.cancel(2) if "E202" in line] == ["3 E202", "2 E202"]


@card("BRK-16", "9 no. 3 U")
def test_a_switch_leaves_the_other_exit_alone():
    desk = ready(user_cancel_takes_siblings=False)
    bracket(desk)
    desk.quote(89, 90)

    assert desk.cancel(2) == ["2 OS Cancelled", "2 E202"]
    assert desk.status(3) == "PreSubmitted"


@card("BRK-17", "1.5 C")
def test_a_trailing_stop_may_only_hang_on_a_limit_or_a_stop_limit():
    desk = ready()
    desk.place(1, transmit=False)

    assert desk.place(2, "TRAIL", "SELL", aux_price=2, parent_id=1) == ["2 E328"]


@card("BRK-18", "1.5 C")
def test_a_child_may_have_another_size_than_its_parent():
    desk = ready()
    desk.place(1, "LMT", "BUY", 3, limit_price=90, transmit=False)
    said = desk.place(2, "LMT", "SELL", 2, limit_price=110, parent_id=1)

    assert "2 OS PreSubmitted [child]" in said


@card("BRK-19", "1.5 U")
def test_a_part_filled_parent_that_is_cancelled_leaves_its_fills_protected():
    desk = ready()
    bracket(desk, 10)
    desk.quote(89, 90, 4)
    desk.cancel(1)

    assert [desk.order(n).terms.quantity for n in (2, 3)] == [4, 4]
    assert desk.status(2) == "Submitted"


@card("BRK-20", "1.5 I")
def test_an_exit_that_fills_while_the_parent_fills_never_sells_more_than_was_bought():
    desk = ready()
    bracket(desk, 10)
    desk.quote(89, 90, 4)
    desk.quote(110, 111)
    desk.trade(79)  # the stop is reached: nothing is left for it to sell
    assert desk.held() == 0
    desk.quote(89, 90, 6)

    assert desk.order(1).filled == 10
    assert desk.held() >= 0


@card("BRK-21", "1.5 R")
def test_children_end_when_the_parents_day_ends():
    desk = ready()
    bracket(desk, tif="GTC")

    assert [line for line in desk.wait(days=1) if "E" in line] == ["1 E202", "2 E202", "3 E202"]


@card("BRK-22", "1.5 R")
def test_a_stack_of_children_can_be_too_big():
    desk = ready()
    desk.place(1, "LMT", limit_price=90)
    for child in range(2, 7):
        desk.place(child, "LMT", limit_price=90, parent_id=child - 1)

    assert desk.place(7, "LMT", limit_price=90, parent_id=6) == ["7 E10150"]


@card("BRK-23", "1.5 C")
def test_a_grandchild_waits_for_its_own_parent():
    desk = ready()
    desk.place(1, "LMT", limit_price=90)
    desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1)
    desk.place(3, "LMT", "BUY", limit_price=95, parent_id=2)
    desk.quote(89, 90)

    assert [desk.status(n) for n in (1, 2, 3)] == ["Filled", "Submitted", "PreSubmitted"]


@card("BRK-24", "1.5 C")
def test_a_switch_makes_a_child_follow_the_parents_time_in_force():
    desk = ready(child_follows_parent_tif=True)
    bracket(desk, tif="GTC")

    assert desk.order(3).terms.tif == "DAY"


@card("BRK-25", "menu 8")
def test_a_stop_that_triggers_under_a_part_filled_parent_follows_its_fills():
    desk = ready()
    bracket(desk, 10)
    desk.quote(89, 90, 4)
    desk.trade(79)
    sold_first = desk.order(3).filled
    desk.quote(88, 90, 6)
    desk.quote(88, 90)

    assert sold_first == 4
    assert desk.order(3).filled == 10
    assert desk.held() == 0


@card("BRK-33", "1.5 U")
def test_what_a_parents_next_fill_releases_is_worked_at_once():
    desk = ready()
    bracket(desk, 10)
    desk.quote(89, 90, 4)
    desk.trade(79, 0)
    desk.quote(88, 91)

    assert desk.trade(90, 6)[-5:-2] == ["3 EX SLD 6@88", "3 OS Filled 10/0 @88.4", "3 CR 13.5"]


@card("BRK-34", "1.5 U")
def test_an_exit_that_has_done_its_share_waits_for_its_parent_again():
    desk = ready()
    bracket(desk, 10)
    desk.quote(89, 90, 4)
    said = desk.quote(110, 111)
    again = desk.operator("fill", desk.perm_id(1), dec(6), dec(90))

    assert "2 OS PreSubmitted 4/6 @110 [child]" in said
    assert "2 EX SLD 6@110" in again


@card("BRK-26", "1.6 C")
def test_a_part_filled_exit_reduces_the_other():
    desk = ready()
    bracket(desk, 10)
    desk.quote(89, 90)
    said = desk.quote(110, 111, 3)

    assert said[-2:] == ["3 OO PreSubmitted", "3 OS PreSubmitted [trigger]"]
    assert desk.order(3).remaining == 7


@card("BRK-27", "1.1 R")
def test_the_children_carry_the_parents_perm_id():
    desk = ready()
    bracket(desk)

    assert desk.order(3).parent_perm_id == desk.perm_id(1)


@card("BRK-28", "menu 8")
def test_both_exits_reached_in_one_burst_sell_once():
    desk = ready()
    bracket(desk)
    desk.quote(89, 90)
    desk.quote(79, 111)
    desk.trade(79)
    desk.quote(110, 111)

    assert desk.held() == 0


@card("BRK-29", "1.5 U")
def test_a_parent_cancelled_while_children_wait_for_all_of_it_leaves_nothing():
    desk = ready(partial_parent="none")
    bracket(desk, 10)
    desk.quote(89, 90, 4)
    desk.cancel(1)

    assert [desk.status(n) for n in (2, 3)] == ["Cancelled", "Cancelled"]
    assert desk.held() == 4


@card("BRK-30", "1.3 C")
def test_a_child_is_held_through_the_latency_of_its_parent():
    desk = Desk(models=Models(latency=Latency(submit=dt.timedelta(seconds=1))))
    desk.quote(89, 90)
    bracket(desk)
    waiting = desk.status(2)
    desk.wait(seconds=1)

    assert waiting == "PreSubmitted"
    assert [desk.status(n) for n in (1, 2, 3)] == ["Filled", "Submitted", "PreSubmitted"]


@pytest.mark.parametrize(
    ("policy", "filled", "expected"),
    [("filled", 0, 0), ("filled", 3, 1), ("filled", 10, 6), ("all", 1, 6), ("none", 9, 0)],
)
def test_what_a_parent_releases(policy, filled, expected):
    released = release(policy, child=dec(6), filled=dec(filled), parent=dec(10), increment=dec(1))

    assert released == expected


def family() -> list[Order]:
    orders = [Order(OrderKey(1, n), ES, "CME", "", terms_of(), n) for n in (1, 3, 2, 4)]
    for child, parent in ((1, 0), (2, 0), (3, 1)):
        orders[child].parent = orders[parent]
        orders[parent].children.append(orders[child])
    return orders


def test_a_tree_names_parents_first_and_siblings_by_id():
    orders = family()

    assert [order.key.order_id for order in tree(orders[0])] == [1, 2, 3, 4]
    assert root(orders[3]) is orders[0]


def test_only_what_is_held_goes_along():
    orders = family()
    orders[0].gate = Gate.MARKET

    assert [order.key.order_id for order in held_family(orders[3])] == [2, 3, 4]
