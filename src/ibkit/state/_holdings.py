"""Positions and portfolio as values."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen
from ib_async import Contract, PortfolioItem, Position

from ._fill import exact, known
from ._tables import Row


@frozen(kw_only=True)
class Holding:
    """What an account holds of one contract."""

    account: str
    contract: Contract
    """As TWS gives it: without an exchange, so that it cannot be ordered, until
    `Positions.contract_async` was asked for it (traps B17)."""
    size: Decimal
    """In contracts or shares; negative when short."""
    average_cost: Decimal
    """Money per contract or share: price times multiplier, opening commission included."""

    @property
    def position(self) -> Decimal:
        """`size`, by the name that ib_async gives it."""
        return self.size


@frozen(kw_only=True)
class PortfolioRow:
    """A holding with what it is worth, as TWS reckons every three minutes and on a trade."""

    account: str
    contract: Contract
    size: Decimal
    average_cost: Decimal
    market_price: Decimal | None
    market_value: Decimal | None
    unrealized_pnl: Decimal | None
    realized_pnl: Decimal | None

    @property
    def position(self) -> Decimal:
        """`size`, by the name that ib_async gives it."""
        return self.size


def holding(position: Position, contract: Contract | None = None) -> Holding:
    """A position of ib_async as a value."""
    return Holding(
        account=position.account,
        contract=contract or position.contract,
        size=exact(position.position),
        average_cost=exact(position.avgCost),
    )


def portfolio_row(item: PortfolioItem, contract: Contract | None = None) -> PortfolioRow:
    """A portfolio item of ib_async as a value."""
    return PortfolioRow(
        account=item.account,
        contract=contract or item.contract,
        size=exact(item.position),
        average_cost=exact(item.averageCost),
        market_price=known(item.marketPrice),
        market_value=known(item.marketValue),
        unrealized_pnl=known(item.unrealizedPNL),
        realized_pnl=known(item.realizedPNL),
    )


def holding_row(held: Holding) -> Row:
    """A line of the positions table."""
    return {
        "contract": held.contract.localSymbol or held.contract.symbol,
        "size": held.size,
        "average cost": held.average_cost,
        "account": held.account,
    }


def portfolio_table_row(row: PortfolioRow) -> Row:
    """A line of the portfolio table."""
    return {
        "contract": row.contract.localSymbol or row.contract.symbol,
        "size": row.size,
        "price": row.market_price,
        "value": row.market_value,
        "unrealized": row.unrealized_pnl,
        "realized": row.realized_pnl,
        "account": row.account,
    }
