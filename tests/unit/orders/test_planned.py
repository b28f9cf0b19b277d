import datetime as dt
from decimal import Decimal

import pytest

from ibkit.errors import PlanError
from ibkit.orders import Day, Gtc, Limit, MarketOnClose, Oca, Opg, Stop
from ibkit.orders._legs import LimitOnOpen
from ibkit.orders._planned import Manner, plan, side_of

NOON = dt.datetime(2026, 12, 18, 18, tzinfo=dt.timezone.utc)


def planned(leg, manner=None):
    return plan("stop", 2, "SELL", Decimal(1), leg, manner or Manner(Day()))


def test_the_leg_goes_before_its_group():
    order = planned(
        Stop(1, tif=Gtc(), outside_rth=False, good_after=NOON, trigger_method=4),
        Manner(Day(), outside_rth=True),
    )

    assert (order.tif, order.outside_rth, order.good_after, order.trigger_method) == (
        Gtc(),
        False,
        NOON,
        4,
    )
    assert order.leg == Stop(1)


def test_the_group_speaks_where_the_leg_is_silent():
    order = planned(Stop(1), Manner(Gtc(), outside_rth=True, good_after=NOON))

    assert (order.tif, order.outside_rth, order.good_after) == (Gtc(), True, NOON)


def test_a_type_with_one_time_in_force_has_it():
    assert planned(MarketOnClose(), Manner(Gtc())).tif == Day()
    assert planned(LimitOnOpen(1), Manner(Gtc())).tif == Opg()
    assert planned(Limit(1, tif=Opg())).leg == LimitOnOpen(1)


def test_it_has_a_role_and_prints_it():
    assert planned(Stop(1)).role == "stop-2"
    assert repr(planned(Stop(1, outside_rth=True))) == "<stop-2: SELL 1 STP 1 DAY outside RTH>"
    assert plan("entry", 0, "BUY", Decimal(1), Limit(1), Manner(Day())).role == "entry"


@pytest.mark.parametrize("text", ["BUY", "buy", "Buy"])
def test_sides_are_taken_in_any_case(text):
    assert side_of(text) == "BUY"


@pytest.mark.parametrize("text", ["", "B", "SSHORT", None, 1])
def test_nothing_else_is_a_side(text):
    with pytest.raises(PlanError):
        side_of(text)


def test_oca_types_are_ibs_numbers():
    assert [int(one) for one in Oca] == [1, 2, 3]
