from __future__ import annotations

from brokerage import ES, Desk, dec
from cards import card
from ibkit.sim._engine._ending import live_children


@card("BRK-31", "1.5 R")
def test_a_child_that_is_not_transmitted_outlives_its_parent_and_is_rejected_then():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price=90)
    desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1, transmit=False)
    desk.cancel(1)

    assert desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1)[-1] == "2 E201"


@card("BRK-32", "1.5 R+")
def test_grandchildren_go_with_their_parents():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price=90)
    desk.place(2, "LMT", "SELL", limit_price=110, parent_id=1)
    desk.place(3, "LMT", "BUY", limit_price=95, parent_id=2)

    assert [line for line in desk.cancel(1) if "E" in line] == ["1 E202", "2 E202", "3 E202"]


def test_an_ended_order_is_in_no_book_no_group_and_no_timer():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price=90, oca_group="g")
    desk.cancel(1)
    world = desk.broker._world

    assert world.markets.book(ES.con_id).best_limit(is_buy=True) is None
    assert len(world.groups) == 0
    assert world.agenda.next_due() is None
    assert not world.markets.needed


def test_live_children_come_in_the_order_of_their_ids():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)
    for child in (2, 3, 4):
        desk.place(child, "LMT", "SELL", limit_price=110, parent_id=1)
    desk.broker.scenario = Desk(user_cancel_takes_siblings=False).broker.scenario
    desk.cancel(3)
    parent = desk.broker._world.orders.by_perm_id(desk.perm_id(1))
    parent.children.reverse()

    assert [child.key.order_id for child in live_children(parent)] == [2, 4]


def test_a_child_whose_released_part_is_sold_ends_with_its_parent():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 10, limit_price=90, transmit=False)
    desk.place(2, "LMT", "SELL", 10, limit_price=110, parent_id=1)
    desk.quote(89, 90, 4)
    desk.quote(110, 111)
    desk.cancel(1)

    assert (desk.status(2), desk.order(2).filled, desk.held()) == ("Cancelled", 4, dec(0))


def test_a_parent_that_releases_all_at_once_leaves_its_children_as_they_are():
    desk = Desk(partial_parent="all")
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 10, limit_price=90, transmit=False)
    desk.place(2, "LMT", "SELL", 10, limit_price=110, parent_id=1)
    desk.quote(89, 90, 4)
    desk.cancel(1)

    assert (desk.status(2), desk.order(2).terms.quantity) == ("Submitted", 10)
