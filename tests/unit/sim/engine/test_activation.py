from __future__ import annotations

import datetime as dt

from brokerage import AAPL, NOW, Desk, RegularHours, dec
from cards import card
from ibkit.sim._engine import Latency, Models, PriceCondition, TimeCondition


def at(hour: float, *, of=None, **switches: object) -> Desk:
    """A desk with New York's hours, at an hour of UTC: regular trading is 14:30 to 21:00."""
    desk = Desk(hours=RegularHours(), **switches)
    desk.now = NOW.replace(hour=0) + dt.timedelta(hours=hour)
    return desk


# -- order types


@card("TYP-16", "1.7 C")
def test_a_stop_limit_works_as_a_limit_once_triggered():
    desk = Desk()
    desk.quote(94, 95)
    desk.place(1, "STP LMT", "SELL", aux_price=90, limit_price=96)

    assert desk.trade(90) == ["1 OO Submitted", "1 OS Submitted"]
    assert desk.quote(96, 97)[0] == "1 EX SLD 1@96"


@card("TYP-17", "1.4 R")
def test_a_triggered_stop_that_fills_at_once_skips_submitted():
    desk = Desk()
    desk.quote(94, 95)
    desk.place(1, "STP", "SELL", aux_price=90)

    assert desk.trade(90)[:2] == ["1 EX SLD 1@94", "1 OS Filled 1/0 @94"]


@card("TYP-18", "1.7 I")
def test_a_stop_beyond_the_market_goes_off_at_once():
    desk = Desk()
    desk.quote(94, 95)
    desk.trade(89)

    assert desk.place(1, "STP", "SELL", aux_price=90)[2] == "1 EX SLD 1@94"


@card("TYP-19", "1.7 C")
def test_market_if_touched_waits_for_the_price_to_come():
    desk = Desk()
    desk.quote(94, 95)
    desk.place(1, "MIT", "BUY", aux_price=90)

    assert desk.trade("90.25") == []
    assert desk.trade(90)[0] == "1 EX BOT 1@95"


@card("TYP-20", "1.7 C")
def test_limit_if_touched_becomes_a_limit():
    desk = Desk()
    desk.quote(94, 95)
    desk.place(1, "LIT", "SELL", aux_price=100, limit_price=99)

    assert desk.trade(100) == ["1 OO Submitted", "1 OS Submitted"]
    assert desk.order(1).why_held == ""


@card("TYP-21", "1.7 C")
def test_market_on_close_fills_at_the_close():
    desk = at(15)
    desk.quote(94, 95, of=AAPL)
    desk.trade("94.5", of=AAPL)
    said = desk.place(1, "MOC", of=AAPL, quantity=500)

    assert said == ["1 OO PreSubmitted", "1 OS PreSubmitted"]
    assert desk.wait(hours=6)[0] == "1 EX BOT 500@94.5"


@card("TYP-22", "1.7 C")
def test_limit_on_close_that_is_not_reached_is_cancelled():
    desk = at(15)
    desk.trade("94.5", of=AAPL)
    desk.place(1, "LOC", of=AAPL, limit_price=94)
    desk.place(2, "LOC", of=AAPL, limit_price=95)
    desk.wait(hours=6)

    assert [desk.status(n) for n in (1, 2)] == ["Cancelled", "Filled"]


@card("TYP-23", "1.7 R")
def test_market_on_open_takes_the_first_price_of_the_day():
    desk = at(12)
    said = desk.place(1, "MKT", of=AAPL, quantity=500, tif="OPG")
    desk.wait(hours=2.5)

    assert said == ["1 OO PreSubmitted", "1 OS PreSubmitted"]
    assert desk.status(1) == "Submitted"
    assert desk.trade(101, 1, of=AAPL)[0] == "1 EX BOT 500@101"


@card("TYP-24", "1.7 R")
def test_limit_on_open_that_is_not_reached_is_cancelled():
    desk = at(12)
    desk.place(1, "LMT", of=AAPL, limit_price=100, tif="OPG")
    desk.wait(hours=2.5)

    assert desk.trade(101, of=AAPL) == ["1 OS Cancelled", "1 E202"]


@card("TYP-25", "1.7 U")
def test_an_opening_order_that_comes_too_late_waits_for_the_next_opening():
    desk = at(15)
    desk.place(1, "MKT", of=AAPL, tif="OPG")
    desk.trade(100, of=AAPL)
    desk.until(NOW.replace(day=3, hour=14, minute=30))

    assert desk.trade(102, of=AAPL)[0] == "1 EX BOT 1@102"


