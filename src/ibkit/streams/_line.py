"""One line: what it is of, how it stands, and who reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import define, field
from ib_async import Ticker

from ibkit._ib._market_data import MarketSubscription

from ._consumer import Consumer
from ._events import Delayed, Gap, StreamEvent
from ._feed import Feed
from ._kinds import Kind
from ._plans import Plan
from ._recovery import (
    DELIVERING,
    WATCH_SECONDS,
    Action,
    Phase,
    Signal,
    patience,
    pause_before,
    step,
)

_UNDER_WAY = 2.0
"""Seconds in which what comes may have been sent before a farm broke."""
_CALM = 60.0
"""Seconds that a request must have lasted for the next one to be the first attempt again."""


class Board(Protocol):
    """What a line asks of the board that it belongs to."""

    def now(self) -> float:
        """The time of the loop."""

    def again(self, line: Line, *, alive: bool, delay: float) -> None:
        """Replace its request."""

    def watch(self, line: Line, seconds: float) -> None:
        """Give `Signal.SILENT` if nothing comes for so long."""

    def fill(self, line: Line, gap: Gap) -> None:
        """Fetch the bars of a gap, then call `Line.flows`."""

    def blank(self, ticker: Ticker) -> None:
        """Forget what an ib_async Ticker shows."""


@define(eq=False)
class Seen:
    """A line that was looked at: its last arrival then, since when it is the last, who knows."""

    arrived: dt.datetime | None
    at: float
    is_told: bool = False


@define(eq=False)
class Line:
    """One shared subscription. The recovery table says what it does; this does it."""

    board: Board
    plan: Plan[Any]  # lines of every kind stand in one table
    feed: Feed[Any]
    phase: Phase = Phase.WAITING
    consumers: dict[int, Consumer[Any]] = field(factory=dict)
    gap: Gap | None = None
    is_started: bool = False
    token: int = 0
    """Of its present request at the ledger; 0 if there is none."""
    subscription: MarketSubscription | None = None
    ticker: Ticker | None = None
    attempts: int = 0
    unanswered: int = 0
    """Requests in vain since something was said to work, or did."""
    requested_at: float = 0.0
    requested_time: dt.datetime | None = None
    seen: Seen | None = None
    """What the patrol saw last."""
    is_delayed: bool = False
    _at: dt.datetime | None = field(default=None, init=False)
    _reason: str = field(default="", init=False)
    _doubtful_since: float = field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        self.feed.on_data = self._on_data

    # --- what happens ----------------------------------------------------------------

    def signal(self, signal: Signal, reason: str = "") -> None:
        """Go where the table says, and do what it says."""
        taken = step(self.plan.spec.kind, self.phase, signal)
        if taken.phase is Phase.DOUBTFUL and self.phase is not Phase.DOUBTFUL:
            self._doubtful_since = self.board.now()
        self.phase = taken.phase
        self.feed.live = taken.phase in DELIVERING
        self._reason = reason or signal.value
        for action in taken.actions:
            _DO[action](self)

    def _on_data(self, arrived: dt.datetime) -> bool:
        self._at = arrived
        if self.phase is Phase.DOUBTFUL and self._is_under_way():
            return True
        self.signal(Signal.DATA)
        return self.feed.live

    def _is_under_way(self) -> bool:
        return self.board.now() - self._doubtful_since < _UNDER_WAY

    def tell(self, event: StreamEvent) -> None:
        """Tell every consumer."""
        for consumer in list(self.consumers.values()):
            consumer.tell(event)

    def flows(self) -> None:
        """Say to everybody that data flows."""
        if self._at is not None:
            for consumer in list(self.consumers.values()):
                consumer.tell_flow(self._at)

    def wake(self) -> None:
        """Let those who wait for a first value look again."""
        for consumer in self.consumers.values():
            consumer.unread.wake()

    def delayed(self, text: str = "") -> None:
        """Say once that the data of the present request is delayed."""
        if not self.is_delayed:
            self.is_delayed = True
            self.tell(Delayed(text))

    # --- who reads ---------------------------------------------------------------------

    def join(self, consumer: Consumer[Any], plan: Plan[Any]) -> None:
        """Serve one more, beginning with the state of the market where it is one."""
        self.consumers[consumer.holder.number] = consumer
        plan.joins(self.feed)
        self.feed.puts = [*self.feed.puts, consumer.unread.put]
        if self.is_delayed:
            consumer.tell(Delayed())
        flows = self.is_started and self.gap is None and not self.feed.is_holding
        if flows and self.feed.arrived is not None:
            consumer.tell_flow(self.feed.arrived)
            if self.plan.spec.kind in {Kind.QUOTES, Kind.DEPTH} and self.feed.latest is not None:
                consumer.unread.put(self.feed.latest)

    def leave(self, number: int) -> Consumer[Any] | None:
        """Serve one less."""
        consumer = self.consumers.pop(number, None)
        if consumer is not None:
            self.feed.puts = [put for put in self.feed.puts if put != consumer.unread.put]
        return consumer

    # --- actions -------------------------------------------------------------------------

    def _open_gap(self) -> None:
        if self.is_started and self.gap is None and self.feed.arrived is not None:
            self.gap = Gap(self.feed.arrived, self._reason)
            for consumer in list(self.consumers.values()):
                consumer.tell_gap(self.gap)

    def _clear(self) -> None:
        self.feed.clear()
        if self.ticker is not None:
            self.board.blank(self.ticker)

    def _resume(self) -> None:
        self.unanswered = 0
        gap, self.gap = self.gap, None
        if gap is not None and self.plan.spec.kind is Kind.BARS_5S:
            self.board.fill(self, gap)
        else:
            self.flows()
        self.is_started = True

    def _watch(self) -> None:
        self.unanswered = 0
        self.board.watch(self, WATCH_SECONDS)

    def _await(self) -> None:
        if self.plan.spec.kind is not Kind.SNAPSHOT:  # TWS ends those by itself
            self.board.watch(self, patience(self.plan.spec.kind, self.unanswered))

    def _retry(self) -> None:
        self.unanswered += 1
        self.board.again(self, alive=True, delay=0.0)

    def _again(self) -> None:
        self.board.again(self, alive=True, delay=self._pause())

    def _renew(self) -> None:
        self.board.again(self, alive=False, delay=self._pause())

    def _later(self) -> None:
        self.board.again(self, alive=False, delay=self._pause(later=True))

    def _pause(self, *, later: bool = False) -> float:
        if self.board.now() - self.requested_at >= _CALM:
            self.attempts = 0
        self.attempts += 1
        return pause_before(self.attempts, later=later)


_DO: Mapping[Action, Callable[[Line], None]] = {
    Action.GAP: Line._open_gap,  # noqa: SLF001 - the table of this class
    Action.CLEAR: Line._clear,  # noqa: SLF001
    Action.RESUME: Line._resume,  # noqa: SLF001
    Action.WATCH: Line._watch,  # noqa: SLF001
    Action.AWAIT: Line._await,  # noqa: SLF001
    Action.RETRY: Line._retry,  # noqa: SLF001
    Action.AGAIN: Line._again,  # noqa: SLF001
    Action.RENEW: Line._renew,  # noqa: SLF001
    Action.LATER: Line._later,  # noqa: SLF001
}
