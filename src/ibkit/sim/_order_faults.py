"""Fills at the worst moment: while a cancel is under way, and several at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

from attrs import evolve

from ibkit.sim import _wire as wire
from ibkit.sim._engine import Broker, Event, OrderView
from ibkit.sim._session import Floor, Session

A_SECOND = dt.timedelta(seconds=1)


def fill_together(broker: Broker, prices: Mapping[int, Decimal], now: dt.datetime) -> list[Event]:
    """Fill orders in whole, those that are still live when their turn has come.

    Raises `KeyError` for one that is not live at the beginning.
    """
    remaining = {view.perm_id: view.remaining for view in broker.orders()}
    left = {perm_id: remaining[perm_id] for perm_id in prices}
    events: list[Event] = []
    for perm_id in left:
        live = {view.perm_id: view.remaining for view in broker.orders()}
        if perm_id in live:
            events += broker.operator.fill(perm_id, live[perm_id], prices[perm_id], now)
    return events


def race_cancel(
    quantity: Decimal | None,
) -> Callable[[Session, wire.CancelOrder, dt.datetime], None]:
    """Make what takes the place of the handler of cancelOrder: PendingCancel, and the fill."""

    def race(session: Session, request: wire.CancelOrder, now: dt.datetime) -> None:
        floor = session.floor
        _cancel_slowly(floor, session, request, now)
        view = _pending(floor, session.client_id, request.order_id)
        if view is not None:
            size = view.remaining if quantity is None else min(quantity, view.remaining)
            price = _price(floor, view, now)
            floor.publish(floor.broker.operator.fill(view.perm_id, size, price, now))

    return race


def _cancel_slowly(
    floor: Floor, session: Session, request: wire.CancelOrder, now: dt.datetime
) -> None:
    broker, usual = floor.broker, floor.broker.models
    broker.models = evolve(usual, latency=evolve(usual.latency, cancel=A_SECOND))
    floor.handle(session, request, now)
    broker.models = usual


def _pending(floor: Floor, client_id: int, order_id: int) -> OrderView | None:
    for view in floor.broker.orders():
        if view.key == (client_id, order_id) and view.status == "PendingCancel":
            return view
    return None


def _price(floor: Floor, view: OrderView, now: dt.datetime) -> Decimal:
    if view.terms.limit_price:
        return view.terms.limit_price
    quote = floor.market.quote_at(view.con_id, now)
    touch = quote.ask if view.terms.action == "BUY" else quote.bid
    return touch or quote.bid or quote.ask or Decimal(1)