@card("TYP-26", "1.7 R")
def test_a_relative_order_follows_its_side_by_a_cent_up_to_its_cap():
    desk = Desk()
    desk.quote("10.00", "10.10", of=AAPL)
    desk.place(1, "REL", of=AAPL, limit_price="10.05")
    desk.quote("10.03", "10.10", of=AAPL)
    within = desk.trade("10.05", of=AAPL)
    desk.quote("10.04", "10.10", of=AAPL)

    assert within == []
    assert desk.trade("10.05", of=AAPL)[0] == "1 EX BOT 1@10.05"


@card("TYP-27", "1.7 C")
def test_market_to_limit_leaves_its_rest_at_the_price_of_the_first_fill():
    desk = Desk()
    desk.quote(99, 100, 2)
    desk.place(1, "MTL", "BUY", 5)

    assert desk.quote(100, 101) == []
    assert desk.quote(99, 100)[0] == "1 EX BOT 3@100"


@card("TYP-28", "1.7 C")
def test_a_midprice_order_is_filled_in_the_middle():
    desk = Desk()
    desk.quote("10.00", "10.10", of=AAPL)
    desk.place(1, "MIDPRICE", of=AAPL)

    assert desk.trade("10.06", of=AAPL) == []
    assert desk.trade("10.05", of=AAPL)[0] == "1 EX BOT 1@10.05"


@card("TYP-29", "1.7 C")
def test_a_market_order_without_a_counterpart_works_until_there_is_one():
    desk = Desk()

    assert desk.place(1)[-2:] == ["1 OO Submitted", "1 OS Submitted"]
    assert desk.quote(99, 100)[0] == "1 EX BOT 1@100"


# -- time in force


@card("TIF-08", "1.8 C")
def test_empty_is_day():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)

    assert desk.order(1).terms.tif == "DAY"


@card("TIF-09", "1.8 R")
def test_what_an_ioc_does_not_get_is_cancelled():
    desk = Desk()
    desk.quote(99, 100, 3)

    assert desk.place(1, "LMT", "BUY", 5, limit_price=100, tif="IOC") == [
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 EX BOT 3@100",
        "1 OS Submitted 3/2 @100",
        "1 CR 6.75",
        "1 OO PendingCancel",
        "1 OS PendingCancel 3/2 @100",
        "1 OS Cancelled 3/2 @100",
        "1 E202",
    ]


@card("TIF-10", "9 no. 5 U")
def test_a_switch_leaves_out_the_202_of_an_ioc():
    desk = Desk(ioc_remainder_notice=False)
    desk.quote(99, 100)

    assert desk.place(1, "LMT", limit_price=90, tif="IOC")[-1] == "1 OS Cancelled"


@card("TIF-11", "1.8 U")
def test_fill_or_kill_fills_whole_or_not_at_all():
    desk = Desk()
    desk.quote(99, 100, 3)
    desk.place(1, "LMT", "BUY", 5, limit_price=100, tif="FOK")
    desk.place(2, "LMT", "BUY", 3, limit_price=100, tif="FOK")

    assert (desk.status(1), desk.order(1).filled) == ("Cancelled", 0)
    assert desk.status(2) == "Filled"


@card("TIF-12", "1.8 R")
def test_on_paper_every_fill_or_kill_ends_inactive_without_an_error():
    desk = Desk(fill_or_kill="inactive")
    desk.quote(99, 100)

    assert desk.place(1, "LMT", limit_price=100, tif="FOK") == [
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 OO Inactive",
        "1 OS Inactive",
    ]


@card("TIF-13", "1.8 C")
def test_good_after_time_holds_an_order_until_its_time():
    desk = Desk()
    desk.quote(99, 100)
    later = NOW + dt.timedelta(minutes=5)

    assert len(desk.place(1, good_after=later)) == 2
    assert desk.wait(minutes=4) == []
    assert desk.wait(minutes=1)[0] == "1 EX BOT 1@100"


@card("TIF-14", "1.4 R+")
def test_a_gtc_stock_order_leaves_the_market_at_the_close_and_comes_back():
    desk = at(20)
    desk.quote(110, 111, of=AAPL)
    desk.place(1, "LMT", of=AAPL, limit_price=100, tif="GTC")

    assert desk.wait(hours=1) == ["1 OO PreSubmitted", "1 OS PreSubmitted"]
    assert desk.trade(99, of=AAPL) == []
    assert desk.until(NOW.replace(day=3, hour=14, minute=30))[-2:] == [
        "1 OO Submitted",
        "1 OS Submitted",
    ]


