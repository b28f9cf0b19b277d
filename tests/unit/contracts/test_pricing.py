from decimal import Decimal

import pytest

from ibkit.contracts import CalendarSpread, PriceGrid, TwoLegs, plan_roll
from ibkit.contracts._market import spread_market
from ibkit.contracts._pricing import leg_price, named_price, spread_price
from rolling import ES, ESM, ESU, QUOTES, TODAY, TwoSides, position

WIDE = {**QUOTES, ESU.con_id: TwoSides(Decimal("5050.00"), Decimal("5050.50"))}
MARKET = spread_market(ESM, ESU, WIDE)
"""49.75 at 50.50, in the middle 50.125."""
LONG = plan_roll(position(3), ES, today=TODAY, quotes=WIDE)
SHORT = plan_roll(position(-3), ES, today=TODAY, quotes=WIDE)


def price(plan, way, *, crossing=False, market=MARKET):
    found = spread_price(plan, market, way, crossing=crossing)
    return found and str(found)


def test_patience_asks_for_the_middle_in_our_favour():
    assert price(LONG, CalendarSpread()) == "50.00"
    assert price(SHORT, CalendarSpread()) == "50.25"


def test_a_stated_limit_goes_before_the_market_and_needs_none():
    assert price(LONG, CalendarSpread(limit="49.5")) == "49.50"
    assert price(LONG, CalendarSpread(limit="49.5"), market=None) == "49.50"


def test_crossing_takes_the_price_of_the_market():
    assert price(LONG, CalendarSpread(limit="49.5"), crossing=True) == "50.50"
    assert price(SHORT, CalendarSpread(), crossing=True) == "49.75"


def test_the_worst_price_is_never_exceeded():
    assert price(LONG, CalendarSpread(worst="50.25"), crossing=True) == "50.25"
    assert price(SHORT, CalendarSpread(worst="50.00"), crossing=True) == "50.00"


def test_a_finer_grid_may_be_given():
    way = CalendarSpread(grid=PriceGrid([(0, "0.05")]))

    assert price(LONG, way) == "50.10"
    assert price(SHORT, way) == "50.15"


@pytest.mark.parametrize(
    ("way", "price"),
    [
        (CalendarSpread(), None),
        (TwoLegs(), None),
        (CalendarSpread(limit="50"), "5050.125"),
        (CalendarSpread(limit="50", worst="490"), "5490.125"),
        (CalendarSpread(limit="-390", worst="50"), "4610.125"),
    ],
)
def test_gates_see_the_new_month_at_the_net_price_that_is_furthest_from_the_market(way, price):
    found = named_price(LONG, way)

    assert (found and str(found)) == price


def test_without_a_market_gates_see_the_net_price_alone():
    blind = plan_roll(position(3), ES, today=TODAY)

    assert named_price(blind, CalendarSpread(limit="50")) == 50
    assert named_price(blind, CalendarSpread()) is None


def test_without_a_market_no_price_is_made_up():
    assert price(LONG, CalendarSpread(), market=None) is None
    assert leg_price(LONG, None, "o", 2) is None


@pytest.mark.parametrize(
    ("plan", "kind", "expected"),
    [
        (LONG, "o", "5051.00"),
        (LONG, "c", "4999.50"),
        (SHORT, "o", "5049.50"),
        (SHORT, "c", "5000.75"),
    ],
)
def test_a_leg_goes_through_the_touch(plan, kind, expected):
    assert str(leg_price(plan, MARKET, kind, 2)) == expected
