"""New orders: checked, held or transmitted, accepted or rejected (1.1, 1.2, 8.3)."""

from __future__ import annotations

from ibkit.sim._engine import _checks, _combo, _ending
from ibkit.sim._engine._activation import dispatch, settle
from ibkit.sim._engine._check import Check, Draft, first_failure
from ibkit.sim._engine._events import Refused, WhatIfAnswered
from ibkit.sim._engine._expiring import set_expiry
from ibkit.sim._engine._family import held_family
from ibkit.sim._engine._gates import gate_of, status_at
from ibkit.sim._engine._lifecycle import PENDING_CANCEL, PRE_SUBMITTED, Gate
from ibkit.sim._engine._links import join_group, released_part
from ibkit.sim._engine._modifying import modify
from ibkit.sim._engine._notices import notices
from ibkit.sim._engine._oca import effective_type
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._rejections import banded, rejection
from ibkit.sim._engine._risk import margins, shortfall
from ibkit.sim._engine._terms import OrderKey, OrderTerms, Place
from ibkit.sim._engine._world import World
from ibkit.sim._market._instrument import Instrument


def place(world: World, command: Place) -> None:
    """Carry out a placeOrder."""
    order = world.orders.get(command.key)
    draft = draft_of(world, command, order)
    if command.terms.what_if:
        _answer_what_if(world, draft)
    elif order is None:
        _place_new(world, draft)
    elif order.gate is Gate.HELD:
        _place_held(world, draft, order)
    elif not _is_refused(world, _checks.CHANGED, draft):
        modify(world, order, command.terms)


def draft_of(world: World, command: Place, order: Order | None) -> Draft:
    """Return what the checks look at."""
    key, terms = command.key, command.terms
    parent = None
    if terms.parent_id and terms.parent_id != key.order_id:
        parent = world.orders.get(OrderKey(key.client_id, terms.parent_id))
    return Draft(
        key=key,
        exchange=command.exchange,
        terms=terms,
        instrument=world.markets.instrument(command.con_id),
        order=order,
        parent=parent,
        scenario=world.scenario,
        now=world.now,
        highest=world.identities.highest(key.client_id),
        increment=world.increment,
        is_known=lambda con_id: world.markets.instrument(con_id) is not None,
        is_regular=lambda instrument: _is_regular(world, instrument),
    )


def create(world: World, draft: Draft, instrument: Instrument) -> Order:
    """Make an order of a draft that has passed the checks."""
    world.sequence += 1
    account = draft.terms.account or world.scenario.accounts[0].name
    terms = draft.terms
    order = Order(draft.key, instrument, draft.exchange, account, terms, world.sequence)
    order.change(**filled_in(order, terms, world))
    order.placed = world.now
    order.native = draft.exchange in world.scenario.native_stop_exchanges
    return order


def filled_in(order: Order, terms: OrderTerms, world: World) -> dict[str, object]:
    """Return what the broker fills in: account, time in force, OCA type."""
    tif = terms.tif or "DAY"
    parent = order.parent
    if parent is not None and world.scenario.child_follows_parent_tif:
        tif = parent.terms.tif
    return {"account": order.account, "tif": tif, "oca_type": effective_type(terms.oca_type)}


def transmit(world: World, orders: list[Order]) -> None:
    """Send orders that belong together: all are accepted before the first can be filled."""
    for order in orders:
        accept(world, order)
    for order in orders:
        if order.gate is Gate.FLIGHT:
            dispatch(world, order, world.models.latency.submit)
    settle(world)


