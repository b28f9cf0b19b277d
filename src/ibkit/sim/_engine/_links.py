"""What a fill does to the orders that are linked with the one that was filled."""

from __future__ import annotations

import functools
from decimal import Decimal

from ibkit.sim._engine import _family, _oca
from ibkit.sim._engine._ending import cancelled, live_children
from ibkit.sim._engine._groups import Group
from ibkit.sim._engine._lifecycle import PENDING_CANCEL
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._world import World


def after_fill(
    world: World, order: Order, group: Group | None, fill: Decimal, before: Decimal
) -> None:
    """Reduce or cancel the rest of the group, and release the children."""
    if group is not None:
        rebalance(world, order, group, fill, before)
    for child in live_children(order):
        _release(world, child, order)
    if order.released is not None and order.is_live:  # all that was released may be done
        world.woken.append(order)


def rebalance(world: World, order: Order, group: Group, fill: Decimal, before: Decimal) -> None:
    """Apply the OCA type of the order that was filled.

    With block the others change in the same instant. Without it the change is on its way for
    as long as a cancel is, and they may be filled meanwhile.
    """
    delay = world.models.latency.cancel
    for other in group.others(order):
        change = functools.partial(_reduce, world, other, order.terms.oca_type, fill, before)
        if not delay or _oca.has_block(order.terms.oca_type):
            change()
            continue
        if fill >= before and other.step(PENDING_CANCEL, other.why_held):
            world.report(other)
        world.agenda.add(world.now + delay, change)


def join_group(world: World, order: Order) -> None:
    """Put an order into its group: the one of its parent while that is not filled."""
    parent, terms = order.parent, order.terms
    name = terms.oca_group
    if parent is not None and parent.is_live:
        name = str(parent.perm_id)
        order.change(oca_group=name, oca_type=_oca.REDUCE)
    if name:
        world.groups.join(order, name)


def _reduce(world: World, other: Order, oca_type: int, fill: Decimal, before: Decimal) -> None:
    if not other.is_live:
        return
    left = _oca.reduced(
        other.remaining,
        fill=fill,
        before=before,
        oca_type=oca_type,
        increment=other.instrument.size_increment,
        rounding=world.scenario.oca_rounding,
    )
    if left <= 0:
        cancelled(world, other)
    elif left != other.remaining:
        shrink(world, other, other.remaining - left)


def shrink(world: World, order: Order, by: Decimal) -> None:
    """Take a part of an order away and show it."""
    order.reduced += by
    order.resize(order.quantity - by)
    if order.released is not None:
        order.released = max(order.filled, order.released - by)
        world.woken.append(order)
    world.show(order)


def _release(world: World, child: Order, parent: Order) -> None:
    if not parent.remaining:
        child.released = None
        _restore_group(world, child)
    else:
        child.released = released_part(world, child, parent)
    world.woken.append(child)


def released_part(world: World, child: Order, parent: Order) -> Decimal:
    """Return how much of a child its parent's fills let work, less what a sibling has taken."""
    part = _family.release(
        world.scenario.partial_parent,
        child=child.quantity + child.reduced,
        filled=parent.filled,
        parent=parent.quantity,
        increment=child.instrument.size_increment,
    )
    return max(child.filled, part - child.reduced)


def _restore_group(world: World, child: Order) -> None:
    # a group of its own is replaced until the parent fills (1.5)
    sent = child.sent
    if sent.oca_group:
        child.change(oca_group=sent.oca_group, oca_type=_oca.effective_type(sent.oca_type))
        world.groups.join(child, sent.oca_group)
