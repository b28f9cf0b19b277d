"""Warnings that come before the first openOrder of an order that lives (1.4, 1.7, 1.8)."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from ibkit.sim._engine._check import Answer
from ibkit.sim._engine._gates import gate_of, works_extended
from ibkit.sim._engine._lifecycle import Gate
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._world import World

HIGH_ID = 1_000_000_000
"""From here an order id is called too high (U: IB's threshold is not known)."""


def notices(world: World, order: Order) -> Iterator[Answer]:
    """Yield what TWS has to say about an order that it accepts."""
    if order.key.order_id >= HIGH_ID:
        yield Answer(2146, f"Warning: The order ID {order.key.order_id} is too high.")
    if world.scenario.day_order_notice and order.terms.tif == "DAY":
        yield Answer(10349, "Order TIF was set to DAY based on order preset.")
    if order.terms.outside_rth and order.instrument.sec_type == "FUT" and not order.kind.wake:
        yield Answer(
            2109,
            "Order Event Warning:Attribute 'Outside Regular Trading Hours' is ignored based on "
            "the order type and destination. PlaceOrder is now being processed.",
        )
    if world.scenario.cross_side_warning and _turns_over(world, order):
        yield Answer(2137, "The closing order quantity is greater than your current position.")
    if world.scenario.direct_route == "warn":
        instrument, client_id = order.instrument, order.key.client_id
        route = world.routing.warning(client_id, instrument.sec_type, order.exchange)
        yield from filter(None, (route,))
    if gate_of(order, world.calendar, world.now) is Gate.SESSION and not order.awaits_trigger:
        yield Answer(399, _held_until_open(world, order))
    if world.traps.notices:
        yield world.traps.notices.popleft()


def _turns_over(world: World, order: Order) -> bool:
    position = world.ledgers[order.account].positions.get(order.con_id)
    if position is None or order.parent is not None:
        return False
    left = position.quantity + (order.quantity if order.is_buy else -order.quantity)
    return position.quantity * left < 0


def _held_until_open(world: World, order: Order) -> str:
    instrument, terms = order.instrument, order.terms
    extended = works_extended(order)
    opens = world.calendar.session(instrument, world.now, extended=extended).opens
    when = opens.astimezone(ZoneInfo(instrument.zone))
    return (
        f"Order Message:\n{terms.action} {terms.quantity} {_name(order)}\n"
        "Warning: your order will not be placed at the exchange until "
        f"{when:%Y-%m-%d %H:%M:%S} {instrument.zone}"
    )


def _name(order: Order) -> str:
    instrument = order.instrument
    if instrument.sec_type == "STK":
        return f"{instrument.symbol} {instrument.primary_exchange}.{instrument.trading_class}"
    return f"{instrument.local_symbol or instrument.symbol} {instrument.exchange}"
