"""One API client: from messages to commands, from events to messages."""

from ibkit.sim._session._floor import Floor as Floor
from ibkit.sim._session._session import Session as Session, Stage as Stage
from ibkit.sim._session._trading_hours import TradingHours as TradingHours

__all__ = ["Floor", "Session", "Stage", "TradingHours"]
