"""Positions, orders, fills and money as they are now, or the honesty to say unknown."""

from ._fill import FillChange as FillChange, TrueFill as TrueFill
from ._freshness import Freshness as Freshness, Level as Level
from ._holdings import Holding as Holding, PortfolioRow as PortfolioRow
from ._ledger import OrderLedger as OrderLedger
from ._live import LiveState as LiveState
from ._money import AccountRow as AccountRow, Money as Money
from ._order import (
    OrderChange as OrderChange,
    Owner as Owner,
    Phase as Phase,
    TrueOrder as TrueOrder,
)
from ._pnl import Figures as Figures, ProfitAndLoss as ProfitAndLoss
from ._reconcile import Differences as Differences, PositionDifference as PositionDifference
from ._snapshot import Difference as Difference, Snapshot as Snapshot, diff as diff
from ._view import (
    Added as Added,
    Changed as Changed,
    Removed as Removed,
    View as View,
    ViewChange as ViewChange,
)
from ._views import (
    AccountView as AccountView,
    Fills as Fills,
    Orders as Orders,
    Portfolio as Portfolio,
    Positions as Positions,
)

__all__ = [
    "AccountRow",
    "AccountView",
    "Added",
    "Changed",
    "Difference",
    "Differences",
    "Figures",
    "FillChange",
    "Fills",
    "Freshness",
    "Holding",
    "Level",
    "LiveState",
    "Money",
    "OrderChange",
    "OrderLedger",
    "Orders",
    "Owner",
    "Phase",
    "Portfolio",
    "PortfolioRow",
    "PositionDifference",
    "Positions",
    "ProfitAndLoss",
    "Removed",
    "Snapshot",
    "TrueFill",
    "TrueOrder",
    "View",
    "ViewChange",
    "diff",
]
