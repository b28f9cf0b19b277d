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
    with pytest.raises(PlanError, match="a number of seconds, more than 0"):
        way(timeout=0)
    for attempts in (0, "3", None):
        with pytest.raises(PlanError, match="attempts"):
            way(attempts=attempts)


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda: TwoLegs(first="both"), "first"),
        (lambda: TwoLegs(ticks=-1), "ticks"),
        (lambda: TwoLegs(timeout="5"), "timeout"),
        (lambda: CalendarSpread(limit="x"), "limit"),
        (lambda: CalendarSpread(worst=float("nan")), "worst"),
        (lambda: CalendarSpread(grid=0.25), "grid"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(build, field):
    with pytest.raises(PlanError) as refused:
        build()

    assert refused.value.field == field


def test_legs_are_opened_or_closed_first():
    with pytest.raises(ValueError):
        TwoLegs(first="both")
    with pytest.raises(ValueError):
        TwoLegs(ticks=-1)
