from __future__ import annotations

import datetime as dt

from brokerage import Desk, dec
from ibkit.sim._engine import Latency, Models
from ibkit.sim._engine._links import released_part


def order_of(desk: Desk, order_id: int):
    return desk.broker._world.orders.by_perm_id(desk.perm_id(order_id))


def test_what_a_sibling_sold_is_not_released_again():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 10, limit_price=90, transmit=False)
    desk.place(2, "LMT", "SELL", 10, limit_price=110, parent_id=1, transmit=False)
    desk.place(3, "STP", "SELL", 10, aux_price=80, parent_id=1)
    desk.quote(89, 90, 4)
    desk.quote(110, 111, 3)
    world, stop, parent = desk.broker._world, order_of(desk, 3), order_of(desk, 1)

    assert (stop.quantity, stop.reduced) == (7, 3)
    assert released_part(world, stop, parent) == stop.released == dec(1)


def test_a_parent_that_fills_in_two_parts_releases_all():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 10, limit_price=90, transmit=False)
    desk.place(2, "LMT", "SELL", 10, limit_price=110, parent_id=1)
    desk.quote(89, 90, 4)
    desk.quote(89, 90, 6)

    assert order_of(desk, 2).released is None
    assert order_of(desk, 2).open_quantity == 10


def test_a_reduced_order_is_shown_with_its_new_size():
    desk = Desk()
    desk.quote(99, 100)
    for order_id, limit in ((1, 110), (2, 120)):
        desk.place(order_id, "LMT", "SELL", 10, limit_price=limit, oca_group="g", oca_type=2)
    desk.quote(110, 111, 4)

    assert (desk.order(2).terms.quantity, desk.order(2).remaining) == (6, 6)


def test_targets_of_different_size_share_what_a_part_filled_parent_bought():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 10, limit_price=90, transmit=False)
    desk.place(2, "LMT", "SELL", 4, limit_price=110, parent_id=1, transmit=False)
    desk.place(3, "LMT", "SELL", 6, limit_price=120, parent_id=1)
    desk.quote(89, 90, 5)

    assert [order_of(desk, n).open_quantity for n in (2, 3)] == [2, 3]


def test_a_reduction_that_comes_too_late_changes_nothing():
    slow = Models(latency=Latency(cancel=dt.timedelta(seconds=1)))
    desk = Desk(models=slow)
    desk.quote(99, 100)
    for order_id, limit in ((1, 110), (2, 111)):
        desk.place(order_id, "LMT", "SELL", 10, limit_price=limit, oca_group="g", oca_type=3)
    desk.quote(110, 111, 5)
    desk.quote(111, 112)

    assert [desk.order(n).filled for n in (1, 2)] == [10, 10]
    assert desk.wait(seconds=1) == []


def test_a_part_that_rounds_to_nothing_is_not_taken_away():
    desk = Desk(oca_rounding="nearest")
    desk.quote(99, 100)
    desk.place(1, "LMT", "SELL", 10, limit_price=110, oca_group="g", oca_type=2)
    desk.place(2, "LMT", "SELL", 1, limit_price=120, oca_group="g", oca_type=2)
    said = desk.quote(110, 111, 1)

    assert desk.order(1).filled == 1
    assert not [line for line in said if line.startswith("2 ")]
