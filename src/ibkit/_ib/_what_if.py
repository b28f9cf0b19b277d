"""The margin preview of an order: what TWS answers to a what-if, and how to wait for it.

ib_async ends a what-if only when the margin change is a number, and breaks on an empty one
(wrapper.py 682-686; traps B18).
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal, InvalidOperation
from typing import final

from attrs import define, frozen
from ib_async import Order, OrderState


@frozen(kw_only=True)
class WhatIf:
    """
    What an order would do to the account.

    Amounts are in the base currency of the account, the commission in its own;
    None is "TWS gave no number".
    """

    init_margin_before: Decimal | None
    init_margin_change: Decimal | None
    init_margin_after: Decimal | None
    maintenance_margin_before: Decimal | None
    maintenance_margin_change: Decimal | None
    maintenance_margin_after: Decimal | None
    equity_before: Decimal | None
    """Equity with loan value."""
    equity_change: Decimal | None
    equity_after: Decimal | None
    commission: Decimal | None
    min_commission: Decimal | None
    max_commission: Decimal | None
    commission_currency: str
    warning: str
    rejection: str = ""
    """Why TWS would reject the order, if it would."""


def amount(value: object) -> Decimal | None:
    """
    Read a number of TWS; an unset one is 1.797e308 or empty.

    >>> amount("12855.55"), amount("1.7976931348623157E308"), amount("")
    (Decimal('12855.55'), None, None)
    """
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal("1e300") else None


def read_state(state: OrderState, rejection: str = "") -> WhatIf:
    """Make a preview of what TWS sent."""
    return WhatIf(
        init_margin_before=amount(state.initMarginBefore),
        init_margin_change=amount(state.initMarginChange),
        init_margin_after=amount(state.initMarginAfter),
        maintenance_margin_before=amount(state.maintMarginBefore),
        maintenance_margin_change=amount(state.maintMarginChange),
        maintenance_margin_after=amount(state.maintMarginAfter),
        equity_before=amount(state.equityWithLoanBefore),
        equity_change=amount(state.equityWithLoanChange),
        equity_after=amount(state.equityWithLoanAfter),
        commission=amount(state.commission),
        min_commission=amount(state.minCommission),
        max_commission=amount(state.maxCommission),
        commission_currency=state.commissionCurrency,
        warning=state.warningText,
        rejection=rejection,
    )


def is_whole(state: OrderState) -> bool:
    """
    Whether nothing more is to be expected.

    Without a commission a 201 follows that says why (gateway-behaviour 1.11); without a margin
    TWS may send a second state.
    """
    commissions = (state.commission, state.minCommission, state.maxCommission)
    return amount(state.initMarginChange) is not None and any(
        amount(value) is not None for value in commissions
    )


def what_if_order(order: Order) -> Order:
    """
    Copy an order for a preview; *order* stays as it is.

    A parent id would be refused, and transmit must be set (gateway-behaviour 1.2, 1.11).
    """
    fields = {f.name: getattr(order, f.name) for f in dataclasses.fields(Order)}
    fields |= {"whatIf": True, "transmit": True, "parentId": 0, "orderId": 0, "permId": 0}
    return Order(**fields)


@final
@define(eq=False)
class Preview:
    """One what-if under way."""

    order_id: int = 0
    state: OrderState | None = None
    """The last that TWS sent."""

    def saw(self, state: OrderState) -> bool:
        """Take a state. True when nothing more is to be expected."""
        self.state = state
        return is_whole(state)
