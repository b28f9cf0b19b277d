"""What ib_async holds of positions, portfolio and account values, as sources of changes."""

from __future__ import annotations

from ib_async import IB, AccountValue, PortfolioItem, Position

from ._announcer import Source
from ._holdings import Holding, PortfolioRow, holding, portfolio_row
from ._money import AccountRow, account_row


def place_of(held: Position | PortfolioItem) -> tuple[str, int]:
    """The account and the conId."""
    return held.account, held.contract.conId


def positions_of(ib: IB) -> Source[Position, int, Holding]:
    """Positions of all accounts by conId."""
    return Source(
        event=ib.positionEvent,
        held=ib.positions,
        key=place_of,
        value=holding,
        is_gone=lambda told: not told.position,
    )


def portfolio_of(ib: IB) -> Source[PortfolioItem, int, PortfolioRow]:
    """The portfolio of all accounts that TWS tells of, by conId."""
    return Source(
        event=ib.updatePortfolioEvent,
        held=ib.portfolio,
        key=place_of,
        value=portfolio_row,
        is_gone=lambda told: not told.position,
    )


def account_values_of(ib: IB) -> Source[AccountValue, tuple[str, str], AccountRow]:
    """Account values by tag and currency; those of a part of an account are left out."""
    return Source(
        event=ib.accountValueEvent,
        held=ib.accountValues,
        key=lambda told: None if told.modelCode else (told.account, (told.tag, told.currency)),
        value=account_row,
    )
