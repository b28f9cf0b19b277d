"""Cancels that somebody asks for (gateway-behaviour 1.4, 1.5, 1.6, 1.9)."""

from __future__ import annotations

import functools

from ibkit.sim._engine import _ending, _oca
from ibkit.sim._engine._activation import settle
from ibkit.sim._engine._ending import BY_TRADER
from ibkit.sim._engine._events import Refused
from ibkit.sim._engine._lifecycle import PENDING_CANCEL, PRE_SUBMITTED, Gate
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._terms import Cancel
from ibkit.sim._engine._world import World


def cancel(world: World, command: Cancel) -> None:
    """Carry out a cancelOrder."""
    order = _find(world, command)
    if order is None:
        text = f"OrderId {command.key.order_id} that needs to be cancelled is not found."
        world.tell(Refused(command.key, 10147, text, live=False))
    elif not can_cancel(order):
        text = (
            f"OrderId {command.key.order_id} that needs to be cancelled cannot be cancelled, "
            f"state: {order.status}."
        )
        world.tell(Refused(command.key, 10148, text, order.is_live, order.account))
    else:
        cancel_by_user(world, order)
    settle(world)


def cancel_all(world: World) -> None:
    """Carry out a reqGlobalCancel: every order runs its own cancel sequence."""
    for order in [*world.orders.live, *world.orders.held()]:
        if can_cancel(order):
            cancel_by_user(world, order)
        elif order.status == PENDING_CANCEL or world.scenario.global_cancel_notice:
            world.warn(order, 161, _not_cancellable(order))
    settle(world)


def can_cancel(order: Order) -> bool:
    """Tell whether an order can be cancelled: it lives, and no cancel is under way."""
    return order.gate is not Gate.OVER and order.status != PENDING_CANCEL


def cancel_by_user(world: World, order: Order) -> None:
    """Cancel an order, and before it what goes with it."""
    if order.gate is Gate.HELD:
        _ending.cancelled(world, order, by=BY_TRADER)
        return
    for sibling in _going_along(world, order):
        _withdraw(world, sibling, echo=True)
    if order.is_live:  # pragma: no branch - nothing that goes along is known to take it with it
        _withdraw(world, order, echo=_is_echoed(order))


def _going_along(world: World, order: Order) -> list[Order]:
    # Old OCA rule A; captured for type 1 (1.6). For the exits of a bracket it is a switch (1.5).
    group = order.group
    if group is None:
        return []
    always = order.terms.oca_type == _oca.CANCEL_WITH_BLOCK
    if not always and not world.scenario.user_cancel_takes_siblings:
        return []
    return [member for member in group.others(order) if can_cancel(member)]


def _withdraw(world: World, order: Order, *, echo: bool) -> None:
    delay = world.models.latency.cancel
    if delay or echo:
        order.step(PENDING_CANCEL, order.why_held)
        world.show(order)
        _ending.show_waiting_children(world, order)
    if delay:
        action = functools.partial(_confirm, world, order)
        world.agenda.set(order, "cancel", world.now + delay, action)
    else:
        _confirm(world, order)


def _confirm(world: World, order: Order) -> None:
    _ending.cancelled(world, order, by=BY_TRADER)


def _is_echoed(order: Order) -> bool:
    # held and queued orders are shown as PendingCancel first, resting ones are not (1.4);
    # nor are parents without telling their children (1.5)
    return order.status == PRE_SUBMITTED or bool(_ending.live_children(order))


def _find(world: World, command: Cancel) -> Order | None:
    key, allowed = command.key, world.scenario.cross_client_cancel == "allow"
    order = world.orders.get(key)
    if order is not None and (allowed or key.client_id == command.by):
        return order
    if not allowed or key.order_id == 0:
        return None
    foreign = world.orders.live_with_id(key.order_id)
    return foreign[0] if len(foreign) == 1 else None


def _not_cancellable(order: Order) -> str:
    return (
        f"Cancel attempted when order is not in a cancellable state.  Order permId ={order.perm_id}"
    )
