"""Adjustable stops: what a STP becomes when its adjustment price is reached (1.7, C)."""

from __future__ import annotations

from ibkit.sim._engine._kinds import KINDS, Wake
from ibkit.sim._engine._order import Order

AMOUNT = 0


def adjust(order: Order) -> None:
    """Turn a stop into its adjusted type, with the adjusted prices."""
    terms = order.terms
    order.adjusted = True
    order.kind = KINDS[terms.adjusted_type]
    order.change(order_type=terms.adjusted_type)
    if order.kind.wake is Wake.TRAIL:
        in_percent = terms.adjusted_trail_unit != AMOUNT
        order.change(
            aux_price=None if in_percent else terms.adjusted_trail,
            trailing_percent=terms.adjusted_trail if in_percent else None,
            trail_stop_price=terms.adjusted_stop,
        )
    else:
        order.change(aux_price=terms.adjusted_stop)
    order.stop, order.best = terms.adjusted_stop or order.stop, None
    if order.kind.limited:
        order.change(limit_price=terms.adjusted_limit)
        order.limit = terms.adjusted_limit
