"""When a market trades, as the broker needs to know it."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple, Protocol, final
from zoneinfo import ZoneInfo

from ibkit.sim._market._instrument import Instrument

DAY_END = dt.time(17, 0)
"""Where the trading days meet in a world that never closes."""


class Session(NamedTuple):
    """A stretch of trading: ``opens <= t < closes``."""

    opens: dt.datetime
    closes: dt.datetime


class Hours(Protocol):
    """The trading calendar."""

    def session(self, instrument: Instrument, now: dt.datetime, *, extended: bool) -> Session:
        """Return the session that holds *now*, or else the next one.

        Regular hours only, unless *extended*.
        """
        ...

    def day_end(self, instrument: Instrument, now: dt.datetime) -> dt.datetime:
        """Return when the trading day of an order placed at *now* ends; later than *now*."""
        ...


@final
class AlwaysOpen:
    """Open at any hour of any day. The trading days meet at 17:00 in the instrument's zone.

    DAY orders end there, and MOC, LOC and OPG orders are filled there.
    """

    def session(self, instrument: Instrument, now: dt.datetime, *, extended: bool) -> Session:
        """Return the day that holds *now*."""
        closes = self.day_end(instrument, now)
        return Session(closes - dt.timedelta(days=1), closes)

    def day_end(self, instrument: Instrument, now: dt.datetime) -> dt.datetime:
        """Return the next 17:00."""
        local = now.astimezone(ZoneInfo(instrument.zone))
        end = local.replace(hour=DAY_END.hour, minute=0, second=0, microsecond=0)
        if end <= local:
            end += dt.timedelta(days=1)
        return end.astimezone(dt.timezone.utc)
