"""A simulated TWS / IB Gateway that speaks the real socket protocol."""

from ibkit.sim._engine import (
    AccountFigures as AccountFigures,
    Fill as Fill,
    OrderTerms as OrderTerms,
    OrderView as OrderView,
    PositionView as PositionView,
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
    "FaultDesk",
    "Fill",
    "Instrument",
    "Leg",
    "Limits",
    "MarketScript",
    "MarketTick",
    "OrderTerms",
    "OrderView",
    "PositionView",
    "Quote",
    "Scenario",
    "ScenarioFile",
    "ScenarioFileError",
    "SimGateway",
    "Subscription",
    "Trade",
    "TranscriptError",
    "TranscriptGateway",
    "TranscriptRecorder",
    "Truth",
    "random_schedule",
    "read_scenario_file",
]
