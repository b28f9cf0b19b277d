"""What a fill leaves of the other members of a group (gateway-behaviour 1.6)."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal

CANCEL_WITH_BLOCK, REDUCE_WITH_BLOCK, REDUCE = 1, 2, 3
ZERO = Decimal(0)
ROUNDINGS = {"floor": ROUND_FLOOR, "nearest": ROUND_HALF_UP}


def effective_type(oca_type: int) -> int:
    """Return the type that works: unset is 3."""
    return oca_type or REDUCE


def has_block(oca_type: int) -> bool:
    """Tell whether the group is protected against overfills: one order works at a time."""
    return effective_type(oca_type) in {CANCEL_WITH_BLOCK, REDUCE_WITH_BLOCK}


def reduced(
    remaining: Decimal,
    *,
    fill: Decimal,
    before: Decimal,
    oca_type: int,
    increment: Decimal,
    rounding: Literal["floor", "nearest"],
) -> Decimal:
    """Return what remains of a sibling after a fill; 0 cancels it.

    Types 2 and 3 cut it by the share of the filling order that was done: *fill* of *before*.
    Type 1 cancels it on any fill. How IB rounds is not known (U).

    >>> reduced(Decimal(5), fill=Decimal(1), before=Decimal(2), oca_type=3,
    ...     increment=Decimal(1), rounding="floor")
    Decimal('2')
    """
    if effective_type(oca_type) == CANCEL_WITH_BLOCK or fill >= before:
        return ZERO
    left = remaining * (before - fill) / before
    return (left / increment).to_integral_value(rounding=ROUNDINGS[rounding]) * increment
