"""From the steps of a roll to `ib_async` contracts and orders, with ids and links."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ib_async import ComboLeg, Contract, Order

from ._exits import ExitSet
from ._plan import RollPlan
from ._roll_ref import RollKind
from ._steps import PlaceExits, SendLeg, SendSpread
from ._working import Action, write_order


def spread_contract(plan: RollPlan) -> Contract:
    """The calendar spread: who buys it buys the new month and sells the old one.

    The legs are the same for both sides of a position; a short one is rolled by selling it
    (gateway-behaviour 2.5).
    """
    legs = ((plan.old, "SELL"), (plan.new, "BUY"))
    return Contract(
        secType="BAG",
        symbol=plan.new.product.symbol,
        exchange=plan.new.exchange,
        currency=plan.new.currency,
        comboLegs=[
            ComboLeg(conId=each.con_id, ratio=1, action=action, exchange=each.exchange)
            for each, action in legs
        ],
    )


def spread_order(plan: RollPlan, step: SendSpread, order_id: int) -> Order:
    """The order in the spread."""
    return _limit(plan, plan.action, "s", step.size, step.limit, order_id)


def leg_orders(plan: RollPlan, step: SendLeg, first_id: int) -> list[Order]:
    """One leg, and as its children the exits that protect what it opens."""
    closing: Action = "SELL" if plan.is_long else "BUY"
    action: Action = closing if step.kind == "c" else plan.action
    leg = _limit(plan, action, step.kind, step.size, step.limit, first_id)
    children = list(_exits(plan, step.exits, step.size)) if step.exits else []
    for place, child in enumerate(children, start=1):
        child.orderId, child.parentId = first_id + place, first_id
        child.transmit = place == len(children)  # the last one takes the others along
    leg.transmit = not children
    return [leg, *children]


def exit_orders(plan: RollPlan, step: PlaceExits, first_id: int) -> list[Order]:
    """Exits on the new month, in an OCA group whose name tells what they were."""
    orders = list(_exits(plan, step.exits, step.size))
    for place, order in enumerate(orders):
        order.orderId = first_id + place
        order.ocaGroup = step.exits.oca(plan.new.month.code)
        order.ocaType = step.exits.oca_type
    return orders


def _exits(plan: RollPlan, exits: ExitSet, size: Decimal) -> Iterator[Order]:
    for order in exits.orders:
        whole = size if exits.is_even else order.remaining
        yield write_order(order, plan.numbers(order), whole)


def _limit(
    plan: RollPlan, action: Action, kind: RollKind, size: Decimal, limit: Decimal, order_id: int
) -> Order:
    return Order(
        orderId=order_id,
        action=action,
        totalQuantity=float(size),
        orderType="LMT",
        lmtPrice=float(limit),
        tif="DAY",
        outsideRth=True,  # a future's regular hours are a part of its day
        account=plan.account,
        orderRef=plan.trail.ref(kind),
        transmit=True,
    )
