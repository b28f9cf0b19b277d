"""What may not be changed in a live order (gateway-behaviour 1.9). It stays as it was."""

from __future__ import annotations

from ibkit.sim._engine._check import Check, Draft
from ibkit.sim._engine._kinds import Wake
from ibkit.sim._engine._lifecycle import ENDED, PENDING_CANCEL, Gate
from ibkit.sim._engine._oca import effective_type
from ibkit.sim._engine._order import Order


def _old(draft: Draft) -> Order:
    if draft.order is None:
        raise TypeError("there is nothing to modify")
    return draft.order


def _is_processing(draft: Draft) -> bool:
    order = _old(draft)
    if order.status == PENDING_CANCEL or order.pending is not None:
        return True
    return order.gate is Gate.FLIGHT


def _is_another_order(draft: Draft) -> bool:
    order, instrument = _old(draft), draft.instrument
    if instrument is None or instrument.con_id != order.con_id:
        return True
    return draft.exchange != order.exchange or draft.terms.action != order.terms.action


def _changes_type(draft: Draft) -> bool:
    order, new = _old(draft), draft.terms.order_type
    if new in {order.terms.order_type, order.sent.order_type}:
        return False
    to_market = order.terms.order_type == "LMT" and new == "MKT"
    return not (to_market and draft.scenario.modify_to_market)


def _changes_tif(draft: Draft) -> bool:
    old, new = _old(draft).terms.tif, draft.terms.tif or "DAY"
    return new != old and (old, new) != ("DAY", "IOC")


def _changes_group_type(draft: Draft) -> bool:
    old, new = _old(draft).sent, draft.terms
    if not old.oca_group or not new.oca_group:
        return False
    return effective_type(new.oca_type) != effective_type(old.oca_type)


def _changes_stop_alone(draft: Draft) -> bool:
    old, new = _old(draft), draft.terms
    if old.kind.wake is not Wake.TRAIL or new.trail_stop_price is None:
        return False
    if new.trail_stop_price in {old.sent.trail_stop_price, old.stop}:
        return False
    sent = old.sent
    return (new.aux_price, new.trailing_percent) == (sent.aux_price, sent.trailing_percent)


def _changes_account(draft: Draft) -> bool:
    return bool(draft.terms.account) and draft.terms.account != _old(draft).account


MODIFY = (
    Check(104, "Cannot modify a filled order.", lambda d: _old(d).status in ENDED),
    Check(2102, "Unable to modify this order as its still being processed.", _is_processing),
    Check(105, "Order being modified does not match original order", _is_another_order),
    Check(422, "The account of an order may not be changed.", _changes_account),
    Check(329, "Order modify failed. Cannot change to the new order type", _changes_type),
    Check(462, "Order modify failed. Cannot change to the new Time in Force", _changes_tif),
    Check(
        10341,
        "Parent order id cannot be modified",
        # left out is unchanged: clearing it is how users get a child modified (ib_insync#647)
        lambda d: d.terms.parent_id not in {0, _old(d).sent.parent_id},
    ),
    Check(
        10326,
        "OCA group revision is not allowed",
        # the same of the group (nautilus PR#2979)
        lambda d: d.terms.oca_group not in {"", _old(d).sent.oca_group},
    ),
    Check(10327, "OCA type revision is not allowed", _changes_group_type),
    Check(
        10067,
        "Stop price must be changed together with the trailing amount for a trailing order",
        _changes_stop_alone,
    ),
    Check(
        10241,
        "The order size cannot be below what is filled already.",
        lambda d: d.quantity < _old(d).filled,
    ),
)