def accept(world: World, order: Order) -> None:
    """Take an order into the books, or reject it. An accepted one is in flight or held."""
    order.perm_id = world.identities.perm_id()
    world.orders.accept(order)
    if world.traps.rejections:
        trap = world.traps.rejections.popleft()
        _ending.rejected(world, order, trap.reason, error_first=trap.error_first)
        return
    reason = rejection(world, order)
    if reason is not None:
        _ending.rejected(world, order, reason)
        return
    order.gate = Gate.FLIGHT
    if order.parent is not None:
        order.released = released_part(world, order, order.parent)
    join_group(world, order)
    is_first = order.con_id not in world.markets.needed
    world.markets.need(order, world.now)
    if is_first:
        _imply_combo(world, order.instrument)
    set_expiry(world, order)
    for notice in notices(world, order):
        world.warn(order, notice.code, notice.text)
    _greet(world, order)


def _greet(world: World, order: Order) -> None:
    if world.traps.holds:
        world.traps.holds -= 1
        locate(world, order)
        return
    _, why_held = status_at(order, gate_of(order, world.calendar, world.now))
    order.step(PRE_SUBMITTED, why_held)
    world.show(order)
    reason = banded(world, order)
    if reason is not None:
        order.step(PENDING_CANCEL)
        world.report(order)
        _ending.cancelled(world, order, reason=reason)


def locate(world: World, order: Order) -> None:
    """Hold an order until somebody has securities to lend."""
    order.gate = Gate.LOCATE
    order.step(*status_at(order, Gate.LOCATE))
    world.warn(order, 404, "Order held while securities are located.")
    world.show(order)


def _place_new(world: World, draft: Draft) -> None:
    instrument = draft.instrument
    if _is_refused(world, _checks.NEW, draft) or instrument is None:
        return
    world.identities.use(*draft.key)
    order = create(world, draft, instrument)
    world.orders.add(order)
    if draft.parent is not None:
        _adopt_child(world, draft.parent, order)
    if draft.terms.transmit:
        _transmit_with_family(world, order)


def _place_held(world: World, draft: Draft, order: Order) -> None:
    if _is_refused(world, _checks.HELD, draft):
        return
    order.adopt(draft.terms)
    order.change(**filled_in(order, draft.terms, world))
    if draft.terms.transmit:
        _transmit_with_family(world, order)


def _adopt_child(world: World, parent: Order, child: Order) -> None:
    child.parent = parent
    parent.children.append(child)
    child.change(**filled_in(child, child.sent, world))


def _transmit_with_family(world: World, order: Order) -> None:
    transmit(world, held_family(order) if order.parent is not None else [order])


def _is_refused(world: World, checks: tuple[Check, ...], draft: Draft) -> bool:
    failure = first_failure(checks, draft)
    order, traps = draft.order, world.traps
    if failure is None and checks is _checks.NEW and traps.refusals:
        failure = traps.refusals.popleft()
    if failure is None and checks is _checks.CHANGED and traps.modifies:
        failure = traps.modifies.popleft()
    if failure is None and checks is _checks.NEW and world.scenario.direct_route == "hold":
        failure = world.routing.hold(draft)
    if failure is None:
        return False
    live = order is not None and order.is_live
    world.tell(Refused(draft.key, failure.code, failure.text, live, draft.terms.account))
    return True


def _answer_what_if(world: World, draft: Draft) -> None:
    instrument = draft.instrument
    if _is_refused(world, _checks.WHAT_IF, draft) or instrument is None:
        return
    order = create(world, draft, instrument)
    order.step(PRE_SUBMITTED)
    if order.con_id not in world.markets.needed:
        world.markets.refresh(order.con_id, world.now)
        _imply_combo(world, instrument)
    reason = shortfall(world, order)
    world.tell(WhatIfAnswered(order.view(), margins(world, order, accepted=reason is None)))
    if reason is not None:
        text = f"Order rejected - reason:{reason}"
        world.tell(Refused(order.key, 201, text, live=False, account=order.account))


def _is_regular(world: World, instrument: Instrument) -> bool:
    session = world.calendar.session(instrument, world.now, extended=False)
    return session.opens <= world.now


def _imply_combo(world: World, instrument: Instrument) -> None:
    if instrument.legs:
        _combo.imply_quote(world.markets, instrument, world.now)
        _combo.imply_last(world.markets, instrument)
