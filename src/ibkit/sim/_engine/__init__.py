"""The exchange and the broker. Pure: commands and ticks in, events out, time an argument."""

from __future__ import annotations

from ibkit.sim._engine._broker import Broker as Broker
from ibkit.sim._engine._events import (
    Commissioned as Commissioned,
    Event as Event,
    Executed as Executed,
    Fill as Fill,
    Margins as Margins,
    OrderBound as OrderBound,
    OrderShown as OrderShown,
    OrderView as OrderView,
    PositionChanged as PositionChanged,
    Refused as Refused,
    StatusReported as StatusReported,
    WhatIfAnswered as WhatIfAnswered,
)
from ibkit.sim._engine._fees import (
    CommissionModel as CommissionModel,
    FixedCommission as FixedCommission,
)
from ibkit.sim._engine._fill_models import (
    FillModel as FillModel,
    FullFill as FullFill,
    LotFill as LotFill,
    NoSlippage as NoSlippage,
    SlippageModel as SlippageModel,
    TickSlippage as TickSlippage,
    TouchFill as TouchFill,
)
from ibkit.sim._engine._hours import (
    AlwaysOpen as AlwaysOpen,
    Hours as Hours,
    Session as Session,
)
from ibkit.sim._engine._latency import Latency as Latency
from ibkit.sim._engine._margin import (
    Holding as Holding,
    MarginModel as MarginModel,
    Requirement as Requirement,
    ShareMargin as ShareMargin,
)
from ibkit.sim._engine._models import Models as Models
from ibkit.sim._engine._operator import Operator as Operator
from ibkit.sim._engine._rates import FixedRates as FixedRates, Rates as Rates
from ibkit.sim._engine._terms import (
    Cancel as Cancel,
    CancelAll as CancelAll,
    Command as Command,
    Condition as Condition,
    OrderKey as OrderKey,
    OrderTerms as OrderTerms,
    Place as Place,
    PriceCondition as PriceCondition,
    TimeCondition as TimeCondition,
)
from ibkit.sim._engine._views import (
    AccountFigures as AccountFigures,
    ExecutionFilter as ExecutionFilter,
    Pnl as Pnl,
    PositionPnl as PositionPnl,
    PositionView as PositionView,
)

__all__ = [
    "AccountFigures",
    "AlwaysOpen",
    "Broker",
    "Cancel",
    "CancelAll",
    "Command",
    "CommissionModel",
    "Commissioned",
    "Condition",
    "Event",
    "Executed",
    "ExecutionFilter",
    "Fill",
    "FillModel",
    "FixedCommission",
    "FixedRates",
    "FullFill",
    "Holding",
    "Hours",
    "Latency",
    "LotFill",
    "MarginModel",
    "Margins",
    "Models",
    "NoSlippage",
    "Operator",
    "OrderBound",
    "OrderKey",
    "OrderShown",
    "OrderTerms",
    "OrderView",
    "Place",
    "Pnl",
    "PositionChanged",
    "PositionPnl",
    "PositionView",
    "PriceCondition",
    "Rates",
    "Refused",
    "Requirement",
    "Session",
    "ShareMargin",
    "SlippageModel",
    "StatusReported",
    "TickSlippage",
    "TimeCondition",
    "TouchFill",
    "WhatIfAnswered",
]
