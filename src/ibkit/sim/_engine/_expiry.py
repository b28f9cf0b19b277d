"""When an order ends by itself (gateway-behaviour 1.4 notes, 1.8)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from ibkit.sim._engine._calendar import ROUND_THE_CLOCK, Calendar
from ibkit.sim._engine._order import Order

NEW_YORK = ZoneInfo("US/Eastern")


def expires(order: Order, calendar: Calendar, now: dt.datetime) -> dt.datetime:
    """Return when an order that is placed or modified at *now* is cancelled."""
    terms = order.terms
    if terms.tif == "GTC":
        return quarter_end(now)
    if terms.tif == "GTD":
        if terms.good_till is not None:
            return terms.good_till
        return now + dt.timedelta(seconds=terms.duration or 0)
    start = now if terms.good_after is None else max(now, terms.good_after)
    if terms.tif == "OPG":
        start = opening(order, calendar, now)
    if terms.outside_rth or order.instrument.sec_type in ROUND_THE_CLOCK:
        return calendar.day_end(order.instrument, start)
    return calendar.session(order.instrument, start, extended=False).closes


def opening(order: Order, calendar: Calendar, now: dt.datetime) -> dt.datetime:
    """Return the next opening of regular trading after *now*."""
    session = calendar.session(order.instrument, now, extended=False)
    if session.opens > now:
        return session.opens
    return calendar.session(order.instrument, session.closes, extended=False).opens


def quarter_end(now: dt.datetime) -> dt.datetime:
    """Return when IB cancels a GTC order: as the quarter after the present one ends.

    >>> quarter_end(dt.datetime(2026, 5, 4, tzinfo=dt.timezone.utc)).isoformat()
    '2026-10-01T04:00:00+00:00'
    """
    today = now.astimezone(NEW_YORK)
    months = (today.month - 1) // 3 * 3 + 6
    first = dt.datetime(today.year + months // 12, months % 12 + 1, 1, tzinfo=NEW_YORK)
    return first.astimezone(dt.timezone.utc)
