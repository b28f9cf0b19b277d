from __future__ import annotations

from brokerage import ES, Desk, dec
from cards import card
from ibkit.sim._engine import OrderShown


def stop_of(desk: Desk, order_id: int = 1):
    return desk.order(order_id).terms.trail_stop_price


@card("TRL-01", "1.7 C")
def test_without_an_initial_stop_the_market_gives_it():
    desk = Desk()
    desk.trade(100)
    desk.place(1, "TRAIL", "SELL", aux_price=5)

    assert stop_of(desk) == 95


@card("TRL-02", "1.7 C")
def test_the_stop_follows_a_better_price_and_never_goes_back():
    desk = Desk()
    desk.trade(100)
    desk.place(1, "TRAIL", "SELL", aux_price=5)
    stops = []
    for price in (104, 101, 108, 104):
        desk.trade(price)
        stops.append(stop_of(desk))

    assert stops == [99, 99, 103, 103]


@card("TRL-03", "1.7 C")
def test_a_trailing_buy_follows_downwards():
    desk = Desk()
    desk.trade(100)
    desk.place(1, "TRAIL", "BUY", aux_price=5)
    desk.trade(90)
    desk.quote(94, 95)

    assert stop_of(desk) == 95
    assert desk.trade(95)[0] == "1 EX BOT 1@95"


@card("TRL-04", "1.7 C")
def test_a_percentage_is_taken_of_the_price():
    desk = Desk()
    desk.trade(100)
    desk.place(1, "TRAIL", "SELL", trailing_percent=10)
    desk.trade(200)

    assert stop_of(desk) == 180


@card("TRL-05", "1.7 R+")
def test_the_limit_of_a_trail_limit_keeps_its_offset_below_the_stop():
    desk = Desk()
    desk.trade(2923)
    desk.place(1, "TRAIL LIMIT", "SELL", aux_price=2, trail_stop_price=2921, limit_offset="0.05")
    shown = next(one for one in desk.events if isinstance(one, OrderShown))
    first = desk.order(1).terms.limit_price
    desk.trade(2924)

    assert (shown.order.terms.limit_price, first) == (dec("2920.95"), dec("2920.95"))
    assert (stop_of(desk), desk.order(1).terms.limit_price) == (2922, dec("2921.95"))


@card("TRL-06", "1.7 R+")
def test_a_limit_that_was_given_fixes_the_offset():
    desk = Desk()
    desk.trade(100)
    desk.place(1, "TRAIL LIMIT", "SELL", aux_price=5, trail_stop_price=95, limit_price=94)
    desk.trade(102)

    assert desk.order(1).terms.limit_price == 96


@card("TRL-07", "1.7 R+")
def test_the_limit_of_a_trail_limit_buy_stands_above_the_stop():
    desk = Desk()
    desk.trade(100)
    desk.place(1, "TRAIL LIMIT", "BUY", aux_price=5, trail_stop_price=105, limit_offset=1)

    assert desk.order(1).terms.limit_price == 106


@card("TRL-08", "1.7 C")
def test_an_initial_stop_stands_until_the_price_has_passed_the_amount():
    desk = Desk()
    desk.trade(100)
    desk.place(1, "TRAIL", "SELL", aux_price=5, trail_stop_price=97)
    desk.trade(101)
    near = stop_of(desk)
    desk.trade(103)

    assert (near, stop_of(desk)) == (97, 98)


@card("TRL-09", "1.5 R")
def test_an_attached_trail_starts_when_its_parent_fills():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price=90, transmit=False)
    desk.place(2, "TRAIL", "SELL", aux_price=5, parent_id=1)
    desk.trade(120)
    waiting = stop_of(desk, 2)
    desk.trade(90)

    assert (waiting, stop_of(desk, 2)) == (None, 85)


@card("TRL-10", "1.7 I")
def test_without_any_price_yet_the_first_one_gives_the_stop():
    desk = Desk()
    desk.place(1, "TRAIL", "SELL", aux_price=5)
    unknown = stop_of(desk)
    desk.trade(100)

    assert (unknown, stop_of(desk)) == (None, 95)


@card("TRL-11", "1.7 C")
def test_a_stop_becomes_a_trail_at_its_adjustment_price():
    desk = Desk()
    desk.quote(104, 105)
    desk.trade(100)
    desk.place(
        1, "STP", "SELL", aux_price=90,
        adjusted_type="TRAIL", adjusted_trigger=105, adjusted_stop=100, adjusted_trail=4,
    )  # fmt: skip

    assert desk.trade("104.75") == []
    assert desk.trade(105) == ["1 OO PreSubmitted", "1 OS PreSubmitted [trigger]"]
    assert (desk.order(1).terms.order_type, stop_of(desk)) == ("TRAIL", 101)
    desk.trade(110)
    assert stop_of(desk) == 106


@card("TRL-12", "1.7 C")
def test_a_stop_becomes_a_stop_limit_at_its_adjustment_price():
    desk = Desk()
    desk.quote(99, 100)
    desk.trade(100)
    desk.place(
        1, "STP", "SELL", aux_price=90,
        adjusted_type="STP LMT", adjusted_trigger=105, adjusted_stop=100, adjusted_limit=101,
    )  # fmt: skip
    desk.trade(105)
    desk.trade(100)
    order = desk.order(1)

    assert (order.terms.order_type, order.status) == ("STP LMT", "Submitted")
    assert desk.quote(101, 102)[0] == "1 EX SLD 1@101"


@card("TRL-13", "1.7 C")
def test_a_trail_in_percent_after_an_adjustment():
    desk = Desk()
    desk.trade(100)
    desk.place(
        1, "STP", "SELL", aux_price=90, adjusted_type="TRAIL", adjusted_trigger=110,
        adjusted_stop=95, adjusted_trail=10, adjusted_trail_unit=1,
    )  # fmt: skip
    desk.trade(200)

    assert stop_of(desk) == 180


def test_an_adjustment_price_that_is_passed_already_adjusts_at_once():
    desk = Desk()
    desk.trade(110)
    desk.place(
        1, "STP", "SELL", aux_price=90,
        adjusted_type="STP", adjusted_trigger=105, adjusted_stop=100,
    )  # fmt: skip

    assert desk.order(1).terms.aux_price == 100


def test_an_unadjusted_stop_still_triggers():
    desk = Desk()
    desk.quote(99, 100)
    desk.trade(100)
    desk.place(
        1, "STP", "SELL", aux_price=90,
        adjusted_type="STP", adjusted_trigger=105, adjusted_stop=100,
    )  # fmt: skip

    assert desk.trade(90, of=ES)[0] == "1 EX SLD 1@99"
