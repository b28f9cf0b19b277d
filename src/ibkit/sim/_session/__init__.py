"""One API client: from messages to commands, from events to messages."""

from ibkit.sim._session._farms import (
    HISTORY as HISTORY,
    farm_named as farm_named,
    kind_of as kind_of,
)
from ibkit.sim._session._floor import Floor as Floor, Trace as Trace
from ibkit.sim._session._session import Session as Session, Stage as Stage
from ibkit.sim._session._spelling import Spelling as Spelling
from ibkit.sim._session._trading_hours import TradingHours as TradingHours

__all__ = [
    "HISTORY",
    "Floor",
    "Session",
    "Spelling",
    "Stage",
    "Trace",
    "TradingHours",
    "farm_named",
    "kind_of",
]
