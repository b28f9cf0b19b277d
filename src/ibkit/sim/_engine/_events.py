"""What the broker says: frozen events in the order in which TWS would send them.

The session turns each into exactly one message, so their sequence *is* the message sequence.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from attrs import frozen

from ibkit.sim._engine._terms import OrderKey, OrderTerms


class OrderView(NamedTuple):
    """A frozen picture of one order."""

    key: OrderKey
    perm_id: int
    con_id: int
    exchange: str
    account: str
    terms: OrderTerms
    """As accepted: with the group, the OCA type and the trailing stop that the broker filled in."""
    status: str
    filled: Decimal
    remaining: Decimal
    average_price: Decimal
    last_price: Decimal
    why_held: str
    parent_perm_id: int
    warning: str
    commission: Decimal | None
    commission_currency: str
    completed_time: dt.datetime | None
    completed_status: str
    expires: dt.datetime | None = None
    """When the broker will cancel it: end of day, good-till date, or the quarter's end of a GTC."""
    working: Decimal = Decimal(0)
    """How much of it may be filled once price and time allow: a child works for what its parent
    has been filled (gateway-behaviour 1.5)."""


class Fill(NamedTuple):
    """One execution. `exec_id` ends in a correction number: ``.01``, then ``.02`` corrects it."""

    exec_id: str
    time: dt.datetime
    key: OrderKey
    perm_id: int
    con_id: int
    account: str
    exchange: str
    side: str
    """``BOT`` or ``SLD``."""
    quantity: Decimal
    price: Decimal
    cumulative: Decimal
    average_price: Decimal
    order_ref: str
    liquidity: int
    """1 added, 2 removed, 0 unknown."""
    commission: Decimal
    commission_currency: str
    realized_pnl: Decimal | None
    """``None`` for a trade that opens."""


@frozen
class OrderShown:
    """openOrder."""

    order: OrderView


@frozen
class StatusReported:
    """orderStatus."""

    order: OrderView


@frozen
class Executed:
    """execDetails."""

    fill: Fill
    order: OrderView


@frozen
class Commissioned:
    """commissionReport."""

    fill: Fill
    order: OrderView


@frozen
class Refused:
    """error, tagged with an order id. `live` tells whether an order of that key still lives."""

    key: OrderKey
    code: int
    text: str
    live: bool
    account: str = ""


@frozen(kw_only=True)
class Margins:
    """What a what-if order would change."""

    initial_before: Decimal
    initial_change: Decimal
    maintenance_before: Decimal
    maintenance_change: Decimal
    equity_before: Decimal
    equity_change: Decimal
    commission: Decimal | None
    commission_currency: str


@frozen
class WhatIfAnswered:
    """openOrder with margin figures; no order exists."""

    order: OrderView
    margins: Margins


@frozen
class PositionChanged:
    """A position of an account moved."""

    account: str
    con_id: int


@frozen
class OrderBound:
    """A manual order was bound to an API client and id."""

    perm_id: int
    key: OrderKey


Event = (
    OrderShown
    | StatusReported
    | Executed
    | Commissioned
    | Refused
    | WhatIfAnswered
    | PositionChanged
    | OrderBound
)