@card("TIF-15", "1.7 C")
def test_outside_regular_hours_works_in_extended_ones():
    desk = at(12)
    desk.quote(99, 100, of=AAPL)

    assert desk.place(1, of=AAPL, outside_rth=True)[2] == "1 EX BOT 1@100"


# -- conditions


def above(price: object, conjunction: str = "a", con_id: int = 3) -> PriceCondition:
    return PriceCondition(
        con_id=con_id, exchange="SMART", is_more=True, price=dec(price), conjunction=conjunction
    )


@card("CND-02", "1.3 R+")
def test_a_price_condition_on_another_instrument_holds_the_order():
    desk = Desk()
    desk.quote(99, 100)

    assert desk.place(1, conditions=(above(50),)) == ["1 OO PreSubmitted", "1 OS PreSubmitted"]
    assert desk.broker.working_instruments() == {1, 3}
    assert desk.trade(49, of=AAPL) == []
    assert desk.trade(50, of=AAPL)[0] == "1 EX BOT 1@100"


@card("CND-03", "1.3 C")
def test_all_joined_by_and_must_hold_at_once():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, conditions=(above(50), above(200, con_id=1)))
    desk.trade(51, of=AAPL)
    desk.trade(49, of=AAPL)
    desk.trade(201)
    assert desk.status(1) == "PreSubmitted"
    desk.trade(52, of=AAPL)

    assert desk.status(1) == "Filled"


@card("CND-04", "1.3 C")
def test_one_joined_by_or_is_enough():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, conditions=(above(50, "o"), above(200, con_id=1)))
    desk.trade(201)

    assert desk.status(1) == "Filled"


@card("CND-05", "1.3 C")
def test_a_time_condition_waits_for_its_moment():
    desk = Desk()
    desk.quote(99, 100)
    later = TimeCondition(is_more=True, time=NOW + dt.timedelta(minutes=1))
    desk.place(1, conditions=(later,))

    assert desk.wait(seconds=59) == []
    assert desk.wait(seconds=1)[0] == "1 EX BOT 1@100"


@card("CND-06", "1.3 C")
def test_conditions_may_cancel_a_working_order_instead():
    desk = Desk()
    desk.quote(99, 100)
    said = desk.place(1, "LMT", limit_price=90, conditions=(above(50),), conditions_cancel=True)

    assert said[-1] == "1 OS Submitted"
    assert desk.trade(50, of=AAPL) == ["1 OS Cancelled", "1 E202"]


def test_a_condition_that_holds_already_holds_nothing_up():
    desk = Desk()
    desk.quote(99, 100)
    desk.trade(60, of=AAPL)

    assert desk.place(1, conditions=(above(50),))[2] == "1 EX BOT 1@100"


def test_a_cancelling_condition_survives_a_trailing_stop_that_moves():
    desk = Desk()
    desk.trade(100)
    desk.place(1, "TRAIL", "SELL", aux_price=5, conditions=(above(50),), conditions_cancel=True)
    desk.trade(105)

    assert desk.trade(50, of=AAPL) == ["1 OS Cancelled", "1 E202"]


def test_latency_keeps_an_order_from_the_market():
    desk = Desk(models=Models(latency=Latency(submit=dt.timedelta(seconds=1))))
    desk.quote(99, 100)

    assert desk.place(1) == ["1 OO PreSubmitted", "1 OS PreSubmitted"]
    desk.quote(98, 99)
    assert desk.wait(seconds=1)[0] == "1 EX BOT 1@99"


def test_a_gtc_order_of_an_open_market_stays_there_from_day_to_day():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, tif="GTC")

    assert desk.wait(days=30) == []
    assert desk.quote(89, 90)[0] == "1 EX BOT 1@90"


def test_a_late_limit_on_close_is_announced_for_the_next_day():
    desk = at(22)

    assert desk.place(1, "LOC", of=AAPL, limit_price=100)[0] == "1 E399"


@card("TYP-30", "1.7 U")
def test_a_switch_rejects_what_comes_too_late_for_the_opening():
    desk = at(15, late_opening="reject")
    early = at(13, late_opening="reject")

    assert desk.place(1, "MKT", of=AAPL, tif="OPG")[-1] == "1 E201"
    assert early.place(1, "MKT", of=AAPL, tif="OPG")[-1] == "1 OS PreSubmitted"
