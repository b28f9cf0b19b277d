"""What can be read from the broker: frozen values, valid at the moment of the call."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from attrs import frozen


class PositionView(NamedTuple):
    """What an account holds of one instrument. Closed today: still there, with quantity 0."""

    account: str
    con_id: int
    quantity: Decimal
    average_cost: Decimal
    """Per contract or share, in money: price times point value, opening commission included."""
    market_price: Decimal | None
    """``None`` until the instrument has been quoted or traded."""
    market_value: Decimal | None
    unrealized_pnl: Decimal | None
    realized_pnl: Decimal
    """Of today, net of commissions."""


class Pnl(NamedTuple):
    """Profit and loss of an account in its base currency."""

    daily: Decimal
    unrealized: Decimal
    realized: Decimal


class PositionPnl(NamedTuple):
    """Profit and loss of one position in the instrument's currency."""

    quantity: Decimal
    daily: Decimal | None
    unrealized: Decimal | None
    realized: Decimal
    value: Decimal | None


@frozen(kw_only=True)
class AccountFigures:
    """The money of an account, in its base currency where nothing else is said."""

    account: str
    currency: str
    cash: dict[str, Decimal]
    """Per currency."""
    total_cash: Decimal
    net_liquidation: Decimal
    """Cash, plus the value of what was paid for, plus the open variation of futures."""
    equity_with_loan: Decimal
    stock_value: Decimal
    option_value: Decimal
    futures_pnl: Decimal
    """Open variation of futures: not yet in cash."""
    gross_position_value: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    available_funds: Decimal
    excess_liquidity: Decimal
    buying_power: Decimal
    unrealized_pnl: Decimal
    realized_pnl: Decimal


@frozen(kw_only=True)
class ExecutionFilter:
    """Which executions to list; ``None`` or an empty text takes all."""

    client_id: int | None = None
    account: str = ""
    since: dt.datetime | None = None
    symbol: str = ""
    sec_type: str = ""
    exchange: str = ""
    side: str = ""
    """``BUY`` or ``SELL``, as the request writes it."""
