import math
from decimal import Decimal

import pytest

from ibkit.contracts import PriceGrid
from ibkit.contracts._market import spread_market, touch_of
from rolling import ESM, ESU, QUOTES, TwoSides

GRID = PriceGrid([(0, "0.25")])


def test_the_spread_is_what_the_new_month_costs_above_the_old():
    market = spread_market(ESM, ESU, QUOTES)

    assert (market.bid, market.ask, market.mid) == (Decimal("49.75"), Decimal("50.25"), 50)
    assert str(market) == "49.75 / 50.25"


def test_a_cheaper_month_gives_a_negative_spread():
    quotes = {ESM.con_id: QUOTES[ESU.con_id], ESU.con_id: QUOTES[ESM.con_id]}
    market = spread_market(ESM, ESU, quotes)

    assert (market.bid, market.ask) == (Decimal("-50.25"), Decimal("-49.75"))


def test_the_price_that_fills_at_once():
    market = spread_market(ESM, ESU, QUOTES)

    assert market.natural(is_long=True) == Decimal("50.25")
    assert market.natural(is_long=False) == Decimal("49.75")


def test_the_patient_price_is_rounded_in_favour_of_who_waits():
    quotes = {**QUOTES, ESU.con_id: TwoSides(Decimal("5050.00"), Decimal("5050.50"))}
    market = spread_market(ESM, ESU, quotes)

    assert market.mid == Decimal("50.125")
    assert market.patient(GRID, is_long=True) == Decimal("50.00")
    assert market.patient(GRID, is_long=False) == Decimal("50.25")


@pytest.mark.parametrize(
    "quote", [None, TwoSides(None, 5000), TwoSides(5000, None), TwoSides(math.nan, 5000.0)]
)
def test_a_missing_side_is_no_market(quote):
    quotes = {ESU.con_id: QUOTES[ESU.con_id]} | ({ESM.con_id: quote} if quote else {})

    assert touch_of(quote) is None
    assert spread_market(ESM, ESU, quotes) is None


def test_floats_become_exact():
    assert touch_of(TwoSides(0.1, 0.2)).ask == Decimal("0.2")
