from __future__ import annotations

import pytest

from brokerage import dec
from ibkit.sim._engine._kinds import Wake
from ibkit.sim._engine._predicates import (
    better_of,
    fires_rising,
    is_limit_fillable,
    is_reached,
    worse_of,
)


@pytest.mark.parametrize(
    ("price", "buys", "sells", "rises", "falls"),
    [
        (99, True, False, False, True),
        (100, True, True, True, True),
        (101, False, True, True, False),
    ],
)
def test_around_a_level_of_100(price, buys, sells, rises, falls):
    at, level = dec(price), dec(100)

    assert is_limit_fillable(is_buy=True, limit=level, price=at) is buys
    assert is_limit_fillable(is_buy=False, limit=level, price=at) is sells
    assert is_reached(rising=True, level=level, price=at) is rises
    assert is_reached(rising=False, level=level, price=at) is falls


def test_from_which_side_a_trigger_comes():
    rising = [
        fires_rising(wake, is_buy=is_buy)
        for wake in (Wake.STOP, Wake.TRAIL, Wake.TOUCH)
        for is_buy in (True, False)
    ]

    assert rising == [True, False, True, False, False, True]


def test_better_and_worse():
    assert better_of(is_buy=True, one=dec(1), other=dec(2)) == 1
    assert worse_of(is_buy=True, one=dec(1), other=dec(2)) == 2
    assert better_of(is_buy=False, one=dec(1), other=dec(2)) == 2
    assert worse_of(is_buy=False, one=dec(1), other=dec(2)) == 1
