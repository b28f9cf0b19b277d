"""How orders end: cancelled, filled, rejected; and what their end does to their children."""

from __future__ import annotations

from ibkit.sim._engine._lifecycle import CANCELLED, FILLED, INACTIVE, PRE_SUBMITTED, Gate
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._world import World

BY_TRADER = "Cancelled by Trader"
BY_SYSTEM = "Cancelled by System:\n"


def close(world: World, order: Order, status: str, completed: str) -> None:
    """Take an order out of everything that knows it."""
    if order.is_live:
        world.markets.book(order.con_id).leave(order)
        world.markets.release(order)
        world.groups.leave(order)
    world.agenda.drop_all(order)
    order.gate = Gate.OVER
    order.step(status)
    order.completed_time, order.completed_status = world.now, completed
    world.orders.end(order)


def cancelled(
    world: World, order: Order, *, reason: str = "", by: str = BY_SYSTEM, notice: bool = True
) -> None:
    """End an order as Cancelled: orderStatus, then 202; its children follow."""
    close(world, order, CANCELLED, by)
    world.report(order)
    if notice:
        world.warn(order, 202, f"Order Canceled - reason:{reason}")
    orphan(world, order)


def filled(world: World, order: Order) -> None:
    """End an order as Filled, saying nothing yet."""
    close(world, order, FILLED, f"Filled Size: {order.filled}")


def rejected(world: World, order: Order, reason: str, *, error_first: bool = False) -> None:
    """End an order as Inactive with 201. A modification may still revive it."""
    close(world, order, INACTIVE, "Inactive")
    text = f"Order rejected - reason:{reason}"
    if error_first:
        world.warn(order, 201, text)
    world.show(order)
    if not error_first:
        world.warn(order, 201, text)
    orphan(world, order)


def orphan(world: World, parent: Order) -> None:
    """Let the children of an ended parent go with it, or keep what its fills have released."""
    for child in live_children(parent):
        kept = parent.filled and world.scenario.partial_parent != "none"
        if not kept or child.open_quantity <= 0:
            cancelled(world, child)
        else:
            _keep_released(world, child)


def _keep_released(world: World, child: Order) -> None:
    released, child.released = child.released, None
    if released is not None and released < child.quantity:
        child.resize(released)
        world.show(child)


def live_children(parent: Order) -> list[Order]:
    """Return the transmitted children that have not ended, in the order of their ids."""
    children = [child for child in parent.children if child.is_live]
    return sorted(children, key=lambda child: child.key.order_id)


def show_waiting_children(world: World, parent: Order) -> None:
    """Show the children of a parent that is being cancelled once more."""
    for child in live_children(parent):
        if child.status == PRE_SUBMITTED:
            world.show(child)
