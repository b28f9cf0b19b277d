"""Modifications that have passed the checks (gateway-behaviour 1.9)."""

from __future__ import annotations

import datetime as dt
import functools
from decimal import Decimal

from attrs import evolve

from ibkit.sim._engine import _ending
from ibkit.sim._engine._activation import dispatch, settle
from ibkit.sim._engine._expiring import set_expiry
from ibkit.sim._engine._kinds import Wake
from ibkit.sim._engine._lifecycle import FILLED, PENDING_CANCEL, PRE_SUBMITTED, Gate
from ibkit.sim._engine._links import released_part
from ibkit.sim._engine._listing import trail_of
from ibkit.sim._engine._matching import become_limit
from ibkit.sim._engine._oca import effective_type
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._terms import OrderTerms
from ibkit.sim._engine._world import World

NO_DELAY = dt.timedelta(0)
ZERO = Decimal(0)


def modify(world: World, order: Order, terms: OrderTerms) -> None:
    """Change a live order, or revive a rejected one. The exchange learns of it after a while.

    A modification that is not transmitted stays in the gateway and changes nothing.
    """
    if not terms.transmit:
        return
    delay = world.models.latency.submit
    if delay and order.is_live:
        order.pending = terms
        action = functools.partial(_arrive, world, order, terms)
        world.agenda.set(order, "modify", world.now + delay, action)
    else:
        _change(world, order, terms)
    settle(world)


def _arrive(world: World, order: Order, terms: OrderTerms) -> None:
    order.pending = None
    if order.status == PENDING_CANCEL:  # the cancel overtook it
        world.warn(order, 2102, "Unable to modify this order as its still being processed.")
    elif (terms.quantity or ZERO) < order.filled:  # filled meanwhile
        world.warn(order, 104, "Cannot modify a filled order.")
    else:
        _change(world, order, terms)


def _change(world: World, order: Order, terms: OrderTerms) -> None:
    _take_back(world, order)
    _adopt(order, terms)
    if order.parent is not None and order.released is not None:
        order.released = released_part(world, order, order.parent)
    world.markets.need(order, world.now)
    if not order.remaining:
        _ending.close(world, order, FILLED, f"Filled Size: {order.filled}")
        world.show(order)
        return
    set_expiry(world, order)
    order.step(PRE_SUBMITTED, order.why_held)
    world.show(order)
    dispatch(world, order, NO_DELAY)


def _take_back(world: World, order: Order) -> None:
    if order.is_live:
        world.markets.release(order)
    else:
        world.orders.revive(order)
    world.agenda.drop(order, "gate")
    order.gate = Gate.FLIGHT


def _adopt(order: Order, terms: OrderTerms) -> None:
    kept, before, stop, best, limit = (
        order.terms,
        order.sent,
        order.stop,
        order.best,
        order.limit,
    )
    order.adopt(
        evolve(  # left out is unchanged
            terms,
            parent_id=before.parent_id,
            oca_group=before.oca_group,
            oca_type=terms.oca_type or before.oca_type,
        )
    )
    order.change(
        account=order.account,
        tif=terms.tif or "DAY",
        oca_group=kept.oca_group,
        oca_type=kept.oca_type if kept.oca_group else effective_type(terms.oca_type),
    )
    if order.kind.wake is Wake.TRAIL and terms.trail_stop_price == before.trail_stop_price:
        _keep_trail(order, before, stop, best)
    if terms.order_type == "MTL" and kept.order_type == "LMT":  # it has become one already
        become_limit(order, terms.limit_price or limit or ZERO)


def _keep_trail(
    order: Order, before: OrderTerms, stop: Decimal | None, best: Decimal | None
) -> None:
    terms, trail = order.terms, trail_of(order)
    order.stop, order.best = stop, best
    distance = (terms.aux_price, terms.trailing_percent)
    if best is not None and distance != (before.aux_price, before.trailing_percent):
        order.stop = trail.stop(best)
    if order.kind.limited and order.stop is not None and order.offset is not None:
        order.limit = trail.limit(order.stop, order.offset)
