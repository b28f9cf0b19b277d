"""The market's calendar as the broker wants to know it."""

from __future__ import annotations

import datetime as dt
from typing import final

from ibkit.sim._engine import Session as TradingSession
from ibkit.sim._market import Instrument, Market

LOOK_AHEAD = dt.timedelta(days=10)
"""Longer than any market stays closed."""


@final
class TradingHours:
    """Answers the broker's questions from the market's schedule."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def session(
        self, instrument: Instrument, now: dt.datetime, *, extended: bool
    ) -> TradingSession:
        """The session that holds *now*, or else the next one."""
        sessions = self._market.schedule(instrument, now, now + LOOK_AHEAD, use_rth=not extended)
        found = next(session for session in sessions if session.end > now)
        return TradingSession(found.start, found.end)

    def day_end(self, instrument: Instrument, now: dt.datetime) -> dt.datetime:
        """When the trading day of an order placed at *now* ends."""
        return self._market.hours.close_of(instrument, now)
