"""Five-second bars as they end (3.5)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, final

from ibkit.sim import _wire as wire
from ibkit.sim._market import Instrument
from ibkit.sim._session._contracts import find_one
from ibkit.sim._session._lines import admit
from ibkit.sim._session._pacing import PACING_TEXT

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session
    from ibkit.sim._session._timers import Timer

FIVE = dt.timedelta(seconds=5)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
KINDS = ("TRADES", "MIDPOINT", "BID", "ASK")
NOTHING = Decimal(-1)


def boundary_after(now: dt.datetime) -> dt.datetime:
    """The next moment that begins a five-second bar."""
    return EPOCH + ((now - EPOCH) // FIVE + 1) * FIVE


def request(session: Session, asked: wire.ReqRealTimeBars, now: dt.datetime) -> None:
    """Open a stream of bars. The size asked for is ignored: only five seconds exist."""
    req_id = asked.req_id
    if asked.what_to_show not in KINDS:
        session.refuse(req_id, 321, "bX", "What to show field is missing or incorrect.")
        return
    instrument = find_one(session, req_id, asked.contract, now)
    if instrument is None:
        return
    if session.floor.scenario.market_data != "live":
        session.refuse(req_id, 420, f"No market data permissions for {instrument.exchange}")
    elif not _paced(session, now):
        session.refuse(req_id, 420, PACING_TEXT)
    elif admit(session, "bars_5s", req_id, instrument):
        stream = BarStream(session, asked, instrument, now)
        session.start("bars_5s", req_id, stream, instrument)


def _paced(session: Session, now: dt.datetime) -> bool:
    floor = session.floor
    return not floor.scenario.limits.history_pacing or floor.bar_pacing.admits(now)


def cancel(session: Session, asked: wire.CancelRealTimeBars, now: dt.datetime) -> None:
    """Close a stream; 300 if there is none."""
    if not session.stop("bars_5s", asked.req_id):
        session.refuse(asked.req_id, 300, asked.req_id)


@final
class BarStream:
    """One stream of one client."""

    def __init__(
        self,
        session: Session,
        asked: wire.ReqRealTimeBars,
        instrument: Instrument,
        now: dt.datetime,
    ) -> None:
        self._session, self._asked, self._instrument = session, asked, instrument
        self._timer: Timer = session.floor.timers.at(boundary_after(now), self._end_of_bar)

    def stop(self) -> None:
        """Send nothing more."""
        self._timer.cancel()

    def _end_of_bar(self, now: dt.datetime) -> None:
        floor = self._session.floor
        self._timer = floor.timers.at(now + FIVE, self._end_of_bar)
        if floor.is_offline or floor.farms.quotes_are_down:
            return  # what a farm could not send it sends never
        bars = floor.market.bars(
            self._instrument,
            now - FIVE,
            now,
            "5 secs",
            self._asked.what_to_show,
            use_rth=self._asked.use_rth,
        )
        for bar in bars:
            self._session.send(
                wire.RealtimeBar(
                    self._asked.req_id,
                    int(bar.time.timestamp()),
                    bar.open,
                    bar.high,
                    bar.low,
                    bar.close,
                    NOTHING if bar.volume is None else bar.volume,
                    NOTHING if bar.wap is None else bar.wap,
                    -1 if bar.trades is None else bar.trades,
                )
            )
