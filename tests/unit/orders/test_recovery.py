from decimal import Decimal

import pytest
from ib_async import Contract

from ibkit.errors import PlanError
from ibkit.orders import Limit, Target, bracket
from ibkit.orders._observe import Track
from ibkit.orders._recovery import assumed_entries, executed_only, found_groups
from true_orders import ES, NOW, fill, true_order


def shown(order, status="Submitted", **fields):
    """An order of a group as TWS shows it."""
    values = {"order": order, "contract": ES, "perm_id": 900 + order.orderId, **fields}
    return true_order(status, order.orderId, **values)


def plan(form="separate", sizes=(1, 2), **more):
    return bracket(
        "BUY", sum(sizes), entry=Limit(5000), stop=4990, slices=form, group_id="k3f9",
        targets=[Target(size, 5010 + 10 * n) for n, size in enumerate(sizes)], **more,
    )  # fmt: skip


def tracks_of(orders):
    kept = {}
    for one in orders:
        role = one.order_ref.split(":")[1]
        kind = {"e": "entry", "t": "target", "s": "stop"}[role[0]]
        number = int(role[1:] or 0)
        name = f"{kind}-{number}" if number else kind
        kept[name] = Track(name, kind, number, one.size)
        kept[name].take(one, NOW)
    return kept


# -- which groups there are


def test_orders_are_sorted_by_the_group_that_their_reference_names():
    one = [shown(order) for order in plan().to_orders(10)]
    two = [shown(order) for order in plan().evolve(group_id="other").to_orders(30)]
    strange = true_order(order_id=99, orderRef="my own")

    found = {group.group_id: len(group.orders) for group in found_groups(
        [*one, strange, *two], [], known=())}  # fmt: skip

    assert found == {"k3f9": 6, "other": 6}


def test_groups_that_are_known_are_left_out():
    orders = [shown(order) for order in plan().to_orders(10)]

    assert list(found_groups(orders, [], known={"k3f9"})) == []


def test_whose_they_are_is_told_by_ids_and_by_executions():
    first, *_ = plan().to_orders(10)
    completed = shown(first, "Filled", client_id=0)
    completed = true_order("Filled", 0, order=first, client_id=0, perm_id=910)

    (unknown,) = found_groups([completed], [], known=())
    (known,) = found_groups([completed], [fill(910, client_id=3)], known=())

    assert unknown.clients == frozenset()
    assert known.clients == {3}


@pytest.mark.parametrize("form", ["separate", "attached", "managed"])
def test_a_group_is_rebuilt_from_its_orders(form):
    group = plan(form)
    (found,) = found_groups([shown(order) for order in group.to_orders(10)], [], known=())

    assert found.restore() == group


def test_the_order_that_closed_a_bracket_is_no_part_of_its_plan():
    group = plan()
    orders = [shown(order) for order in group.to_orders(10)]
    close = true_order("Filled", 77, orderRef="ik/k3f9:c::", orderType="MKT", auxPrice=0.0)
    (found,) = found_groups([close, *orders], [], known=())

    assert found.restore() == group


def test_of_an_exit_that_was_put_back_the_latest_counts():
    group = plan()
    orders = group.to_orders(10)
    again = next(order for order in group.to_orders(40) if order.orderRef == orders[-1].orderRef)
    dead = [shown(orders[-1], "Rejected")]
    (found,) = found_groups(
        [*(shown(order) for order in orders[:-1]), shown(again), *dead], [], known=()
    )

    assert found.restore()["stop-2"].leg == group["stop-2"].leg


def test_orders_whose_reference_is_cut_do_not_say_enough():
    cut = true_order(orderRef="ik/k3f9:s1")
    (found,) = found_groups([cut], [], known=())

    with pytest.raises(PlanError, match="cut"):
        found.restore()


