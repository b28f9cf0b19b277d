"""Corrections of executions: the same trade under the next correction number (1.4)."""

from __future__ import annotations

from decimal import Decimal

from ibkit.sim._engine._events import Commissioned, Executed, Fill
from ibkit.sim._engine._executions import Execution
from ibkit.sim._engine._identity import corrected
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._world import World

ZERO = Decimal(0)


def correct(
    world: World, execution: Execution, *, price: Decimal | None, quantity: Decimal | None
) -> None:
    """Take a trade back at its old price and book it again as it should have been.

    Cash and positions end as if it had been right at once. The order keeps the quantity that it
    counts as filled; its average price follows.
    """
    old, order = execution
    new_price = old.price if price is None else price
    new_quantity = old.quantity if quantity is None else quantity
    instrument = world.markets.instrument(old.con_id)
    if instrument is None or instrument.sec_type == "BAG":
        raise ValueError(f"exec_id: got {old.exec_id}, a combo's own; correct one of its legs")
    commission = old.commission if new_quantity else ZERO
    ledger, sign = world.ledgers[old.account], 1 if old.side == "BOT" else -1
    group = world.models.margin.group(instrument)
    ledger.trade(instrument, group, -sign * old.quantity, old.price, -old.commission)
    realized = old.realized_pnl
    if new_quantity:
        booked = ledger.trade(instrument, group, sign * new_quantity, new_price, commission)
        realized = booked.realized
    _follow(order, old, new_quantity * new_price - old.quantity * old.price)
    fill = old._replace(
        exec_id=corrected(old.exec_id),
        price=new_price,
        quantity=new_quantity,
        average_price=order.average_price,
        commission=commission,
        realized_pnl=realized,
    )
    world.executions.add(fill, order)
    _tell(world, order, fill)


def _follow(order: Order, old: Fill, difference: Decimal) -> None:
    if old.con_id == order.con_id:
        order.value += difference


def _tell(world: World, order: Order, fill: Fill) -> None:
    view = order.view()
    world.tell(Executed(fill, view))
    world.move_position(order, fill.con_id)
    world.tell(Commissioned(fill, view))
