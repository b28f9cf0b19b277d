"""What stands in the way of a roll."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ._exits import ExitSet, exit_sets
from ._faces import plain
from ._roll_ref import roll_ref_of
from ._working import ZERO, WorkingOrder

if TYPE_CHECKING:
    from ._plan import RollPlan


def obstacles(
    plan: RollPlan,
    orders: Sequence[WorkingOrder],
    con_ids: frozenset[int],
    client_id: int | None,
) -> Iterator[str]:
    """Every reason against carrying out a plan. `con_ids` are those of the product."""
    if not plan.new.con_id:
        yield f"{plan.new} has no conId: ask a resolver for the chain"
    yield from forgotten(plan)
    for order in orders:
        ref = roll_ref_of(order.ref)
        if ref and {ref.old, ref.new} & con_ids and not plan.trail.owns(order.ref):
            yield f"another roll of {plan.old.product.root} is under way: {order}"
        elif ref and plan.trail.owns(order.ref) and client_id not in {None, order.client_id}:
            yield f"client {order.client_id} is rolling it: {order}"
    ours = [each for each in orders if not roll_ref_of(each.ref)]
    old = [each for each in ours if each.con_id == plan.old.con_id]
    parents = {each.order_id for each in old} & {each.parent_id for each in old}
    for order in old:
        yield from _of_order(order, plan, parents, client_id)
    yield from _of_exits(plan, [each for each in ours if each.con_id == plan.new.con_id])


def forgotten(plan: RollPlan) -> Iterator[str]:
    """What no broker remembers, and the plan that began the roll does."""
    if plan.trail.sold > plan.trail.bought:
        yield (
            f"{plain(plan.trail.sold - plan.trail.bought)} was closed on {plan.old} and not yet "
            f"opened on {plan.new}, and its exits are gone from the broker: carry on with the plan "
            "that began it, or open it again yourself"
        )


def _of_order(
    order: WorkingOrder, plan: RollPlan, parents: set[int], client_id: int | None
) -> Iterator[str]:
    if order.order_id <= 0:
        yield f"{order} on {plan.old} was placed by hand: cancel it in TWS"
    elif client_id is not None and order.client_id != client_id:
        yield f"{order} on {plan.old} belongs to client {order.client_id}: cancel it there"
    elif order.action == plan.action or order.order_id in parents:
        yield f"{order} on {plan.old} would open or add: cancel it first"
    elif order.parent_id in parents:
        yield f"{order} on {plan.old} waits for an entry: cancel the entry first"
    elif not order.can_move:
        yield f"{order} on {plan.old} is of a type that is not moved: replace or cancel it"
    elif plan.shift is None and order.price is not None:
        yield f"{order} cannot be priced on {plan.new}: a side of a market is missing"


def _of_exits(plan: RollPlan, on_new: Sequence[WorkingOrder]) -> Iterator[str]:
    size = abs(plan.size)
    for has_stop, what in ((True, "stops"), (False, "targets")):
        closes = sum((each.now for each in plan.exits if each.has_stop is has_stop), ZERO)
        if closes > size:
            yield (
                f"the {what} on {plan.old} close {plain(closes)}, and {plain(size)} is held: "
                "cancel what is too much"
            )
    for each in plan.exits:
        if len(each.kinds) < len(each.orders):
            yield f"two orders of {each.key} have one orderRef and type: they cannot be told apart"
    if not plan.trail.is_under_way:
        yield from _namesakes(plan, exit_sets(on_new, plan.new.month.code))


def _namesakes(plan: RollPlan, on_new: Sequence[ExitSet]) -> Iterator[str]:
    """Orders on the new month that would be taken for exits that have moved."""
    kinds = {kind for each in plan.exits for kind in each.kinds if kind[0]}
    for each in on_new:
        for order in each.orders:
            if each.marked or order.kind in kinds:
                yield f"{order} on {plan.new} is there already, with the name of an exit that moves"