# -- entries that nobody remembers


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("separate", {"entry-1": 1, "entry-2": 2}),
        ("attached", {"entry": 3}),
    ],
)
def test_exits_that_work_have_an_entry_that_filled(form, expected):
    group = plan(form)
    exits = [shown(o) for o in group.to_orders(10) if ":e" not in o.orderRef]
    (found,) = found_groups(exits, [], known=())

    made = assumed_entries(found.restore(), tracks_of(exits))

    assert {track.role: track.assumed for track in made} == {
        role: Decimal(size) for role, size in expected.items()
    }


def test_exits_that_wait_for_their_parent_say_nothing():
    group = plan(sizes=(2,))
    exits = [shown(o, why_held="child") for o in group.to_orders(10) if ":e" not in o.orderRef]
    (found,) = found_groups(exits, [], known=())

    assert assumed_entries(found.restore(), tracks_of(exits)) == []


def test_a_group_of_which_everything_is_known_assumes_nothing():
    orders = [shown(order) for order in plan().to_orders(10)]
    (found,) = found_groups(orders, [], known=())

    assert assumed_entries(found.restore(), tracks_of(orders)) == []


def test_an_exit_that_filled_in_part_tells_of_the_whole_entry():
    group = plan(sizes=(5,))
    target, stop = (o for o in group.to_orders(10) if ":e" not in o.orderRef)
    stop.totalQuantity = 3.0
    exits = [shown(target, filled=Decimal(2)), shown(stop)]
    (found,) = found_groups(exits, [], known=())

    (entry,) = assumed_entries(found.restore(), tracks_of(exits))

    assert entry.assumed == 5


# -- orders of which only executions tell


def executed(order, perm_id=1, **fields):
    side = "BOT" if order.action == "BUY" else "SLD"
    return fill(perm_id, order_ref=order.orderRef, side=side, **fields)


def test_executions_make_up_for_orders_of_a_group_that_is_known():
    entry, target, stop = plan(sizes=(5,)).to_orders(10)
    fills = [
        executed(entry, exec_id="a"),
        executed(entry, exec_id="b", size=Decimal(4), price=Decimal(5001)),
        executed(target, 2, price=Decimal(5010)),
        fill(3, order_ref="mine"),
        executed(stop, 900 + stop.orderId),
    ]
    left = [shown(stop)]

    made = list(executed_only(left, fills, 3))
    (found,) = found_groups([*left, *made], fills, known=())

    assert [(o.order_ref, o.status, o.filled, o.average_price) for o in made] == [
        (entry.orderRef, "Filled", 5, Decimal("5000.8")),
        (target.orderRef, "Filled", 1, 5010),
    ]
    assert [leg.role for leg in found.restore().legs] == ["entry", "target-1", "stop-1"]


def test_executions_of_others_and_of_groups_that_are_gone_make_nothing():
    entry, *_, stop = plan(sizes=(5,)).to_orders(10)

    assert not [*executed_only([], [executed(entry)], 3)]
    assert not [*executed_only([shown(stop)], [executed(entry, client_id=4)], 3)]


def test_the_entry_of_a_managed_group_tells_of_its_exits():
    (entry,) = plan("managed").to_orders(10)

    made = list(executed_only([], [executed(entry, size=Decimal(3))], 3))
    (found,) = found_groups(made, [], known=())

    assert [leg.role for leg in found.restore().exits] == [
        "target-1", "target-2", "stop-1", "stop-2",
    ]  # fmt: skip


def test_of_a_combo_the_executions_of_its_legs_do_not_count():
    (entry,) = plan("managed").to_orders(10)
    combo = Contract(secType="BAG", symbol="ES")
    fills = [
        executed(entry, exec_id="whole", contract=combo, size=Decimal(3)),
        executed(entry, exec_id="leg", size=Decimal(3)),
    ]

    (made,) = executed_only([], fills, 3)

    assert (made.contract, made.filled) == (combo, 3)


def test_a_group_opens_as_the_entries_do_that_are_left():
    orders = [shown(o) for o in plan().to_orders(10) if not o.orderRef.startswith("ik/k3f9:e1")]
    (found,) = found_groups(orders, [], known=())
    group = found.restore()

    assert group.legs[0].role == "target-1"
    assert group.side == "BUY"
