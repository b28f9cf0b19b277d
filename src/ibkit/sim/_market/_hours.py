"""When a market is open."""

from __future__ import annotations

import datetime as dt
from typing import final

from ibkit.sim._market._figures import Session
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._scenario import Scenario


@final
class Hours:
    """The calendar of every market.

    With `Scenario.sessions` off every market is open at any hour of any day, all of it is
    regular hours, and a trading day is the 24 hours that end at 22:00 UTC.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario

    def is_open(self, instrument: Instrument, at: dt.datetime) -> bool:
        """Tell whether trades can happen at *at*."""
        raise NotImplementedError

    def in_rth(self, instrument: Instrument, at: dt.datetime) -> bool:
        """Tell whether *at* is in regular trading hours."""
        raise NotImplementedError

    def trading_day(self, instrument: Instrument, at: dt.datetime) -> Session:
        """Return the trading day that *at* is in, or the next one when the market is closed."""
        raise NotImplementedError

    def next_open(
        self, instrument: Instrument, at: dt.datetime, *, rth: bool = False
    ) -> dt.datetime:
        """Return *at* itself when open, else the next opening (of regular hours with *rth*)."""
        raise NotImplementedError

    def close_of(
        self, instrument: Instrument, at: dt.datetime, *, rth: bool = False
    ) -> dt.datetime:
        """Return the end of the trading day of *at* (of its regular hours with *rth*)."""
        raise NotImplementedError

    def text(self, instrument: Instrument, today: dt.date, *, liquid: bool = False) -> str:
        """Write tradingHours or liquidHours: the sessions of the next six days in its zone."""
        raise NotImplementedError
