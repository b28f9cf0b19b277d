"""Numbers of an order: exact on the way in, plain on the way out."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from ibkit.errors import PlanError
from ibkit.products._grid import Price, exact

Size: TypeAlias = Decimal | float | int | str
"""A number of contracts, shares or units of the base currency."""

# TWS refuses more with 355 (gateway-behaviour 1.12).
LARGEST_SIZE = Decimal(999_999_999)


def number(field: str, value: Price) -> Decimal:
    """Make a number exact, or say which field is none."""
    try:
        return exact(value)
    except ValueError as error:
        raise PlanError(field, value, f"a finite number is needed; {error}") from None


def size(field: str, value: Size) -> Decimal:
    """Make a size exact: above zero, and not above what TWS takes."""
    amount = number(field, value)
    if not 0 < amount <= LARGEST_SIZE:
        raise PlanError(
            field, value, f"a size is above 0 and at most {LARGEST_SIZE} (IB: 160, 355)"
        )
    return amount


def plain(value: Decimal) -> str:
    """Write a number as people do: 5010, 0.25, never 5.01E+3.

    >>> plain(Decimal("5010.00")), plain(Decimal("5E-7"))
    ('5010', '0.0000005')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_float(value: Decimal) -> float:
    """Hand a price to ib_async, which keeps prices as floats."""
    return float(value)


def as_quantity(value: Decimal) -> float:
    """Hand a size to ib_async: an int when whole, so that the wire reads 3 and not 3.0."""
    whole = int(value)
    return whole if whole == value else float(value)


def base36(value: int) -> str:
    """Write a whole number in as few letters and digits as it takes.

    >>> base36(46655)
    'zzz'
    """
    digits = ""
    while value:
        value, digit = divmod(value, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"
