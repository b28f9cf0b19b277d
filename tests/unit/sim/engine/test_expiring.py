from __future__ import annotations

import datetime as dt

from brokerage import AAPL, MES, NOW, Desk, RegularHours
from cards import card
from ibkit.sim._engine import Refused


@card("TIF-16", "1.8 R")
def test_a_day_order_ends_with_the_trading_day_as_cancelled_and_202():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)
    end = desk.order(1).expires

    assert end == NOW.replace(hour=23)  # 17:00 in Chicago
    assert desk.until(end) == ["1 OS Cancelled", "1 E202"]
    assert desk.last(Refused).text == "Order Canceled - reason:"


@card("TIF-17", "1.8 R")
def test_what_the_system_cancelled_says_so():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)
    desk.wait(hours=9)
    (view,) = desk.broker.completed_orders()

    assert view.completed_status == "Cancelled by System:\n"


@card("TIF-18", "1.8 C")
def test_good_till_cancelled_outlives_the_day():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, tif="GTC")

    assert desk.wait(days=3) == []
    assert len(desk.broker.orders()) == 1


@card("TIF-19", "1.4 C")
def test_good_till_cancelled_ends_with_the_quarter_after_this_one():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, tif="GTC")
    end = dt.datetime(2026, 7, 1, 4, tzinfo=dt.timezone.utc)  # midnight in New York

    assert desk.order(1).expires == end
    assert desk.until(end) == ["1 OS Cancelled", "1 E202"]


@card("TIF-20", "1.4 C")
def test_a_modification_renews_the_date():
    desk = Desk(now=NOW.replace(month=3, day=31))
    desk.place(1, "LMT", of=MES, limit_price=90, tif="GTC")
    before = desk.order(1).expires
    desk.wait(days=2)
    desk.place(1, "LMT", of=MES, limit_price=91, tif="GTC")

    assert (before.month, desk.order(1).expires.month) == (7, 10)


@card("TIF-21", "1.8 C")
def test_good_till_date_ends_at_its_moment():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, tif="GTD", good_till=NOW + dt.timedelta(minutes=5))

    assert desk.wait(minutes=4) == []
    assert desk.wait(minutes=1) == ["1 OS Cancelled", "1 E202"]


@card("TIF-22", "1.8 C")
def test_a_duration_counts_from_the_placing():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, tif="GTD", duration=90)

    assert desk.wait(seconds=89) == []
    assert desk.wait(seconds=1) == ["1 OS Cancelled", "1 E202"]


@card("TIF-23", "1.8 C")
def test_a_stock_order_for_regular_hours_ends_with_them():
    desk = Desk(hours=RegularHours())
    desk.place(1, "LMT", of=AAPL, limit_price=90)
    desk.place(2, "LMT", of=AAPL, limit_price=90, outside_rth=True)

    assert desk.order(1).expires == NOW.replace(hour=21)
    assert desk.order(2).expires == NOW.replace(day=3, hour=1)


@card("TIF-24", "1.8 C")
def test_an_order_placed_after_hours_belongs_to_the_next_day():
    desk = Desk(hours=RegularHours(), now=NOW.replace(hour=22))
    desk.place(1, "LMT", of=AAPL, limit_price=90)

    assert desk.order(1).expires == NOW.replace(day=3, hour=21)


def test_a_filled_order_does_not_expire():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1)

    assert desk.wait(days=1) == []
    assert desk.broker.next_deadline() is None


@card("TIF-25", "1.8 U")
def test_the_reason_of_an_expiry_is_a_switch():
    desk = Desk(expiry_reason="Order expired")
    desk.place(1, "LMT", limit_price=90)
    desk.wait(hours=9)

    assert desk.last(Refused).text == "Order Canceled - reason:Order expired"
