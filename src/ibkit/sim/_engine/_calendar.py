"""The trading hours, remembered: most questions fall into the same session as the last one."""

from __future__ import annotations

import datetime as dt
from typing import final

from ibkit.sim._engine._hours import Hours, Session
from ibkit.sim._market._instrument import Instrument

ROUND_THE_CLOCK = frozenset({"FUT", "FOP", "CASH", "BAG"})
"""Their orders work in all trading hours; regular hours only matter to simulated stops."""


@final
class Calendar:
    """`Hours` with a memory of one answer per instrument."""

    __slots__ = ("_days", "_hours", "_sessions")

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._sessions: dict[tuple[int, bool], Session] = {}
        self._days: dict[int, tuple[dt.datetime, dt.datetime]] = {}

    def session(self, instrument: Instrument, now: dt.datetime, *, extended: bool) -> Session:
        """Return the session that holds *now*, or else the next one."""
        key = (instrument.con_id, extended)
        session = self._sessions.get(key)
        if session is None or not session.opens <= now < session.closes:
            session = self._hours.session(instrument, now, extended=extended)
            self._sessions[key] = session
        return session

    def day_end(self, instrument: Instrument, now: dt.datetime) -> dt.datetime:
        """Return when the trading day of an order placed at *now* ends."""
        asked, end = self._days.get(instrument.con_id, (now, now))
        if not asked <= now < end:
            end = self._hours.day_end(instrument, now)
            self._days[instrument.con_id] = (now, end)
        return end
