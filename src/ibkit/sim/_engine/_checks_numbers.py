"""Prices on the grid, sizes that can be traded (gateway-behaviour 1.12)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ibkit.sim._engine._check import Check, Draft
from ibkit.sim._engine._kinds import Wake

LARGEST = 999_999_999


def prices(draft: Draft) -> Iterator[Decimal]:
    """Yield the prices of an order that must lie on the grid; offsets and amounts need not."""
    terms, kind = draft.terms, draft.kind
    if (kind.limited or kind.pegged) and terms.limit_price is not None:
        yield terms.limit_price
    if kind.wake in {Wake.STOP, Wake.TOUCH} and terms.aux_price is not None:
        yield terms.aux_price
    if kind.wake is Wake.TRAIL and terms.trail_stop_price is not None:
        yield terms.trail_stop_price
    if terms.adjusted_type:
        for price in (terms.adjusted_trigger, terms.adjusted_stop, terms.adjusted_limit):
            if price is not None:
                yield price


def _is_off_grid(draft: Draft) -> bool:
    instrument = draft.instrument
    return instrument is not None and any(
        price % draft.increment(instrument, price) for price in prices(draft)
    )


def _is_fraction(draft: Draft) -> bool:
    instrument = draft.instrument
    if instrument is None or instrument.size_increment % 1:
        return False
    return bool(draft.quantity % 1)


def _is_odd(draft: Draft) -> bool:
    instrument = draft.instrument
    return instrument is not None and bool(draft.quantity % instrument.size_increment)


def _is_too_small(draft: Draft) -> bool:
    instrument = draft.instrument
    return instrument is not None and draft.quantity < instrument.min_size


PRICE = (
    Check(
        110,
        "The price does not conform to the minimum price variation for this contract.",
        _is_off_grid,
    ),
)
SIZE = (
    Check(
        10340,
        "The following order attribute is not supported: cashQty",
        lambda d: bool(d.terms.cash_quantity),
    ),
    Check(160, "The size value cannot be zero:", lambda d: d.quantity == 0, 321),
    Check(
        355,
        "Order size does not conform to market rule.",
        lambda d: not 0 < d.quantity <= LARGEST,
        321,
    ),
    Check(10318, "This order does not support fractional quantity trading", _is_fraction),
    Check(461, "Order size is not correct; it must be a multiple of the lot size.", _is_odd),
    Check(
        388,
        "Order size {d.terms.quantity} is smaller than the minimum required size of "
        "{d.instrument.min_size}.",
        _is_too_small,
    ),
    Check(
        10020,
        "Display Size should be positive and not greater than the order size.",
        lambda d: d.terms.display_size is not None and not 0 <= d.terms.display_size <= d.quantity,
    ),
)
