import pytest

from ibkit.errors import PlanError
from ibkit.orders import (
    FromFill,
    Limit,
    Market,
    PriceGrid,
    StopLimit,
    Target,
    Trail,
    bracket,
    bracket_from_fill,
    exit_orders,
    parse_order_ref,
)

GRID = PriceGrid([(0, "0.25")])
FROM_FILL = bracket_from_fill(
    "BUY", 3, targets=[Target(2, FromFill(+10)), Target(1, Trail(amount=8))],
    stop=StopLimit(FromFill(-5), FromFill(-6)), group_id="k3f9", order_ref="mine",
)  # fmt: skip
ATTACHED = bracket(
    "BUY", 3, entry=Limit(5000), targets=[Target(1, 5010), Target(1, 5020)], stop=4990,
    slices="attached", group_id="k3f9",
)  # fmt: skip


def test_the_exits_of_a_slice_are_an_oca_pair_priced_from_the_fill_stop_first():
    stop, target = exit_orders(FROM_FILL, {"target-1": 2, "stop-1": 2}, 8, grid=GRID, fill="5000.1")

    assert (stop.orderId, stop.auxPrice, stop.lmtPrice) == (8, 4995.25, 4994.25)
    assert (target.orderId, target.lmtPrice) == (9, 5010.25)
    assert stop.ocaGroup == target.ocaGroup
    assert (stop.ocaType, stop.parentId, stop.transmit) == (2, 0, True)
    assert parse_order_ref(stop.orderRef) == ("k3f9", "stop", 1, "m2", "mine")


def test_each_slice_has_a_pair_of_its_own():
    sizes = {"target-1": 2, "stop-1": 2, "target-2": 1, "stop-2": 1}
    orders = exit_orders(FROM_FILL, sizes, 8, grid=GRID, fill=5000)

    assert [parse_order_ref(order.orderRef).role for order in orders] == [
        "stop-1", "stop-2", "target-1", "target-2",
    ]  # fmt: skip
    assert [order.orderId for order in orders] == [8, 9, 10, 11]
    assert orders[0].ocaGroup == orders[2].ocaGroup != orders[1].ocaGroup == orders[3].ocaGroup
    assert orders[3].orderType == "TRAIL"


def test_an_exit_joins_the_pair_of_its_counterpart():
    (target,) = exit_orders(
        FROM_FILL, {"target-1": 1}, 8, grid=GRID, fill=5000, pairs={1: "ibkit-k3f9-1-5"}
    )

    assert (target.ocaGroup, target.ocaType) == ("ibkit-k3f9-1-5", 2)


def test_a_pair_that_is_sent_again_is_another_group():
    first = exit_orders(FROM_FILL, {"target-1": 1, "stop-1": 1}, 8, grid=GRID, fill=5000)
    again = exit_orders(FROM_FILL, {"target-1": 1, "stop-1": 1}, 10, grid=GRID, fill=5000)

    assert first[0].ocaGroup != again[0].ocaGroup


def test_an_exit_alone_is_in_no_group():
    (stop,) = exit_orders(FROM_FILL, {"stop-1": 1}, 8, grid=GRID, fill=5000)

    assert (stop.ocaGroup, stop.ocaType) == ("", 0)


def test_the_one_stop_of_attached_slices_can_be_cut_up():
    sizes = {"target-2": 1, "stop-2": 1, "stop-3": 1}
    stop, rest, target = exit_orders(ATTACHED, sizes, 20, grid=GRID)

    assert (stop.auxPrice, stop.totalQuantity, stop.ocaGroup) == (4990.0, 1, target.ocaGroup)
    assert (rest.auxPrice, rest.ocaGroup) == (4990.0, "")
    assert parse_order_ref(rest.orderRef).role == "stop-3"


@pytest.mark.parametrize(
    ("sizes", "changes", "field"),
    [
        ({"stop-9": 1}, {}, "role"),
        ({"entry": 1}, {}, "role"),
        ({"target-1": 3}, {}, "target-1.size"),
        ({"target-1": 0}, {}, "target-1"),
        ({"target-1": 1}, {"fill": None}, "fill"),
    ],
)
def test_exits_that_cannot_be_are_refused(sizes, changes, field):
    with pytest.raises(PlanError) as caught:
        exit_orders(FROM_FILL, sizes, 8, **{"grid": GRID, "fill": 5000, **changes})

    assert caught.value.field == field


def test_distances_are_put_on_the_grid_and_percentages_are_not():
    group = bracket_from_fill(
        "BUY", 2, targets=[Target(1, Trail(percent="1.23"))], stop=Trail(amount="8.1"), group_id="a"
    )
    sizes = {"target-1": 1, "stop-2": 1}
    amount, percent = exit_orders(group, sizes, 8, grid=GRID, fill=5000)

    assert (percent.trailingPercent, amount.auxPrice) == (1.23, 8.0)


def test_the_group_has_to_be_known():
    group = bracket_from_fill("BUY", 1, entry=Market(), stop=FromFill(-1))

    with pytest.raises(PlanError, match="under which the entry was sent"):
        exit_orders(group, {"stop-1": 1}, 8, grid=GRID, fill=5000)
    assert exit_orders(group, {"stop-1": 1}, 8, grid=GRID, fill=5000, group_id="n7")
