"""From the client's placeOrder to the terms that the broker understands."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from ibkit.sim import _wire as wire
from ibkit.sim._engine import Condition, OrderTerms, PriceCondition, TimeCondition
from ibkit.sim._session._texts import zone

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session

ZERO = Decimal(0)


class BadTime(ValueError):
    """A time text that TWS would not take."""


def parse_time(text: str, default_zone: str) -> dt.datetime | None:
    """A moment in one of IB's forms; ``None`` for an empty text.

    ``yyyymmdd hh:mm:ss zone``, ``yyyymmdd hh:mm:ss`` (in the login zone) and
    ``yyyymmdd-hh:mm:ss`` (UTC). Raises `BadTime` for anything else.
    """
    if not text.strip():
        return None
    name = default_zone
    if len(text) > 8 and text[8] == "-":
        moment, name = text[:8] + " " + text[9:], "UTC"
    else:
        words = text.split()
        moment, rest = " ".join(words[:2]), words[2:]
        if rest:
            name = " ".join(rest)
    try:
        naive = dt.datetime.strptime(moment, "%Y%m%d %H:%M:%S")  # noqa: DTZ007 - zone follows
        return naive.replace(tzinfo=dt.timezone.utc if name == "UTC" else zone(name))
    except (ValueError, KeyError, OSError) as error:
        raise BadTime(text) from error


def warn_without_zone(session: Session, req_id: int, *texts: str) -> None:
    """Warn of times that do not say which zone they mean (2174); they are taken all the same."""
    if any(len(text.split()) == 2 and "-" not in text for text in texts):
        session.refuse(req_id, 2174)


def times_of(request: wire.PlaceOrder) -> tuple[str, ...]:
    """The times that an order names."""
    order = request.order
    conditions = [c.time for c in order.conditions if isinstance(c, wire.TimeConditionFields)]
    return (order.good_till_date, order.good_after_time, *conditions)


def order_terms(request: wire.PlaceOrder, login_zone: str) -> OrderTerms:
    """The terms of an order. Raises `BadTime`."""
    order = request.order
    return OrderTerms(
        action=order.action,
        quantity=order.total_quantity,
        order_type=order.order_type,
        limit_price=order.lmt_price,
        aux_price=order.aux_price,
        trail_stop_price=order.trail_stop_price,
        trailing_percent=order.trailing_percent,
        limit_offset=order.lmt_price_offset,
        tif=order.tif,
        good_till=parse_time(order.good_till_date, login_zone),
        good_after=parse_time(order.good_after_time, login_zone),
        duration=order.duration,
        oca_group=order.oca_group,
        oca_type=order.oca_type or 0,
        parent_id=order.parent_id or 0,
        transmit=order.transmit,
        what_if=order.what_if,
        outside_rth=order.outside_rth,
        trigger_method=order.trigger_method or 0,
        account=order.account,
        order_ref=order.order_ref,
        all_or_none=order.all_or_none,
        min_quantity=order.min_qty,
        display_size=order.display_size,
        hidden=order.hidden,
        # the openOrder echo of an order without one says None (gateway-behaviour 1.4)
        adjusted_type=order.adjusted_order_type.replace("None", ""),
        adjusted_trigger=order.trigger_price,
        adjusted_stop=order.adjusted_stop_price,
        adjusted_limit=order.adjusted_stop_limit_price,
        adjusted_trail=order.adjusted_trailing_amount,
        adjusted_trail_unit=order.adjustable_trailing_unit or 0,
        cash_quantity=order.cash_qty,
        conditions=tuple(
            term
            for condition in order.conditions
            if (term := _condition(condition, login_zone)) is not None
        ),
        conditions_cancel=order.conditions_cancel_order,
        source=request,
    )


def _condition(condition: wire.ConditionFields, login_zone: str) -> Condition | None:
    """Price and time conditions work; others are kept in the echo and never hold an order."""
    if isinstance(condition, wire.PriceConditionFields):
        return PriceCondition(
            con_id=condition.con_id,
            exchange=condition.exch,
            is_more=condition.is_more,
            price=condition.price or ZERO,
            trigger_method=condition.trigger_method,
            conjunction=condition.conjunction,
        )
    if isinstance(condition, wire.TimeConditionFields):
        moment = parse_time(condition.time, login_zone)
        if moment is None:
            raise BadTime(condition.time)
        return TimeCondition(
            is_more=condition.is_more, time=moment, conjunction=condition.conjunction
        )
    return None
