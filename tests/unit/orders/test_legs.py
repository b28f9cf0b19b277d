import datetime as dt
from decimal import Decimal

import numpy as np
import pytest

from ibkit.errors import PlanError
from ibkit.orders import (
    AdjustableStop,
    FromFill,
    Gtc,
    Limit,
    LimitIfTouched,
    MidPrice,
    Relative,
    Stop,
    StopLimit,
    Trail,
    TrailLimit,
)


def test_prices_are_exact_whatever_they_came_as():
    assert Limit(np.float64(5000.1)).price == Decimal("5000.1")
    assert Stop("4980.25") == Stop(4980.25)
    assert StopLimit(np.int64(4980), 4979).trigger == 4980


def test_a_distance_from_the_fill_may_stand_for_a_price():
    assert Limit(FromFill(+10)).price == FromFill(10)
    assert Trail(amount=8, start=FromFill(-8)).start == FromFill(-8)


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda: Limit(float("nan")), "price"),
        (lambda: Stop(None), "trigger"),
        (Trail, "amount or percent"),
        (lambda: Trail(amount=1, percent=1), "amount or percent"),
        (lambda: Trail(amount=0), "amount"),
        (lambda: Trail(percent=0), "percent"),
        (lambda: Trail(percent=100), "percent"),
        (lambda: TrailLimit(amount=1, start=5), "offset or limit"),
        (lambda: TrailLimit(amount=1, start=5, offset=1, limit=4), "offset or limit"),
        (lambda: TrailLimit(amount=1, offset=1), "start"),
        (lambda: TrailLimit(amount=1, offset=-1, start=5), "offset"),
        (lambda: Relative(-0.01), "offset"),
        (lambda: Stop(1, trigger_method=5), "trigger_method"),
        (lambda: Limit(1, good_after=dt.datetime(2026, 1, 1)), "good_after"),  # noqa: DTZ001
        (lambda: AdjustableStop(1, adjust_at=2, becomes=Limit(1)), "becomes"),
        (lambda: AdjustableStop(1, adjust_at=2, becomes=Trail(amount=1)), "becomes"),
        (lambda: AdjustableStop(1, adjust_at="x", becomes=Stop(1)), "adjust_at"),
    ],
)
def test_a_leg_that_ib_refuses_is_refused_by_the_name_of_its_field(build, field):
    with pytest.raises(PlanError) as caught:
        build()

    assert caught.value.field == field


@pytest.mark.parametrize(
    ("leg", "text"),
    [
        (Limit("5010.00"), "Limit(price=5010)"),
        (Stop(4980, trigger_method=2), "Stop(trigger_method=2, trigger=4980)"),
        (Trail(percent=1), "Trail(percent=1)"),
        (Limit(1, tif=Gtc(), outside_rth=True), "Limit(tif=Gtc(), outside_rth=True, price=1)"),
        (MidPrice(), "MidPrice()"),
        (LimitIfTouched(1, FromFill(2)), "LimitIfTouched(trigger=1, price=FromFill(+2))"),
    ],
)
def test_a_leg_prints_what_was_said(leg, text):
    assert repr(leg) == text


def test_legs_are_values():
    assert Limit(5000) == Limit("5000.00")
    assert hash(Limit(5000)) == hash(Limit("5000.00"))
    assert Limit(5000) != Limit(5000, outside_rth=True)
    assert Limit(5000) != Stop(5000)
