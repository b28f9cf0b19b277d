"""Tick-by-tick data (3.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, final

from ibkit.sim import _wire as wire
from ibkit.sim._market import Instrument, MarketTick, Quote, Trade
from ibkit.sim._session._contracts import find_one
from ibkit.sim._session._history_ticks import Kind, answer_for
from ibkit.sim._session._lines import admit

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session

HISTORY_OF: dict[str, Kind] = {
    "Last": "TRADES",
    "AllLast": "TRADES",
    "BidAsk": "BID_ASK",
    "MidPoint": "MIDPOINT",
}
"""The kinds, spelled as the gateway wants them, and what their history is called."""

MOST_HISTORY = 1000
TOO_SOON_TEXT = "At most one request for an instrument in 15 seconds"
"""Ours: whether the rule is enforced, and with which text, is not on record (3.3)."""
UNSUPPORTED = ("BAG", "OPT", "IND")


def request(session: Session, asked: wire.ReqTickByTickData, now: dt.datetime) -> None:
    """Open a stream, with some history first where it is asked for."""
    req_id = asked.req_id
    if asked.tick_type not in HISTORY_OF:
        session.refuse(req_id, 321, "bX", f"Invalid tick type '{asked.tick_type}'")
        return
    instrument = find_one(session, req_id, asked.contract, now)
    if instrument is None:
        return
    if instrument.sec_type in UNSUPPORTED or session.floor.scenario.market_data != "live":
        session.refuse(req_id, 10189, f"No market data permissions for {instrument.exchange}")
        return
    pause = dt.timedelta(seconds=session.floor.scenario.limits.tick_by_tick_seconds)
    if not session.floor.pauses.admits(("tick_by_tick", instrument.con_id), now, pause):
        session.refuse(req_id, 10189, TOO_SOON_TEXT)
        return
    if not admit(session, "tick_by_tick", req_id, instrument):
        return
    if asked.number_of_ticks > 0:
        _send_history(session, asked, instrument, now)
    stream = TickStream(session, asked, instrument)
    session.start("tick_by_tick", req_id, stream, instrument)
    session.floor.watch(instrument.con_id, stream, now)


def cancel(session: Session, asked: wire.CancelTickByTickData, now: dt.datetime) -> None:
    """Close a stream; 300 if there is none."""
    if not session.stop("tick_by_tick", asked.req_id):
        session.refuse(asked.req_id, 300, asked.req_id)


def _send_history(
    session: Session, asked: wire.ReqTickByTickData, instrument: Instrument, now: dt.datetime
) -> None:
    what = HISTORY_OF[asked.tick_type]
    ticks = session.floor.market.historical_ticks(
        instrument,
        start=None,
        end=now,
        count=min(asked.number_of_ticks, MOST_HISTORY),
        what=what,
        use_rth=False,
    )
    session.send(answer_for(asked.req_id, what, ticks))


@final
class TickStream:
    """One stream of one client: every tick of its kind."""

    def __init__(
        self, session: Session, asked: wire.ReqTickByTickData, instrument: Instrument
    ) -> None:
        self._session, self._con_id = session, instrument.con_id
        self._req_id, self._kind = asked.req_id, asked.tick_type
        self._exchange = instrument.exchange
        self._ignore_size = asked.ignore_size
        self._quote: Quote | None = None

    def stop(self) -> None:
        """Send nothing more."""
        self._session.floor.unwatch(self._con_id, self)

    def on_ticks(self, ticks: Sequence[MarketTick], now: dt.datetime) -> None:
        """Send what concerns this kind."""
        trades = self._kind in ("Last", "AllLast")
        for tick in ticks:
            if isinstance(tick, Trade):
                if trades:
                    self._session.send(self._trade(tick))
            elif not trades:
                self._send_quote(tick)

    def _trade(self, tick: Trade) -> wire.TickByTickAllLast:
        return wire.TickByTickAllLast(
            req_id=self._req_id,
            tick_type=1 if self._kind == "Last" else 2,
            time=int(tick.time.timestamp()),
            price=tick.price,
            size=tick.size,
            past_limit=False,
            unreported=False,
            exchange=tick.exchange or self._exchange,
            special_conditions="",
        )

    def _send_quote(self, tick: Quote) -> None:
        old, self._quote = self._quote, tick
        if tick.bid is None or tick.ask is None:
            return
        time = int(tick.time.timestamp())
        same_prices = old is not None and (old.bid, old.ask) == (tick.bid, tick.ask)
        if self._kind == "MidPoint":
            if not same_prices:
                middle = (tick.bid + tick.ask) / 2
                self._session.send(wire.TickByTickMidPoint(self._req_id, time, middle))
        elif not (self._ignore_size and same_prices):
            self._session.send(
                wire.TickByTickBidAsk(
                    self._req_id, time, tick.bid, tick.ask, tick.bid_size, tick.ask_size
                )
            )
