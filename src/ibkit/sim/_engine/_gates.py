"""At which gate an order stands, and what it is called there."""

from __future__ import annotations

import datetime as dt

from ibkit.sim._engine._calendar import ROUND_THE_CLOCK, Calendar
from ibkit.sim._engine._lifecycle import INACTIVE, PENDING_CANCEL, PRE_SUBMITTED, SUBMITTED, Gate
from ibkit.sim._engine._order import Order


def gate_of(order: Order, calendar: Calendar, now: dt.datetime) -> Gate:
    """Return the first gate that is shut for a live order that has reached IB."""
    terms = order.terms
    if order.released is not None and order.open_quantity <= 0:
        return Gate.PARENT
    if terms.good_after is not None and now < terms.good_after:
        return Gate.TIME
    if terms.conditions and not terms.conditions_cancel and not order.conditions_met:
        return Gate.CONDITION
    if terms.tif == "OPG" and not order.triggered:
        return Gate.AUCTION
    if not is_open(order, calendar, now):
        return Gate.SESSION
    if order.awaits_trigger:
        return Gate.TRIGGER
    return Gate.AUCTION if order.kind.at_close else Gate.MARKET


def is_open(order: Order, calendar: Calendar, now: dt.datetime) -> bool:
    """Tell whether an order may work, or its trigger be reached, at this hour."""
    return calendar.session(order.instrument, now, extended=works_extended(order)).opens <= now


def works_extended(order: Order) -> bool:
    """Tell whether an order works in all trading hours, not only the regular ones.

    Without `outside_rth` a simulated stop triggers in regular hours only, on futures too (1.7).
    """
    if order.terms.outside_rth:
        return True
    if order.awaits_trigger and not order.native:
        return False
    return order.instrument.sec_type in ROUND_THE_CLOCK and not order.kind.at_close


def status_at(order: Order, gate: Gate) -> tuple[str, str]:
    """Return the status and ``whyHeld`` of an order at a gate."""
    if order.status == PENDING_CANCEL:
        return PENDING_CANCEL, order.why_held
    if gate is Gate.LOCATE:
        return INACTIVE, "locate"
    if gate is Gate.MARKET or (gate is Gate.TRIGGER and order.native):
        return SUBMITTED, ""
    return PRE_SUBMITTED, _why_held(order, gate)


def _why_held(order: Order, gate: Gate) -> str:
    trigger = order.awaits_trigger and not order.native
    if gate is Gate.PARENT:
        return "child,trigger" if trigger else "child"
    return "trigger" if trigger else ""
