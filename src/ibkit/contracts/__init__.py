"""Futures contracts: the right month, when to leave it, and how a position moves to the next.

Chains, roll rules, schedules and plans are pure values: they read no clock and ask no gateway.
What the facts of a product are stands in `ibkit.products`, whose names are handed on here.

    >>> import datetime as dt
    >>> from ibkit.contracts import product, roll_schedule
    >>> schedule = roll_schedule(product("CL"), dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    >>> [(str(roll.day), str(roll.to)) for roll in schedule.rolls]
    [('2026-01-12', 'CLH6'), ('2026-02-12', 'CLJ6'), ('2026-03-13', 'CLK6')]
"""

from __future__ import annotations

from ibkit.errors import (
    AmbiguousContract as AmbiguousContract,
    ChainExhausted as ChainExhausted,
    NotTradable as NotTradable,
    RollRefused as RollRefused,
    RollStuck as RollStuck,
    UnknownContract as UnknownContract,
)
from ibkit.products import (
    PRODUCTS as PRODUCTS,
    Calendar as Calendar,
    CloseOut as CloseOut,
    ContractMonth as ContractMonth,
    HolidayCalendar as HolidayCalendar,
    PriceGrid as PriceGrid,
    Product as Product,
    Products as Products,
    Weekdays as Weekdays,
    product as product,
    sessions_calendar as sessions_calendar,
)

from ._activity import Activity as Activity
from ._ask import Query as Query
from ._chain import FuturesChain as FuturesChain
from ._crossover import (
    OpenInterestCrossover as OpenInterestCrossover,
    VolumeCrossover as VolumeCrossover,
)
from ._exits import ExitSet as ExitSet
from ._listing import Listing as Listing
from ._market import SpreadMarket as SpreadMarket, Touch as Touch, TwoSided as TwoSided
from ._outcome import RollAlert as RollAlert, RollResult as RollResult
from ._plan import RollPlan as RollPlan, plan_roll as plan_roll
from ._ports import (
    MarketStream as MarketStream,
    PlacesOrders as PlacesOrders,
    RollsOrders as RollsOrders,
    TellsMarkets as TellsMarkets,
)
from ._resolution import (
    ContinuousReplaced as ContinuousReplaced,
    ExchangeCorrected as ExchangeCorrected,
    Resolution as Resolution,
)
from ._resolver import FuturesResolver as FuturesResolver
from ._roll_ref import RollTrail as RollTrail
from ._roll_rules import (
    BeforeFirstNotice as BeforeFirstNotice,
    BeforeLastTrade as BeforeLastTrade,
    DayOfMonth as DayOfMonth,
    Earliest as Earliest,
    RollQuestion as RollQuestion,
    RollRule as RollRule,
    default_rule as default_rule,
)
from ._roller import FuturesRoller as FuturesRoller
from ._schedule import (
    Roll as Roll,
    RollPeriod as RollPeriod,
    RollSchedule as RollSchedule,
    roll_schedule as roll_schedule,
)
from ._stages import RollStage as RollStage
from ._ways import CalendarSpread as CalendarSpread, TwoLegs as TwoLegs
from ._working import WorkingOrder as WorkingOrder

__all__ = [
    "PRODUCTS",
    "Activity",
    "AmbiguousContract",
    "BeforeFirstNotice",
    "BeforeLastTrade",
    "Calendar",
    "CalendarSpread",
    "ChainExhausted",
    "CloseOut",
    "ContinuousReplaced",
    "ContractMonth",
    "DayOfMonth",
    "Earliest",
    "ExchangeCorrected",
    "ExitSet",
    "FuturesChain",
    "FuturesResolver",
    "FuturesRoller",
    "HolidayCalendar",
    "Listing",
    "MarketStream",
    "NotTradable",
    "OpenInterestCrossover",
    "PlacesOrders",
    "PriceGrid",
    "Product",
    "Products",
    "Query",
    "Resolution",
    "Roll",
    "RollAlert",
    "RollPeriod",
    "RollPlan",
    "RollQuestion",
    "RollRefused",
    "RollResult",
    "RollRule",
    "RollSchedule",
    "RollStage",
    "RollStuck",
    "RollTrail",
    "RollsOrders",
    "SpreadMarket",
    "TellsMarkets",
    "Touch",
    "TwoLegs",
    "TwoSided",
    "UnknownContract",
    "VolumeCrossover",
    "Weekdays",
    "WorkingOrder",
    "default_rule",
    "plan_roll",
    "product",
    "roll_schedule",
    "sessions_calendar",
]
