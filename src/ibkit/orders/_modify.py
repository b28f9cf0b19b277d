"""Changing a live order: exactly the order that TWS accepts as its modification."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import attrs
from ib_async import Order
from ib_async.util import UNSET_DOUBLE

from ibkit.errors import PlanError
from ibkit.orders._from_fill import FromFill
from ibkit.orders._legs import (
    AdjustableStop,
    Leg,
    Limit,
    LimitIfTouched,
    LimitOnClose,
    LimitOnOpen,
    MarketIfTouched,
    Stop,
    StopLimit,
    Trail,
    TrailLimit,
)
from ibkit.orders._numbers import Size, as_quantity, number, size as to_size
from ibkit.orders._types import ORDER_TYPES, read_leg, write_leg
from ibkit.products._grid import Price, exact

# What ibkit writes into an order and IB leaves as it was. All else that an openOrder shows
# (an unused limit of 0, a trailing stop in a plain order, volatility, defaults of the account) is
# IB's own, and sending it back is refused or changes the order (ib-async-traps B2, B7).
_KEPT = (
    "orderId",
    "clientId",
    "permId",
    "action",
    "totalQuantity",
    "tif",
    "goodTillDate",
    "goodAfterTime",
    "outsideRth",
    "triggerMethod",
    "account",
    "orderRef",
)


_TRAILS = {ORDER_TYPES[kind].word for kind in (Trail, TrailLimit)}
_DISTANCE = ("auxPrice", "trailingPercent")


def modified(acknowledged: Order, *, leg: Leg | None = None, size: Size | None = None) -> Order:
    """Return the order to send so that a live order changes, and nothing else does.

    TWS takes a modification as the whole order once more under the same id. What it does not take:

    * the parent once it is gone (135), and a name of the OCA group that differs from IB's own
      (10326). Links are a matter of placing: they are left out and stay as they are;
    * another OCA *type* (10327). It is compared also where no group is named, and none counts as
      type 3, so the acknowledged one is repeated;
    * a limit together with an offset (321), an amount with a percentage (10060), a trailing stop
      price without its amount (10067). The level that a trailing stop has reached is repeated, so
      that a change of size does not let it fall back.

    Args:
        acknowledged: The order as the last openOrder showed it. While TWS has not acknowledged it
            (`permId` is 0) its links are kept.
        leg: The new prices. Another type is refused by TWS with 329 (captures differ on whether
            LMT may become MKT); the order stays as it was.
        size: The new total size, what is filled included.

    Raises:
        PlanError: The order has no id, the type is unknown, a price is a `FromFill`, a size is out
            of range, a trailing stop gets another level at the same distance.

    >>> shown = Order(orderId=9, permId=77, action="SELL", totalQuantity=1, orderType="STP",
    ...               auxPrice=4990.0, lmtPrice=0.0, trailStopPrice=4990.0, tif="DAY",
    ...               parentId=7, ocaGroup="76", ocaType=3)
    >>> modified(shown, leg=Stop(4995))
    Order(orderId=9, permId=77, action='SELL', totalQuantity=1, orderType='STP', auxPrice=4995.0, \
tif='DAY', ocaType=3)
    """
    if not acknowledged.orderId:
        raise PlanError("orderId", acknowledged.orderId, "an order of this client (10149)")
    order = Order(**{name: getattr(acknowledged, name) for name in _KEPT})
    order.ocaType = acknowledged.ocaType
    if not acknowledged.permId:
        order.parentId = acknowledged.parentId
        order.ocaGroup = acknowledged.ocaGroup
        order.transmit = acknowledged.transmit
    if size is not None:
        order.totalQuantity = as_quantity(to_size("size", size))
    current = leg if leg is not None else read_leg(acknowledged)
    for name, value in write_leg(_at_level(current, acknowledged)).items():
        setattr(order, name, value)
    _check_level(order, acknowledged)
    return order


def _at_level(leg: Leg, acknowledged: Order) -> Leg:
    if not isinstance(leg, (Trail, TrailLimit)) or leg.start is not None:
        return leg
    try:
        level = exact(acknowledged.trailStopPrice)
    except ValueError:
        return leg  # it has not reached one yet
    return attrs.evolve(leg, start=level)


def _check_level(order: Order, acknowledged: Order) -> None:
    """Refuse another level of a trailing stop at the same distance."""
    before = [getattr(acknowledged, name) or UNSET_DOUBLE for name in _DISTANCE]
    after = [getattr(order, name) or UNSET_DOUBLE for name in _DISTANCE]
    trails = order.orderType == acknowledged.orderType and order.orderType in _TRAILS
    if trails and before == after and order.trailStopPrice != acknowledged.trailStopPrice:
        raise PlanError(
            "start", order.trailStopPrice, "the level follows the distance: change both (10067)"
        )


def moved(leg: Leg, price: Price) -> Leg:
    """Return a leg at another price: its trigger where it has one, else its limit.

    A limit behind a trigger keeps its distance. A trailing stop has no price to move: its level
    follows from its distance, so give it another one, ``modified(order, leg=Trail(amount=4))``.

    Raises:
        PlanError: The leg has no price that could be moved.

    >>> moved(StopLimit(4980, 4979), 4990)
    StopLimit(trigger=4990, price=4989)
    """
    to = number("price", price)
    if isinstance(leg, (Limit, LimitOnClose, LimitOnOpen)):
        return attrs.evolve(leg, price=to)
    if isinstance(leg, (Stop, MarketIfTouched, AdjustableStop)):
        return attrs.evolve(leg, trigger=to)
    if isinstance(leg, (StopLimit, LimitIfTouched)):
        gap = _known(leg, leg.price) - _known(leg, leg.trigger)
        return attrs.evolve(leg, trigger=to, price=to + gap)
    raise PlanError("leg", leg, "a leg with a price of its own; a trail has a distance instead")


def _known(leg: Leg, price: Decimal | FromFill) -> Decimal:
    if isinstance(price, FromFill):
        raise PlanError("leg", leg, "a known price; this one waits for the fill")
    return price


def copy_order(order: Order) -> Order:
    """Copy an order so that nothing is shared: to keep what was acknowledged last.

    It works for `LimitOrder` and its like, which `dataclasses.replace` cannot copy
    (ib-async-traps B6); the copy is a plain `Order`.

    >>> from ib_async import LimitOrder
    >>> copy_order(LimitOrder("BUY", 1, 5000.0))
    Order(action='BUY', totalQuantity=1, orderType='LMT', lmtPrice=5000.0)
    """
    copy = Order()
    for one in dataclasses.fields(Order):
        value = getattr(order, one.name)
        setattr(copy, one.name, list(value) if isinstance(value, list) else value)
    return copy
