"""Moving orders through the gates (see `_lifecycle`) as far as they can go."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from decimal import Decimal

from ibkit.sim._engine import _conditions
from ibkit.sim._engine._arming import arm, become_adjusted
from ibkit.sim._engine._book import ADJUST, CONDITION, TRIGGER
from ibkit.sim._engine._ending import cancelled, close
from ibkit.sim._engine._expiry import opening
from ibkit.sim._engine._filling import UNKNOWN, fill
from ibkit.sim._engine._gates import gate_of, status_at, works_extended
from ibkit.sim._engine._kinds import AT_ONCE
from ibkit.sim._engine._lazy_heap import Entry
from ibkit.sim._engine._lifecycle import INACTIVE, PENDING_CANCEL, Gate
from ibkit.sim._engine._listing import relist, repeg
from ibkit.sim._engine._matching import aggress
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._predicates import is_limit_fillable
from ibkit.sim._engine._terms import TimeCondition
from ibkit.sim._engine._world import World

BEFORE_EXPIRY, AFTER_EXPIRY = 0, 2


def settle(world: World) -> None:
    """Look after every order whose gate may have opened or shut."""
    woken = world.woken
    while woken:
        progress(world, woken.pop(0))


def progress(world: World, order: Order) -> None:
    """Move an order to the first gate that is shut, unless it is on its way or held."""
    if order.gate is not Gate.FLIGHT and order.gate is not Gate.LOCATE:
        proceed(world, order)


def proceed(world: World, order: Order) -> None:
    """Move an order to the first gate that is shut."""
    while order.is_live:
        gate = gate_of(order, world.calendar, world.now)
        if gate is order.gate:
            return
        world.agenda.drop(order, "gate")
        order.gate = gate
        ENTER[gate](world, order)


def dispatch(world: World, order: Order, delay: dt.timedelta) -> None:
    """Send an accepted or modified order on its way to the exchange."""
    order.gate = Gate.FLIGHT
    relist(world, order)
    if order.terms.conditions_cancel:
        check_conditions(world, order)
    if delay:
        _later(world, order, world.now + delay)
    else:
        proceed(world, order)


def announce(world: World, order: Order) -> None:
    """Show an order whose status its gate has changed."""
    if order.step(*status_at(order, order.gate)):
        world.show(order)


# -- the gates


def _wait(world: World, order: Order) -> None:
    relist(world, order)
    announce(world, order)


def _enter_time(world: World, order: Order) -> None:
    assert order.terms.good_after is not None  # what this gate waits for
    _wait(world, order)
    _later(world, order, order.terms.good_after)


def _enter_session(world: World, order: Order) -> None:
    _wait(world, order)
    extended = works_extended(order)
    session = world.calendar.session(order.instrument, world.now, extended=extended)
    _later(world, order, session.opens)


def _enter_condition(world: World, order: Order) -> None:
    _wait(world, order)
    check_conditions(world, order)


def _enter_trigger(world: World, order: Order) -> None:
    announce(world, order)
    arm(world, order)
    if order.gate is Gate.TRIGGER and not order.triggered:
        _watch_close(world, order)


def _enter_auction(world: World, order: Order) -> None:
    _wait(world, order)
    if order.terms.tif == "OPG":
        when = opening(order, world.calendar, world.now)
        action = functools.partial(_open, world, order)
    else:
        when = world.calendar.session(order.instrument, world.now, extended=False).closes
        action = functools.partial(_close, world, order)
    world.agenda.set(order, "gate", when, action, rank=BEFORE_EXPIRY)


def _enter_market(world: World, order: Order) -> None:
    if order.terms.tif == "OPG":
        _wait(world, order)
    elif order.terms.tif in AT_ONCE:
        _try_once(world, order)
    else:
        _work(world, order)


ENTER: dict[Gate, Callable[[World, Order], None]] = {
    Gate.PARENT: _wait,
    Gate.TIME: _enter_time,
    Gate.CONDITION: _enter_condition,
    Gate.SESSION: _enter_session,
    Gate.TRIGGER: _enter_trigger,
    Gate.AUCTION: _enter_auction,
    Gate.MARKET: _enter_market,
}


# -- at the market


def _work(world: World, order: Order) -> None:
    if order.kind.pegged:
        repeg(world, order)
    takes_any_price = order.limit is None and not order.kind.pegged
    if takes_any_price:  # it may fill without ever being shown as Submitted (1.4)
        order.step(*status_at(order, order.gate))
    else:
        announce(world, order)
    got_some = (takes_any_price or order.limit is not None) and aggress(world, order)
    if not order.is_live:
        return
    if takes_any_price and not got_some:
        world.show(order)
    relist(world, order)
    _watch_close(world, order)


def _try_once(world: World, order: Order) -> None:
    fill_or_kill = order.terms.tif == "FOK"
    if fill_or_kill and world.scenario.fill_or_kill == "inactive":
        close(world, order, INACTIVE, "Inactive")
        world.show(order)
        return
    order.step(*status_at(order, order.gate))
    aggress(world, order)
    if order.is_live:
        order.step(PENDING_CANCEL)
        world.show(order)
        cancelled(world, order, notice=fill_or_kill or world.scenario.ioc_remainder_notice)


def auction(world: World, order: Order, price: Decimal | None) -> None:
    """Fill an order whole at the price of an auction, or cancel it."""
    limit, is_buy = order.limit, order.is_buy
    if price is not None and (
        limit is None or is_limit_fillable(is_buy=is_buy, limit=limit, price=price)
    ):
        fill(world, order, order.open_quantity, price, liquidity=UNKNOWN)
    if order.is_live:
        cancelled(world, order)


def _open(world: World, order: Order) -> None:
    order.triggered = True
    proceed(world, order)


def _close(world: World, order: Order) -> None:
    board = world.markets.board_of(order.instrument)
    auction(world, order, board.mark if board.last is None else board.last)


# -- what wakes an order


def _trigger(world: World, order: Order) -> None:
    order.triggered = True
    progress(world, order)


def _adjust(world: World, order: Order) -> None:
    become_adjusted(world, order)
    progress(world, order)


def check_conditions(world: World, order: Order) -> None:
    """Let an order go on, or cancel it, if its conditions hold; otherwise watch them again."""
    terms = order.terms
    if _conditions.are_met(terms.conditions, world.markets, world.now):
        if terms.conditions_cancel:
            cancelled(world, order)
            return
        order.conditions_met = True
        progress(world, order)
        return
    relist(world, order)
    coming = [
        condition.time
        for condition in terms.conditions
        if isinstance(condition, TimeCondition) and condition.time > world.now
    ]
    if coming:
        action = functools.partial(check_conditions, world, order)
        world.agenda.set(order, "condition", min(coming), action)


FIRE = {TRIGGER: _trigger, ADJUST: _adjust, CONDITION: check_conditions}


def fire(world: World, entry: Entry) -> None:
    """Do what a watch was set for."""
    FIRE[entry.purpose](world, entry.order)


# -- timers


def _later(world: World, order: Order, when: dt.datetime) -> None:
    action = functools.partial(proceed, world, order)
    world.agenda.set(order, "gate", when, action, rank=BEFORE_EXPIRY)


def _watch_close(world: World, order: Order) -> None:
    extended = works_extended(order)
    closes = world.calendar.session(order.instrument, world.now, extended=extended).closes
    if order.expires is None or order.expires > closes:
        action = functools.partial(_recheck, world, order)
        world.agenda.set(order, "gate", closes, action, rank=AFTER_EXPIRY)


def _recheck(world: World, order: Order) -> None:
    gate = order.gate
    progress(world, order)
    if order.gate is gate:
        _watch_close(world, order)
