"""A simulated TWS / IB Gateway that speaks the real socket protocol."""

from ibkit.sim._engine import (
    AccountFigures as AccountFigures,
    CommissionModel as CommissionModel,
    Fill as Fill,
    FillModel as FillModel,
    FixedCommission as FixedCommission,
    FixedRates as FixedRates,
    FullFill as FullFill,
    Holding as Holding,
    Latency as Latency,
    LotFill as LotFill,
    MarginModel as MarginModel,
    Models as Models,
    NoSlippage as NoSlippage,
    OrderTerms as OrderTerms,
    OrderView as OrderView,
    PositionView as PositionView,
    Rates as Rates,
    Requirement as Requirement,
    ShareMargin as ShareMargin,
    SlippageModel as SlippageModel,
    TickSlippage as TickSlippage,
    TouchFill as TouchFill,
)
from ibkit.sim._fault_desk import FaultDesk as FaultDesk
from ibkit.sim._gateway import SimGateway as SimGateway
from ibkit.sim._market import (
    Instrument as Instrument,
    Leg as Leg,
    MarketTick as MarketTick,
    Quote as Quote,
    Trade as Trade,
)
from ibkit.sim._scenario import Account as Account, Limits as Limits, Scenario as Scenario
from ibkit.sim._scenario_file import (
    ScenarioFile as ScenarioFile,
    ScenarioFileError as ScenarioFileError,
    read_scenario_file as read_scenario_file,
)
from ibkit.sim._schedule import At as At, random_schedule as random_schedule
from ibkit.sim._script import MarketScript as MarketScript
from ibkit.sim._transcript import TranscriptError as TranscriptError
from ibkit.sim._transcript_gateway import TranscriptGateway as TranscriptGateway
from ibkit.sim._transcript_recorder import TranscriptRecorder as TranscriptRecorder
from ibkit.sim._truth import Subscription as Subscription, Truth as Truth

__all__ = [
    "Account",
    "AccountFigures",
    "At",
    "CommissionModel",
    "FaultDesk",
    "Fill",
    "FillModel",
    "FixedCommission",
    "FixedRates",
    "FullFill",
    "Holding",
    "Instrument",
    "Latency",
    "Leg",
    "Limits",
    "LotFill",
    "MarginModel",
    "MarketScript",
    "MarketTick",
    "Models",
    "NoSlippage",
    "OrderTerms",
    "OrderView",
    "PositionView",
    "Quote",
    "Rates",
    "Requirement",
    "Scenario",
    "ScenarioFile",
    "ScenarioFileError",
    "ShareMargin",
    "SimGateway",
    "SlippageModel",
    "Subscription",
    "TickSlippage",
    "TouchFill",
    "Trade",
    "TranscriptError",
    "TranscriptGateway",
    "TranscriptRecorder",
    "Truth",
    "random_schedule",
    "read_scenario_file",
]
