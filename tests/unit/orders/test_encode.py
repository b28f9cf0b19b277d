"""From groups to orders: the field-by-field truth of what is sent."""

import datetime as dt

import numpy as np
import pytest
from ib_async import Order
from ib_async.util import dataclassNonDefaults

from ibkit.errors import PlanError
from ibkit.orders import (
    FromFill,
    Gtc,
    Gtd,
    Limit,
    Market,
    Oca,
    PriceGrid,
    Stop,
    StopLimit,
    Target,
    Trail,
    TrailLimit,
    bracket,
    close_position,
    oca,
    single,
    trailing,
)

GRID = PriceGrid([(0, "0.25")])


def test_a_bracket_field_by_field():
    group = bracket(
        "BUY",
        3,
        entry=Limit(5000),
        take_profit="5010.25",
        stop=Stop(4990, outside_rth=True),
        tif=Gtc(),
        account="DU1",
        order_ref="mine",
        group_id="k3f9",
    )
    entry, target, stop = map(dataclassNonDefaults, group.to_orders(7))

    shared = {"tif": "GTC", "account": "DU1", "totalQuantity": 3}
    soft = {"softDollarTier": entry["softDollarTier"]}
    assert entry == soft | shared | {
        "orderId": 7,
        "action": "BUY",
        "orderType": "LMT",
        "lmtPrice": 5000.0,
        "transmit": False,
        "orderRef": "ik/k3f9:e:s1:mine",
    }
    assert target == soft | shared | {
        "orderId": 8,
        "parentId": 7,
        "action": "SELL",
        "orderType": "LMT",
        "lmtPrice": 5010.25,
        "transmit": False,
        "orderRef": "ik/k3f9:t1:s1:mine",
    }
    assert stop == soft | shared | {
        "orderId": 9,
        "parentId": 7,
        "action": "SELL",
        "orderType": "STP",
        "auxPrice": 4990.0,
        "outsideRth": True,
        "orderRef": "ik/k3f9:s1:s1:mine",
    }


def test_three_slices_are_three_families():
    group = bracket(
        "SELL", 3, entry=Limit(5000), targets=[Target(1, 4990), Target(1, 4980)], stop=5010
    )
    orders = group.to_orders(10)

    assert [(o.orderId, o.parentId, o.transmit) for o in orders] == [
        (10, 0, False),
        (11, 10, False),
        (12, 10, True),
        (13, 0, False),
        (14, 13, False),
        (15, 13, True),
        (16, 0, False),
        (17, 16, True),
    ]


def test_managed_exits_wait_and_the_guard_goes_along():
    group = bracket(
        "BUY",
        1,
        entry=Market(),
        take_profit=FromFill(+10),
        stop=FromFill(-5),
        slices="managed",
        protect_first=StopLimit(4900, 4890),
    )
    entry, guard = group.to_orders(7)

    assert (entry.transmit, guard.transmit, guard.parentId) == (False, True, 7)
    assert (guard.orderType, guard.auxPrice, guard.lmtPrice) == ("STP LMT", 4900.0, 4890.0)


def test_an_order_alone_is_transmitted():
    for group in (single("BUY", 1, Market()), close_position(-1), trailing("SELL", 1, amount=1)):
        (order,) = group.to_orders(1)
        assert (order.transmit, order.parentId, order.ocaGroup) == (True, 0, "")


def test_oca_orders_are_transmitted_each_by_itself():
    group = oca([single("BUY", 1, Market())] * 3, kind=Oca.CANCEL_WITH_BLOCK, name="ES exit")

    assert [(o.ocaGroup, o.ocaType, o.transmit) for o in group.to_orders(5)] == [
        ("ES exit", 1, True)
    ] * 3


def test_an_oca_group_needs_a_name_of_its_own():
    group = oca([single("BUY", 1, Market())] * 2)

    with pytest.raises(PlanError, match="unique name"):
        group.to_orders(5)
    assert group.to_orders(5, group_id="k3f9")[0].ocaGroup == "ibkit-k3f9"


