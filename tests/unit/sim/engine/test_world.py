from __future__ import annotations

from brokerage import Desk
from ibkit.sim._engine import OrderShown, PositionChanged, Refused, StatusReported


def test_an_order_is_shown_by_open_order_and_status_of_one_moment():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)
    shown, reported = desk.events[:2]

    assert isinstance(shown, OrderShown)
    assert isinstance(reported, StatusReported)
    assert shown.order is reported.order


def test_an_error_tells_whether_the_order_lives():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)
    desk.place(1, "LMT", limit_price="90.1")
    refused = desk.last(Refused)
    desk.cancel(1)

    assert (refused.live, desk.last(Refused).live) == (True, False)


def test_a_position_that_moves_is_told_after_the_fill_and_before_its_commission():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1)
    kinds = [type(event).__name__ for event in desk.events]

    assert kinds[-4:] == ["Executed", "StatusReported", "PositionChanged", "Commissioned"]
    assert desk.last(PositionChanged) == PositionChanged("DU1000001", 1)


def test_nothing_is_said_twice():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)

    assert desk.wait(seconds=1) == []
