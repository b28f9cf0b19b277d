"""What holds for every group that the builders accept."""

import pytest
from hypothesis import given, strategies as st
from ib_async import Order

from ibkit.errors import PlanError
from ibkit.orders import (
    FromFill,
    Limit,
    Market,
    Oca,
    Stop,
    bracket,
    oca,
    parse_order_ref,
    restore,
    single,
)
from planning import GRID, TICK, brackets, ids, next_ids, possible


@given(brackets(), next_ids)
def test_ids_are_consecutive_and_parents_stand_before_their_children(group, first):
    orders = group.to_orders(first)

    assert [order.orderId for order in orders] == list(range(first, first + len(orders)))
    for place, order in enumerate(orders):
        earlier = {one.orderId for one in orders[:place] if not one.parentId}
        assert order.parentId == 0 or order.parentId in earlier


@given(brackets(), next_ids)
def test_only_the_last_order_of_each_set_that_belongs_together_is_transmitted(group, first):
    orders = group.to_orders(first)

    for order in orders:
        if order.parentId == 0:
            family = [o for o in orders if order.orderId in {o.orderId, o.parentId}]
            assert [o.transmit for o in family] == [False] * (len(family) - 1) + [True]
            assert family == orders[orders.index(order) :][: len(family)]


@given(brackets(), next_ids)
def test_children_name_no_oca_group_because_tws_groups_them_itself(group, first):
    assert all((order.ocaGroup, order.ocaType) == ("", 0) for order in group.to_orders(first))


@given(brackets())
def test_exits_face_the_entry_and_never_exceed_it(group):
    opens = sum(order.size for order in group.entries)

    assert opens == group.size
    assert all(order.side != group.side for order in group.exits)
    assert sum(order.size for order in group.targets) <= opens
    if group.stops:
        assert sum(order.size for order in group.stops) == opens
    if group.form == "separate":
        for entry in group.entries:
            mine = [order for order in group.exits if order.parent == entry.role]
            assert mine
            assert all(order.size == entry.size for order in mine)
        kinds = [(order.parent, order.kind) for order in group.exits]
        assert len(set(kinds)) == len(kinds)  # one target and one stop for each, at most


@given(brackets(), next_ids)
def test_orders_are_plain_and_fresh(group, first):
    orders, again = group.to_orders(first), group.to_orders(first)

    for order, twin in zip(orders, again, strict=True):
        assert type(order) is Order
        assert order is not twin
        for name in ("totalQuantity", "lmtPrice", "auxPrice", "trailStopPrice", "lmtPriceOffset"):
            assert type(getattr(order, name)) in {int, float}
        assert order.tif in {"DAY", "GTC", "GTD"}
        assert type(order.outsideRth) is bool


@given(
    brackets(), next_ids, st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
)
def test_every_order_says_whose_it_is(group, first, user):
    group = possible(group.evolve, order_ref=user)
    orders = group.to_orders(first)
    refs = [parse_order_ref(order.orderRef) for order in orders]

    assert all(len(order.orderRef) <= 50 for order in orders)
    assert {ref.group_id for ref in refs} == {group.group_id}
    assert [ref.role for ref in refs] == [leg.role for leg in group.legs if not leg.deferred]
    assert {ref.user for ref in refs} == {user}


@given(brackets(), next_ids, st.randoms())
def test_a_group_is_rebuilt_from_its_orders_in_any_order(group, first, chance):
    orders = group.to_orders(first)
    chance.shuffle(orders)

    assert restore(orders) == group


@given(brackets(on_grid=False))
def test_on_the_grid_no_price_is_worse_than_asked(group):
    try:
        rounded = group.on_grid(GRID)
    except PlanError:
        return  # two prices met on one step
    for before, after in zip(group.legs, rounded.legs, strict=True):
        for name in ("price", "trigger", "start"):
            asked, got = getattr(before.leg, name, None), getattr(after.leg, name, None)
            assert (asked is None) == (got is None)
            if asked is not None:
                assert GRID.contains(got)
                assert 0 <= (asked - got) * (1 if before.side == "BUY" else -1) < TICK
    assert rounded.on_grid(GRID) == rounded
    assert rounded.on_grid(GRID, rounding="refuse") == rounded


members = st.builds(
    single,
    st.sampled_from(["BUY", "SELL"]),
    st.integers(1, 9),
    st.sampled_from([Market(), Limit(5000), Stop(4990)]),
)


@given(st.lists(members, min_size=2, max_size=5), st.sampled_from(Oca), ids, next_ids)
def test_an_oca_group_shares_a_name_and_a_type_and_each_is_transmitted(
    groups, kind, group_id, first
):
    group = oca(groups, kind=kind, group_id=group_id)
    orders = group.to_orders(first)

    assert {order.ocaGroup for order in orders} == {f"ibkit-{group_id}"}
    assert {order.ocaType for order in orders} == {int(kind)}
    assert all(order.transmit and order.parentId == 0 for order in orders)
    assert restore(orders) == group


offsets = st.decimals(-50, 50, places=2).filter(bool)


@given(st.sampled_from(["BUY", "SELL"]), offsets, offsets)
def test_exits_from_the_fill_stand_on_their_side_or_are_refused(side, up, down):
    good = (up > 0) == (side == "BUY") and (down < 0) == (side == "BUY")

    def build():
        return bracket(
            side, 1, entry=Market(), take_profit=FromFill(up), stop=FromFill(down), slices="managed"
        )

    if good:
        assert [order.deferred for order in build().exits] == [True, True]
    else:
        with pytest.raises(PlanError, match="the fill"):
            build()