def test_times_are_written_in_utc():
    moment = dt.datetime(2026, 12, 18, 15, tzinfo=dt.timezone(dt.timedelta(hours=-6)))
    after = moment - dt.timedelta(hours=2)
    (order,) = single("BUY", 1, Limit(1), tif=Gtd(moment), good_after=after).to_orders(1)

    assert (order.tif, order.goodTillDate) == ("GTD", "20261218-21:00:00")
    assert order.goodAfterTime == "20261218-19:00:00"


def test_numpy_scalars_become_plain_numbers():
    group = bracket(
        "BUY",
        np.int64(2),
        entry=Limit(np.float64(5000.25)),
        stop=np.float32(4990.5),
        outside_rth=np.True_,
    )
    entry, stop = group.to_orders(np.int64(7))

    assert type(entry.totalQuantity) is int
    assert type(entry.lmtPrice) is float
    assert type(entry.orderId) is int
    assert type(entry.outsideRth) is bool
    assert stop.auxPrice == 4990.5


def test_every_call_makes_fresh_orders():
    group = bracket("BUY", 1, entry=Limit(5000), stop=4990)
    first, again = group.to_orders(7), group.to_orders(7)
    first[0].lmtPrice = 1.0

    assert again[0].lmtPrice == 5000.0
    assert all(type(order) is Order for order in first)
    assert first[0].algoParams is not again[0].algoParams
    assert group["entry"].leg == Limit(5000)


@pytest.mark.parametrize("next_id", [0, -1, 1.5, "x", None, True])
def test_an_id_that_is_no_order_id_is_refused(next_id):
    with pytest.raises(PlanError) as caught:
        single("BUY", 1, Market()).to_orders(next_id)

    assert caught.value.field == "next_id"


def test_without_an_id_one_is_made_from_the_first_order_id():
    group = single("BUY", 1, Market())

    assert group.to_orders(36)[0].orderRef == "ik/n10:e:x:"
    assert group.to_orders(36, group_id="abc")[0].orderRef == "ik/abc:e:x:"
    with pytest.raises(PlanError, match="group_id"):
        group.to_orders(36, group_id="No!")


# --- the grid ---------------------------------------------------------------------------


def test_each_order_is_rounded_by_its_own_side():
    group = bracket("SELL", 1, entry=Limit(5000.1), take_profit=4990.1, stop=5010.1).on_grid(GRID)

    assert group["entry"].leg == Limit("5000.25")
    assert group["target-1"].leg == Limit(4990)
    assert group["stop-1"].leg == Stop(5010)


def test_distances_get_shorter_and_percentages_stay():
    legs = [
        (Trail(amount=8.2), Trail(amount=8)),
        (Trail(percent="1.23"), Trail(percent="1.23")),
        (
            TrailLimit(amount=8.2, offset=0.6, start=4990.1),
            TrailLimit(amount=8, offset=0.5, start=4990.25),
        ),
    ]
    for before, after in legs:
        assert single("SELL", 1, before).on_grid(GRID).legs[0].leg == after


def test_nearest_and_refuse():
    group = single("SELL", 1, Limit(5000.1))

    assert group.on_grid(GRID, rounding="nearest").legs[0].leg == Limit(5000)
    with pytest.raises(PlanError, match=r"5000\.25") as caught:
        group.on_grid(GRID, rounding="refuse")
    assert caught.value.field == "entry.price"
    on_it = single("SELL", 1, Limit(5000))
    assert on_it.on_grid(GRID, rounding="refuse") == on_it


def test_prices_from_the_fill_wait_for_the_grid():
    group = bracket("BUY", 1, entry=Market(), stop=FromFill(-5), slices="managed")

    assert group.on_grid(GRID) == group


def test_a_group_that_rounding_makes_impossible_is_refused():
    group = bracket("BUY", 1, entry=Limit(5000.1), stop=5000.05)

    with pytest.raises(PlanError, match="below the entry"):
        group.on_grid(GRID)


def test_a_distance_is_measured_by_the_step_at_the_level_of_its_group():
    bands = PriceGrid([(0, "0.01"), (100, "0.05")])

    assert bracket("BUY", 1, entry=Limit(150), stop=Trail(amount="0.12")).on_grid(bands)[
        "stop-1"
    ].leg == Trail(amount="0.10")
