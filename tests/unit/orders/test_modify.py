"""What is sent as a modification, against what TWS takes (gateway-behaviour 1.9; traps B6, B7)."""

import attrs
import pytest
from ib_async import LimitOrder, Order, TagValue
from ib_async.util import UNSET_DOUBLE

from ibkit.errors import PlanError
from ibkit.orders import (
    AdjustableStop,
    FromFill,
    Limit,
    LimitIfTouched,
    Market,
    MarketIfTouched,
    Stop,
    StopLimit,
    Trail,
    TrailLimit,
    bracket,
    copy_order,
    modified,
    moved,
)


def echoed(leg, **changes):
    """Return a bracket child as TWS shows it: linked, and full of what IB writes into it."""
    order = bracket("BUY", 2, entry=Limit(5000), stop=leg, group_id="a").to_orders(7)[1]
    order.permId, order.clientId, order.ocaGroup, order.ocaType = 77, 3, "76", 3
    order.volatility, order.autoCancelDate = 0.0, "20270401 06:00:00 MET"
    order.displaySize = 2147483647
    for name, value in changes.items():
        setattr(order, name, value)
    return order


def test_an_acknowledged_child_is_sent_without_its_links():
    before = echoed(Stop(4990), lmtPrice=0.0, trailStopPrice=4990.0)
    after = modified(before, leg=Stop(4995))

    assert (after.parentId, after.ocaGroup) == (0, "")
    assert after.ocaType == 3  # repeated: another type is error 10327, and none counts as 3
    assert (after.orderId, after.permId, after.clientId) == (8, 77, 3)
    assert (after.auxPrice, after.lmtPrice, after.trailStopPrice) == (
        4995.0,
        UNSET_DOUBLE,
        UNSET_DOUBLE,
    )
    assert after.orderRef == before.orderRef
    assert after.transmit
    assert (after.volatility, after.autoCancelDate, after.displaySize) == (UNSET_DOUBLE, "", 0)


def test_the_type_of_an_oca_group_is_repeated():
    assert modified(echoed(Stop(4990), ocaType=1)).ocaType == 1


def test_nothing_of_the_acknowledged_order_is_touched():
    before = echoed(Stop(4990))
    copy = copy_order(before)
    modified(before, leg=Stop(4995), size=1)

    assert vars(before) == vars(copy)


def test_an_order_that_was_never_acknowledged_keeps_its_links():
    before = echoed(Stop(4990), permId=0, transmit=False)
    after = modified(before, size=1)

    assert (after.parentId, after.ocaGroup, after.ocaType, after.transmit) == (7, "76", 3, False)
    assert after.totalQuantity == 1


def test_a_trailing_limit_is_sent_with_its_offset_only():
    before = echoed(TrailLimit(amount=8, offset=0.5, start=4990), lmtPrice=4989.5)
    after = modified(before, size=1)

    assert (after.lmtPrice, after.lmtPriceOffset) == (UNSET_DOUBLE, 0.5)
    assert (after.auxPrice, after.trailStopPrice) == (8.0, 4990.0)


def test_a_trailing_stop_keeps_the_level_that_it_has_reached():
    before = echoed(Trail(amount=8), trailStopPrice=4998.25)

    assert modified(before, size=1).trailStopPrice == 4998.25
    closer = modified(before, leg=Trail(amount=4))
    assert (closer.auxPrice, closer.trailStopPrice) == (4.0, 4998.25)
    assert modified(before, leg=Trail(amount=4, start=4999)).trailStopPrice == 4999.0


@pytest.mark.parametrize(
    "leg", [Trail(amount=8), Trail(percent=1), TrailLimit(amount=8, offset=1, start=4990)]
)
def test_a_trailing_stop_at_another_level_needs_another_distance(leg):
    before = echoed(leg, trailStopPrice=4990.0)

    with pytest.raises(PlanError, match="10067"):
        modified(before, leg=attrs.evolve(leg, start=4995))
    assert modified(before, leg=attrs.evolve(leg, start=4990)).trailStopPrice == 4990.0


def test_a_percentage_is_sent_without_an_amount():
    after = modified(echoed(Trail(percent=1), auxPrice=0.0, trailStopPrice=4950.0), size=1)

    assert (after.trailingPercent, after.auxPrice) == (1.0, UNSET_DOUBLE)


def test_a_trailing_stop_without_a_level_yet_names_none():
    assert modified(echoed(Trail(amount=8)), size=1).trailStopPrice == UNSET_DOUBLE


def test_a_stop_may_become_a_trailing_stop():
    after = modified(echoed(Stop(4990), trailStopPrice=4990.0), leg=Trail(amount=8))

    assert (after.orderType, after.auxPrice, after.trailStopPrice) == ("TRAIL", 8.0, 4990.0)


@pytest.mark.parametrize(
    ("order", "changes"),
    [
        (Order(orderId=0, orderType="LMT", lmtPrice=1.0), {}),
        (Order(orderId=1, orderType="VOL"), {}),
        (Order(orderId=1, orderType="STP", auxPrice=1.0), {"leg": Stop(FromFill(1))}),
        (Order(orderId=1, orderType="STP", auxPrice=1.0), {"size": 0}),
    ],
)
def test_a_modification_that_cannot_be_is_refused(order, changes):
    with pytest.raises(PlanError):
        modified(order, **changes)


@pytest.mark.parametrize(
    ("leg", "after"),
    [
        (Limit(1), Limit(5)),
        (Stop(1), Stop(5)),
        (MarketIfTouched(1), MarketIfTouched(5)),
        (StopLimit(3, 2), StopLimit(5, 4)),
        (LimitIfTouched(3, 4), LimitIfTouched(5, 6)),
        (
            AdjustableStop(1, adjust_at=9, becomes=Stop(2)),
            AdjustableStop(5, adjust_at=9, becomes=Stop(2)),
        ),
    ],
)
def test_moving_keeps_what_hangs_on_the_price(leg, after):
    assert moved(leg, 5) == after


@pytest.mark.parametrize("leg", [Market(), StopLimit(FromFill(-1), 1), Trail(amount=1, start=2)])
def test_what_has_no_price_cannot_be_moved(leg):
    with pytest.raises(PlanError):
        moved(leg, 5)


def test_a_copy_shares_nothing_and_is_a_plain_order():
    order = LimitOrder("BUY", 1, 5000.0, algoParams=[TagValue("a", "b")])
    copy = copy_order(order)
    copy.algoParams.append(TagValue("c", "d"))

    assert type(copy) is Order
    assert len(order.algoParams) == 1
    assert copy.lmtPrice == 5000.0
