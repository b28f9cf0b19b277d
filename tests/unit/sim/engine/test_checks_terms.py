from __future__ import annotations

import datetime as dt

import pytest
from attrs import evolve

from brokerage import AAPL, ES, NOW, SPREAD, SPX, Desk, RegularHours, dec
from cards import card
from ibkit.sim._engine import PriceCondition, Refused

TRAIL = {"order_type": "TRAIL", "action": "SELL"}
TRAIL_LIMIT = {"order_type": "TRAIL LIMIT", "action": "SELL", "aux_price": 2}
STOP = {"order_type": "STP", "action": "SELL", "aux_price": 90, "adjusted_trigger": 110}


def refusal(desk: Desk, **order: object) -> tuple[int, str]:
    said = desk.place(1, **order)
    assert len(said) == 1, said
    return desk.last(Refused).code, desk.last(Refused).text


def accepted(desk: Desk, **order: object) -> bool:
    return desk.place(1, **order)[0].endswith("OO PreSubmitted")


@card("TYP-01", "1.7 C+R")
@pytest.mark.parametrize("order_type", ["LMT", "LOC", "LIT", "STP LMT"])
def test_a_limit_type_needs_a_price(order_type):
    code, text = refusal(Desk(), order_type=order_type, aux_price=90)

    assert code == 321
    assert text.startswith("Error validating request.-'")
    assert text.endswith("You must enter a valid price.")


@card("TYP-02", "1.7 C")
def test_a_stock_has_no_price_of_zero_or_less_but_a_future_may():
    assert refusal(Desk(), of=AAPL, order_type="LMT", limit_price=0)[0] == 321
    assert refusal(Desk(), of=AAPL, order_type="LMT", limit_price=-1)[0] == 321
    assert accepted(Desk(), of=ES, order_type="LMT", limit_price=-5)


@card("TYP-03", "1.7 R")
@pytest.mark.parametrize("order_type", ["STP", "MIT", "STP LMT", "LIT"])
def test_a_triggered_type_needs_a_stop_price(order_type):
    assert refusal(Desk(), order_type=order_type, limit_price=90)[1].endswith(
        "Please enter a stop price"
    )


@card("TYP-04", "1.7 R+")
def test_a_trail_cannot_have_both_amount_and_percent():
    code, text = refusal(Desk(), aux_price=2, trailing_percent=1, **TRAIL)

    assert code == 320
    assert text.startswith("Error reading request:Cannot specify Trailing Amount and Trailing Per")


@card("TYP-05", "1.7 R+")
def test_a_trail_needs_an_amount_or_a_percent():
    code, text = refusal(Desk(), **TRAIL)

    assert (code, text.rpartition("- ")[2]) == (
        321,
        "You must enter a Trailing Amount for TRAIL.",
    )


@card("TYP-06", "1.7 R+")
@pytest.mark.parametrize("percent", [0, 100, -1, 150])
def test_a_trailing_percent_lies_between_0_and_100(percent):
    code, text = refusal(Desk(), trailing_percent=percent, **TRAIL)

    assert code == 321
    assert "Invalid Trailing Percent value." in text


@card("TYP-07", "1.7 R+")
@pytest.mark.parametrize("prices", [{}, {"limit_price": 94, "limit_offset": 1}])
def test_a_trail_limit_has_exactly_one_of_limit_and_offset(prices):
    assert refusal(Desk(), trail_stop_price=95, **TRAIL_LIMIT, **prices)[1].endswith(
        "You must specify one value: limit price or limit price offset value."
    )


@card("TYP-08", "1.7 R+")
def test_a_trail_limit_needs_its_initial_stop():
    assert refusal(Desk(), limit_offset=1, **TRAIL_LIMIT)[1].endswith("Please enter a stop price")


@card("TYP-09", "1.7 R")
def test_an_unknown_type_is_named_as_such():
    assert refusal(Desk(), order_type="NONSENSE")[1].endswith("Invalid order type was entered")


@card("TYP-10", "1.7 C")
def test_a_type_that_the_instrument_does_not_offer_is_unsupported():
    desk = Desk()
    limited = _only("LMT", "MKT")
    desk.broker._world.markets._instrument = {1: limited}.get

    assert refusal(desk, order_type="MOC")[0] == 387
    assert accepted(desk, order_type="LMT", limit_price=90)


