"""The comparisons on which every fill and every trigger rests."""

from __future__ import annotations

from decimal import Decimal

from ibkit.sim._engine._kinds import Wake


def is_limit_fillable(*, is_buy: bool, limit: Decimal, price: Decimal) -> bool:
    """Tell whether *price* is at the limit or better.

    >>> is_limit_fillable(is_buy=True, limit=Decimal(100), price=Decimal(100))
    True
    """
    return price <= limit if is_buy else price >= limit


def is_reached(*, rising: bool, level: Decimal, price: Decimal) -> bool:
    """Tell whether *price* has come to a level from below, or from above."""
    return price >= level if rising else price <= level


def fires_rising(wake: Wake, *, is_buy: bool) -> bool:
    """Tell whether the trigger of an order is reached from below."""
    return is_buy is not (wake is Wake.TOUCH)


def better_of(*, is_buy: bool, one: Decimal, other: Decimal) -> Decimal:
    """Return the price that is better for the order."""
    return min(one, other) if is_buy else max(one, other)


def worse_of(*, is_buy: bool, one: Decimal, other: Decimal) -> Decimal:
    """Return the price that is worse for the order."""
    return max(one, other) if is_buy else min(one, other)
