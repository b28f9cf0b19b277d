"""Conditions of an order: price and time, joined from left to right by and / or."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ibkit.sim._engine._markets import Markets
from ibkit.sim._engine._predicates import is_reached
from ibkit.sim._engine._terms import Condition, PriceCondition
from ibkit.sim._engine._trigger_methods import Source, sources


def are_met(conditions: Sequence[Condition], markets: Markets, now: dt.datetime) -> bool:
    """Tell whether all of it holds at this moment.

    Each condition's `conjunction` joins what stands before it, itself included, with the next.
    """
    result, joined_by = True, "a"
    for condition in conditions:
        holds = is_met(condition, markets, now)
        result = (result and holds) if joined_by == "a" else (result or holds)
        joined_by = condition.conjunction
    return result


def is_met(condition: Condition, markets: Markets, now: dt.datetime) -> bool:
    """Tell whether one condition holds. A price that nobody has seen is on no side."""
    if not isinstance(condition, PriceCondition):
        return now >= condition.time if condition.is_more else now < condition.time
    board = markets.board(condition.con_id)
    if board is None:
        return False
    rising = condition.is_more
    seen = [board.seen(source, rising=rising) for source in watched(condition, markets)]
    return any(
        is_reached(rising=rising, level=condition.price, price=price)
        for price in seen
        if price is not None
    )


def watched(condition: PriceCondition, markets: Markets) -> tuple[Source, ...]:
    """Return the prices that a condition watches."""
    instrument = markets.instrument(condition.con_id)
    if instrument is None:
        return ()
    return sources(
        condition.trigger_method,
        instrument.sec_type,
        instrument.currency,
        is_buy=condition.is_more,
    )
