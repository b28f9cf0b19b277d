import datetime as dt
from decimal import Decimal

import pytest

from ibkit.errors import PlanError
from ibkit.orders import (
    AdjustableStop,
    Day,
    FromFill,
    Gtc,
    Gtd,
    Limit,
    LimitIfTouched,
    LimitOnClose,
    Market,
    MarketIfTouched,
    MarketOnClose,
    MidPrice,
    Stop,
    StopLimit,
    Target,
    Trail,
    TrailLimit,
    bracket,
    close_position,
    oca,
    single,
)
from ibkit.orders._shape import Shape, parse_shape, planned_exits, write_shape

NOON = dt.datetime(2026, 12, 18, 18, tzinfo=dt.timezone.utc)


def managed(**changes):
    return bracket("BUY", 3, **{"entry": Market(), "slices": "managed", "stop": 4980, **changes})


@pytest.mark.parametrize(
    ("group", "text"),
    [
        (single("BUY", 1, Market()), "x"),
        (close_position(1), "c"),
        (oca([single("BUY", 1, Market())] * 2, name="x"), "o2"),
        (bracket("BUY", 1, entry=1, stop=0), "s1"),
        (
            bracket(
                "BUY", 3, entry=1, targets=[Target(1, 2), Target(1, 3)], stop=0, breakeven_after=1
            ),
            "s3b1",
        ),
        (
            bracket(
                "BUY", 2, entry=1, targets=[Target(1, 2), Target(1, 3)], stop=0, slices="attached"
            ),
            "a2",
        ),
        (
            managed(targets=[Target(1, 5010), Target(1, 5020), Target(1, Trail(amount=8))]),
            "md01L3v6L3vgT8YS3uc",
        ),
        (
            managed(targets=[Target(1, 5010, stop=4990)], exit_tif=Gtc(), outside_rth=True),
            "mgx01L3v6_2ZS3ucYS3um",
        ),
    ],
)
def test_a_shape_is_short(group, text):
    assert write_shape(group, group.legs[0]) == text
    assert parse_shape(text).form == group.form


LEGS = [
    Limit(5010),
    Limit(FromFill(-0.25)),
    Limit(FromFill(ticks=-40)),
    Limit(FromFill(percent="1.5")),
    MarketIfTouched(5010),
    LimitIfTouched(5010, 5009),
    MarketOnClose(),
    LimitOnClose(5010),
    Trail(amount=8),
    Trail(amount=8, start=4990),
    Trail(percent=1),
    Trail(percent=1, start=-4990),
    TrailLimit(amount=8, offset=0.5, start=4990),
    TrailLimit(percent=1, offset=0, start=4990),
    TrailLimit(amount=8, limit=4989, start=4990),
    TrailLimit(percent=1, limit=4989, start=FromFill(-8)),
    Stop(4980),
    StopLimit(4980, 4979),
    StopLimit(FromFill(-5), FromFill(-6)),
]


@pytest.mark.parametrize("leg", LEGS, ids=repr)
def test_every_leg_that_a_managed_exit_may_be_comes_back(leg):
    side = (
        "SELL"
        if repr(leg).startswith("Limit(price=FromFill(-") or "ticks=-" in repr(leg)
        else "BUY"
    )
    is_stop = isinstance(leg, (Stop, StopLimit))
    group = bracket(
        side,
        2,
        entry=Market(),
        slices="managed",
        targets=() if is_stop else [Target(2, leg)],
        stop=leg if is_stop else None,
    )
    shape = parse_shape(write_shape(group, group.legs[0]))

    assert planned_exits(shape, side) == tuple(leg for leg in group.legs if leg.deferred)


@pytest.mark.parametrize("tif", [Day(), Gtc(), Gtd(NOON)])
@pytest.mark.parametrize("outside", [True, False])
def test_how_the_exits_live_comes_back(tif, outside):
    group = managed(exit_tif=tif, outside_rth=outside)
    shape = parse_shape(write_shape(group, group.legs[0]))

    assert planned_exits(shape, "BUY") == tuple(leg for leg in group.legs if leg.deferred)


def test_sizes_and_stops_of_each_slice_come_back():
    group = managed(targets=[Target("0.5", 5010, stop=4990), Target(1, 5020)], breakeven_after=1)
    shape = parse_shape(write_shape(group, group.legs[0]))

    assert planned_exits(shape, "BUY") == tuple(leg for leg in group.legs if leg.deferred)
    assert shape.slices == 3
    assert shape.breakeven_after == 1
    assert shape.exits[2] == (Decimal("1.5"), None, Stop(4980))


def test_the_other_orders_of_a_managed_group_say_less():
    group = managed(protect_first=4970)

    assert write_shape(group, group["guard"]) == "m1"
    assert parse_shape("m1") == Shape("managed", 1)


@pytest.mark.parametrize(
    "text", ["", "q3", "mg", "m-", "s3b", "mg01L3v6_", "Mg01L5", "mg01L3v6!", "mg01Y", "s3b1 "]
)
def test_a_shape_that_is_cut_or_strange_is_unknown_or_at_least_no_error(text):
    parse_shape(text)
    assert parse_shape("") is None
    assert parse_shape("q3") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"stop": AdjustableStop(4980, adjust_at=5010, becomes=Stop(5000))},
        {"take_profit": MidPrice(5010)},
        {"stop": Stop(4980, trigger_method=2)},
        {"stop": Stop(4980, good_after=NOON)},
        {"take_profit": Limit(5010, tif=Gtc())},
    ],
)
def test_an_exit_that_cannot_be_remembered_is_refused(changes):
    with pytest.raises(PlanError):
        managed(**changes)