@card("TYP-11", "1.7 C")
def test_pegs_to_the_best_are_unsupported():
    assert refusal(Desk(), order_type="PEG MID")[0] == 387


@card("TYP-12", "1.7 C")
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"adjusted_trigger": None}, 361),
        ({"adjusted_stop": None}, 362),
        ({"adjusted_type": "MIT"}, 362),
        ({"adjusted_type": "STP LMT"}, 363),
        ({"adjusted_type": "TRAIL"}, 364),
        ({"adjusted_type": "TRAIL", "adjusted_trail": 0}, 364),
    ],
)
def test_an_adjustable_stop_needs_its_adjusted_prices(wrong, code):
    order = STOP | {"adjusted_type": "STP", "adjusted_stop": 100} | wrong

    assert refusal(Desk(), **order)[0] == code


@card("TYP-13", "5 R")
def test_midprice_is_for_regular_hours():
    desk = Desk(hours=RegularHours())
    desk.now = NOW.replace(hour=12)

    assert refusal(desk, order_type="MIDPRICE")[1].endswith("outside of regular trading hours.")


@card("TYP-14", "1.7 C")
def test_a_trigger_method_is_one_of_the_seven():
    assert refusal(Desk(), order_type="STP", aux_price=90, trigger_method=5)[1].endswith(
        "Invalid trigger method"
    )
    for method in (0, 1, 2, 3, 4, 7, 8):
        assert accepted(Desk(), order_type="STP", aux_price=90, trigger_method=method)


@card("TYP-15", "5 R")
def test_a_negative_trailing_amount_is_no_offset():
    assert refusal(Desk(), aux_price=-1, **TRAIL)[0] == 158


@card("TIF-01", "1.8 R")
def test_an_unknown_time_in_force_is_invalid():
    assert refusal(Desk(), order_type="MKT", tif="WEEK")[1].endswith("Invalid time in force")


@card("TIF-02", "1.7 C")
@pytest.mark.parametrize("order_type", ["MOC", "LOC"])
def test_orders_at_the_close_are_day_orders(order_type):
    assert refusal(Desk(), order_type=order_type, limit_price=90, tif="GTC")[0] == 113


@card("TIF-03", "1.8 C")
def test_opg_is_for_market_and_limit_orders():
    assert refusal(Desk(), order_type="STP", aux_price=90, tif="OPG")[0] == 111


@card("TIF-04", "1.8 R")
def test_gtd_needs_a_date_or_a_duration():
    assert refusal(Desk(), tif="GTD")[0] == 391


@card("TIF-05", "1.8 R")
def test_gtd_takes_not_both_a_date_and_a_duration():
    later = NOW + dt.timedelta(hours=1)

    assert refusal(Desk(), tif="GTD", good_till=later, duration=60)[0] == 10273


@card("TIF-06", "1.8 R")
def test_a_duration_is_for_gtd_alone():
    assert refusal(Desk(), tif="DAY", duration=60)[0] == 10272


@card("TIF-07", "5 C")
def test_a_good_till_date_lies_ahead():
    assert refusal(Desk(), tif="GTD", good_till=NOW)[0] == 334


@card("CND-01", "5 C")
def test_a_condition_on_an_unknown_instrument_is_incomplete():
    condition = PriceCondition(con_id=99, exchange="CME", is_more=True, price=dec(1))

    assert refusal(Desk(), conditions=(condition,))[0] == 321


def test_a_group_type_is_one_of_three():
    assert refusal(Desk(), order_type="LMT", limit_price=90, oca_type=4)[0] == 145


def _only(*codes: str):
    return evolve(ES, order_types=codes)


def test_an_index_cannot_be_traded():
    assert refusal(Desk(), of=SPX)[0] == 412


@card("CMB-09", "5 C")
def test_a_combo_has_no_good_after_time():
    later = NOW + dt.timedelta(hours=1)

    assert refusal(Desk(), of=SPREAD, good_after=later)[0] == 349


@card("CMB-10", "5 C")
def test_a_smart_combo_has_no_minimum_quantity():
    assert refusal(Desk(), of=SPREAD, exchange="SMART", quantity=9, min_quantity=2)[0] == 350
    assert accepted(Desk(), of=SPREAD, quantity=9, min_quantity=2)
