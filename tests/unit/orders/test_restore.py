import pytest
from ib_async import Order

from ibkit.errors import PlanError
from ibkit.orders import (
    FromFill,
    Gtc,
    Limit,
    Market,
    Oca,
    PriceGrid,
    Stop,
    Target,
    Trail,
    bracket,
    bracket_from_fill,
    close_position,
    exit_orders,
    oca,
    restore,
    single,
    trailing,
)

SLICED = bracket(
    "BUY", 3, entry=Limit(5000), targets=[Target(1, 5010), Target(1, 5020)], stop=4990,
    group_id="k3f9", breakeven_after=1, order_ref="mine", account="DU1", exit_tif=Gtc(),
)  # fmt: skip


@pytest.mark.parametrize(
    "group",
    [
        SLICED,
        single("SELL", 2, Stop(4980), group_id="a"),
        close_position(-3, group_id="a", account="DU1"),
        trailing("SELL", 1, percent=1, group_id="a"),
        oca([single("BUY", 1, Limit(1)), single("SELL", 1, Market())], kind=Oca.CANCEL_WITH_BLOCK,
            group_id="a"),
        oca([single("BUY", 1, Limit(1))] * 2, name="my own name", group_id="a"),
        bracket_from_fill("BUY", 2, targets=[Target(1, FromFill(5)), Target(1, Trail(amount=8))],
                          stop=FromFill(-5), protect_first=4900, group_id="a"),
    ],
)  # fmt: skip
def test_a_group_comes_back_from_its_orders(group):
    assert restore(group.to_orders(7)) == group


def test_what_is_left_is_a_partial_group():
    exits = SLICED.to_orders(7)[1:3]  # a GTC pair: the entry filled on another day
    group = restore(exits)

    assert group.partial
    assert [leg.role for leg in group.legs] == ["target-1", "stop-1"]
    assert group.breakeven_after == 1
    assert group.order_ref == "mine"


def test_a_slice_that_never_arrived_makes_it_partial():
    assert restore(SLICED.to_orders(7)[:3]).partial


def test_a_managed_group_remembers_the_exits_that_were_never_sent():
    group = bracket_from_fill(
        "SELL", 1, take_profit=FromFill(-9), stop=Trail(amount=4), group_id="a"
    )
    (entry,) = group.to_orders(7)

    assert restore([entry]) == group


def test_managed_exits_alone_are_partial_and_known_as_sent():
    group = bracket_from_fill("SELL", 1, take_profit=FromFill(-9), stop=5010, group_id="a")
    sent = exit_orders(group, {"target-1": 1, "stop-1": 1}, 8, grid=PriceGrid([(0, 1)]), fill=5000)

    alone = restore(sent)
    assert alone.partial
    assert alone["target-1"].leg == Limit(4991)
    assert restore([*group.to_orders(7), *sent]) == group


def test_a_completed_order_shows_its_size_as_filled():
    orders = SLICED.to_orders(7)
    orders[0].totalQuantity, orders[0].filledQuantity = 0, 1.0

    assert restore(orders) == SLICED


def test_what_tws_writes_into_orders_does_not_matter():
    orders = SLICED.to_orders(7)
    for order in orders:
        order.permId = 1000 + order.orderId
        order.volatility = 0.0
        if order.parentId:
            order.ocaGroup, order.ocaType = str(order.parentId + 1000), 3
        if order.orderType == "STP":
            order.lmtPrice, order.trailStopPrice = 0.0, order.auxPrice

    assert restore(orders) == SLICED


@pytest.mark.parametrize(
    ("orders", "rule"),
    [
        ([], "one group"),
        ([Order(orderRef="my own")], "ibkit wrote"),
        (single("BUY", 1, Market(), group_id="a").to_orders(1)
         + single("BUY", 1, Market(), group_id="b").to_orders(2), "one group"),
        ([Order(orderRef="ik/a:e:", orderType="MKT", action="BUY", totalQuantity=1)], "cut"),
        ([Order(orderRef="ik/a:e:x:", orderType="MKT", action="BUY", totalQuantity=1, tif="GTD",
                goodTillDate="soon")], "ibkit sends"),
    ],
)  # fmt: skip
def test_orders_that_are_no_group_are_refused(orders, rule):
    with pytest.raises(PlanError, match=rule):
        restore(orders)


def test_a_group_that_was_changed_beyond_what_could_be_placed_is_partial():
    orders = SLICED.to_orders(7)
    orders[2].auxPrice = 5005.0  # the stop was moved beyond the entry
    group = restore(orders)

    assert group.partial
    assert len(group.legs) == len(SLICED.legs)


def test_an_exit_that_ib_has_reduced_comes_back_as_it_was_planned():
    plan = bracket("BUY", 3, entry=Limit(5000), take_profit=5010, stop=4990, group_id="k3f9")
    orders = plan.to_orders(7)
    orders[1].totalQuantity = orders[2].totalQuantity = 1  # the entry has filled in part

    assert restore(orders) == plan
