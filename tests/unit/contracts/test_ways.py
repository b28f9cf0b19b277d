from decimal import Decimal

import pytest

from ibkit.contracts import CalendarSpread, TwoLegs
from ibkit.errors import PlanError


def test_prices_are_exact_and_may_be_negative_or_zero():
    way = CalendarSpread(limit=-0.1, worst="0")

    assert (way.limit, way.worst) == (Decimal("-0.1"), Decimal(0))


def test_the_fallback_is_stated():
    assert CalendarSpread().then == "cross"
    assert CalendarSpread(then=TwoLegs(first="close")).then == TwoLegs(first="close")


@pytest.mark.parametrize("then", ["market", None, 1])
def test_any_other_fallback_is_refused(then):
    with pytest.raises(PlanError, match=r"then: got .*'cross', 'stop', or TwoLegs"):
        CalendarSpread(then=then)


@pytest.mark.parametrize("way", [CalendarSpread, TwoLegs])
def test_a_time_out_is_a_time(way):
    with pytest.raises(PlanError, match="more than 0 seconds"):
        way(timeout=0)
    with pytest.raises(ValueError):
        way(attempts=0)


def test_legs_are_opened_or_closed_first():
    with pytest.raises(ValueError):
        TwoLegs(first="both")
    with pytest.raises(ValueError):
        TwoLegs(ticks=-1)
