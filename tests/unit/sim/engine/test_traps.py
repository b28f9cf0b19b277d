from __future__ import annotations

from brokerage import Desk
from ibkit.sim._engine._traps import Traps


def test_a_trap_works_once():
    desk = Desk()
    desk.broker.operator.reject_next("No.")
    desk.place(1, "LMT", limit_price=90)
    desk.place(2, "LMT", limit_price=90)

    assert [desk.status(n) for n in (1, 2)] == ["Inactive", "Submitted"]


def test_traps_of_one_kind_queue_up():
    desk = Desk()
    desk.broker.operator.refuse_next(1, "first")
    desk.broker.operator.refuse_next(2, "second")

    assert [desk.place(1), desk.place(1)] == [["1 E1"], ["1 E2"]]


def test_an_order_that_is_refused_anyway_leaves_the_trap_for_the_next():
    desk = Desk()
    desk.broker.operator.refuse_next(7, "trap")

    assert desk.place(1, "LMT") == ["1 E321"]
    assert desk.place(1, "LMT", limit_price=90) == ["1 E7"]


def test_a_new_set_is_empty():
    traps = Traps()

    assert [*traps.refusals, *traps.modifies, *traps.notices, *traps.rejections] == []
    assert traps.holds == 0
