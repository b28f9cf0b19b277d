"""In which messages a fill is told (gateway-behaviour 1.4), with the switches of the scenario."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from ibkit.sim._engine._events import Commissioned, Executed, Fill, OrderShown
from ibkit.sim._engine._lifecycle import FILLED
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._world import World


def tell_fill(world: World, order: Order, fills: Sequence[Fill]) -> None:
    """Tell one fill: of a combo, the combo's own comes first and its legs' follow."""
    scenario, view = world.scenario, order.view()
    charged = fills[1:] or fills
    if scenario.commission_before_execution:
        tell_commissions(world, order, charged)
    if scenario.execution_before_status:
        world.tell(Executed(fills[0], view))
    _tell_status(world, order)
    if not scenario.execution_before_status:
        world.tell(Executed(fills[0], view))
    for leg in fills[1:]:
        world.tell(Executed(leg, view))
        _tell_status(world, order)
    for fill in charged:
        world.move_position(order, fill.con_id)
    if not scenario.commission_before_execution:
        _tell_commissions_in_time(world, order, charged)


def tell_commissions(world: World, order: Order, fills: Sequence[Fill]) -> None:
    """Tell what the fills cost; a filled order is shown once more with its commission."""
    view = order.view(commission=order.commission)
    if order.status == FILLED and _is_echoed(world, order):
        world.tell(OrderShown(view))
        if world.scenario.duplicate_statuses:
            world.report(order)
    for fill in fills:
        world.tell(Commissioned(fill, view))


def _tell_commissions_in_time(world: World, order: Order, fills: Sequence[Fill]) -> None:
    delay = world.models.latency.commission
    if delay:
        action = functools.partial(tell_commissions, world, order, fills)
        world.agenda.add(world.now + delay, action)
    else:
        tell_commissions(world, order, fills)


def _tell_status(world: World, order: Order) -> None:
    if order.status == FILLED and _is_echoed(world, order):
        world.show(order)
    else:
        world.report(order)


def _is_echoed(world: World, order: Order) -> bool:
    # the capture of a future's fill has no openOrder after the execution
    return order.instrument.sec_type != "FUT" or world.scenario.future_fill_echo
