"""Carries out what the ledger decides, and what TWS says."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from attrs import define, field
from ib_async import IB, Contract, Ticker
from typing_extensions import final

from ibkit._ib import _compat as compat  # attrs needs the name _compat for itself
from ibkit._ib._codes import Notice
from ibkit._ib._events import Subscriptions
from ibkit._ib._history_asking import Asking, HistoryGate, gate_of
from ibkit._ib._market_data import MarketData, market_data
from ibkit._ib._requests import Requests
from ibkit.errors import BufferFull, IbkitError, LimitReached, NotConnected

from ._bar_feed import SeriesFeed
from ._consumer import Consumer, End
from ._decisions import Cancel, Decision, Evict, Holder, Open, Refuse, Request, StreamStatistics
from ._events import Gap
from ._fill import BACKOFF, BackFill
from ._hours import TradingHours
from ._kinds import DataType, Kind, Spec
from ._ledger import Ledger
from ._limits import Pool, StreamLimits
from ._line import Line
from ._outages import Outages
from ._patrol import Patrol
from ._plans import Plan
from ._quote_feed import QuoteFeed
from ._recovery import DELIVERING, Phase, Signal, signal_of
from ._refusals import hear
from ._wires import Wires

T = TypeVar("T")

log = logging.getLogger("ibkit.streams")

LINGER = 10.0
"""Seconds after the last stream for which late messages are still kept away from ib_async."""
JUMP_INTERVAL = 60.0
"""Seconds between two requests for bars that seem to be missing."""


@final
@define(eq=False, repr=False)
class StreamBoard:
    """Every line of one connection."""

    ib: IB
    requests: Requests
    limits: StreamLimits
    protected: Callable[[], Iterable[int]]
    """conIds that must not be evicted, asked for when somebody evicts."""
    data_type: DataType | None
    stale_after: float | None
    abandoned: int = field(default=0, init=False)
    _ledger: Ledger = field(init=False)
    _gate: HistoryGate = field(init=False)
    _door: MarketData = field(init=False)
    _wires: Wires = field(init=False)
    _patrol: Patrol = field(init=False)
    _lines: dict[Spec, Line] = field(factory=dict, init=False)
    _line_of: dict[int, Line] = field(factory=dict, init=False)  # by number of the holder
    _listening: Subscriptions | None = field(default=None, init=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)
    _idle_since: float | None = field(default=None, init=False)
    _outages: Outages = field(factory=Outages, init=False)
    _fills: BackFill = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._gate = gate_of(self.ib)
        self._fills = BackFill(self.requests, Asking(self._gate, BACKOFF), self.notice)
        self._ledger = Ledger(self.limits, self._gate.pacer)
        self._door = market_data(self.ib, self.requests.sender, self.requests.health)
        self._wires = Wires(
            self._door,
            self.requests.health.clock,
            on_sent=self._sent,
            on_error=self._heard,
            on_complete=lambda line: self.end(line, End("complete")),
        )
        self._patrol = Patrol(self._lines, TradingHours(self.requests), self.stale_after)

    # --- opening and closing -----------------------------------------------------------

    def open(self, plan: Plan[T], consumer: Consumer[T]) -> Line:
        """Serve *consumer*.

        Raises:
            NotConnected: There is no connection now.
            LimitReached: No place is free, and the consumer does not want to wait.
        """
        if not self._door.is_ready:
            raise NotConnected(f"a stream of {plan.name}")
        self._listen()
        holder = consumer.holder
        if holder.when_full == "evict":
            self._protect()
        decisions = self._ledger.acquire(holder, plan.spec, plan.wants, now=self.now())
        refusals = [one for one in decisions if isinstance(one, Refuse)]
        if refusals:
            self._carry_out([one for one in decisions if one not in refusals])
            raise _limit_reached(refusals[0])
        line = self._lines.get(plan.spec)
        if line is None:
            line = self._lines[plan.spec] = self._new_line(plan)
        self._line_of[holder.number] = line
        line.join(consumer, plan)
        self._carry_out(decisions)
        return line

    def close(self, number: int, end: End) -> None:
        """Serve this consumer no more."""
        line = self._line_of.pop(number, None)
        consumer = None if line is None else line.leave(number)
        if line is None or consumer is None:
            return
        consumer.finish(end)
        self._carry_out(self._ledger.release(number, now=self.now()))
        self._drop_if_unused(line)

    def names_on(self, con_id: int) -> list[str]:
        """The names of the streams on one contract, but for snapshots."""
        return [consumer.holder.name for consumer, _ in self._streams_on(con_id)]

    def follow(self, con_id: int, contract: Contract) -> list[str]:
        """Serve the streams of one contract from another from now on; their names."""
        found = self._streams_on(con_id)
        for consumer, line in found:
            self._leave(consumer, line, f"it follows the roll to {contract.localSymbol}")
        for consumer, _ in found:
            self._join(consumer, contract)
        return [consumer.holder.name for consumer, _ in found]

    def _streams_on(self, con_id: int) -> list[tuple[Consumer[Any], Line]]:
        lines = [line for line in self._lines.values() if line.plan.contract.conId == con_id]
        streaming = [line for line in lines if line.plan.spec.kind is not Kind.SNAPSHOT]
        return [(each, line) for line in streaming for each in line.consumers.values()]

    def _leave(self, consumer: Consumer[Any], line: Line, reason: str) -> None:
        number, since = consumer.holder.number, line.feed.arrived
        line.leave(number)
        self._line_of.pop(number, None)
        self._carry_out(self._ledger.release(number, now=self.now()))
        self._drop_if_unused(line)
        consumer.tell_gap(Gap(since or self.requests.health.clock(), reason))

    def _join(self, consumer: Consumer[Any], contract: Contract) -> None:
        assert consumer.plan is not None
        consumer.plan = consumer.plan.on(contract)
        try:
            consumer.line = self.open(consumer.plan, consumer)
        except IbkitError as error:
            consumer.finish(End(str(error), error))

    def overflowed(self, holder: Holder, size: int) -> None:
        """Break the stream of a consumer that reads too slowly and must not miss a value."""
        line = self._line_of.get(holder.number)
        if line is not None:
            error = BufferFull(0, f"the buffer of {size} values is full", holder.name)
            self.close(holder.number, End(str(error), error))

    def abandon(self, holder: Holder) -> None:
        """Close the stream of an owner that has lost it. May be called in the midst of anything."""
        with contextlib.suppress(RuntimeError):  # the loop may be closed
            compat.blocking_loop().call_soon_threadsafe(self._close_abandoned, holder)

    def _close_abandoned(self, holder: Holder) -> None:
        if holder.number in self._line_of:
            self.abandoned += 1
            log.warning("%s was dropped without being closed; its line is given up", holder.name)
            self.close(holder.number, End("dropped without being closed"))

    def close_all(self, reason: str) -> None:
        """Close every stream."""
        for number in list(self._line_of):
            self.close(number, End(reason, by_owner=True))

    def release(self) -> None:
        """Let go of the IB, until the next `open`: no handler of ours is left in it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wires.cancel_all()
        self._ledger.lost()
        self._gate.admit()
        for line in list(self._lines.values()):
            self._drop_if_unused(line)
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def statistics(self) -> StreamStatistics:
        """How full everything is."""
        return StreamStatistics(
            pools=self._ledger.statistics(now=self.now()),
            opened=self._wires.opened,
            cancelled=self._wires.cancelled,
            abandoned=self.abandoned,
            late=self._door.late,
        )

    def holders(self, spec: Spec) -> tuple[str, ...]:
        """Who holds this line."""
        return self._ledger.holders(spec)

    def live_line(self, spec: Spec) -> Line | None:
        """Give the line of this spec if it delivers now."""
        line = self._lines.get(spec)
        return line if line is not None and line.phase in DELIVERING else None

    def ticker(self, line: Line) -> Ticker:
        """Give the ib_async Ticker of a line; from the first call on it is kept up to date."""
        if line.ticker is None:
            line.ticker = self._door.new_ticker(line.plan.contract)
            if line.subscription is not None:
                line.subscription.mirror(line.ticker)
        return line.ticker

    # --- what a line asks for ------------------------------------------------------------

    def now(self) -> float:
        """The time of the loop."""
        return compat.blocking_loop().time()

    def again(self, line: Line, *, alive: bool, delay: float) -> None:
        """Replace the request of *line*; what the old one still sends does not count."""
        if alive:
            self._wires.mute(line)
        else:
            self._wires.forget(line)
        decisions = self._ledger.again(line.token, now=self.now(), alive=alive, delay=delay)
        self._carry_out(decisions)

    def watch(self, line: Line, seconds: float) -> None:
        """Look whether *line* delivers within so many seconds."""
        self._patrol.watch(line, self.now(), seconds)
        self._arm()

    def fill(self, line: Line, gap: Gap) -> None:
        """Fetch the 5-second bars of a gap; those that come meanwhile are kept back."""
        self._fills.start(line, gap)

    def blank(self, ticker: Ticker) -> None:
        """Forget what an ib_async Ticker shows."""
        self._door.blank(ticker)

    # --- carrying out ----------------------------------------------------------------------

    def _carry_out(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            if isinstance(decision, Open):
                self._wires.open(self._lines[decision.request.spec], decision.request)
            elif isinstance(decision, Cancel):
                self._cancel(decision.request)
            elif isinstance(decision, Evict):
                self._evict(decision)
            elif isinstance(decision, Refuse):
                self._refuse(decision)
        self._gate.admit()
        self._arm()

    def _cancel(self, request: Request) -> None:
        self._wires.cancel(request.token)
        line = self._lines.get(request.spec)
        if line is not None:
            self._drop_if_unused(line)

    def _evict(self, decision: Evict) -> None:
        line = self._lines[decision.request.spec]
        self._wires.mute(line)
        line.signal(Signal.EVICTED, f"its place was given to {decision.by}")

    def _refuse(self, decision: Refuse) -> None:
        number = decision.holder.number
        line = self._line_of.pop(number)
        consumer = line.leave(number)
        if consumer is not None:
            error = _limit_reached(decision)
            consumer.finish(End(str(error), error))
        self._drop_if_unused(line)

    # --- lines -------------------------------------------------------------------------------

    def _new_line(self, plan: Plan[Any]) -> Line:
        line = Line(self, plan, plan.feed())
        if isinstance(line.feed, QuoteFeed):
            line.feed.on_delayed = line.delayed
        if isinstance(line.feed, SeriesFeed):
            line.feed.on_jump = functools.partial(self._jumped, line)
            line.feed.on_change = line.wake
        return line

    def _jumped(self, line: Line) -> None:
        if self.now() - line.requested_at >= JUMP_INTERVAL:
            line.signal(Signal.JUMPED)

    def end(self, line: Line, end: End) -> None:
        """End a line for good: TWS has ended its request."""
        line.phase, line.feed.live = Phase.ENDED, False
        self._wires.forget(line)
        consumers = list(line.consumers.values())
        decisions = self._ledger.ended(line.token, now=self.now())
        for consumer in consumers:
            number = consumer.holder.number
            line.leave(number)
            self._line_of.pop(number, None)
            decisions += self._ledger.release(number, now=self.now())
            consumer.finish(end)
        self._carry_out(decisions)
        self._drop_if_unused(line)

    def _drop_if_unused(self, line: Line) -> None:
        spec = line.plan.spec
        is_used = line.consumers or line.token in self._wires
        if not is_used and self._lines.get(spec) is line:
            line.phase, line.feed.live = Phase.ENDED, False
            self._patrol.forget(line)
            del self._lines[spec]

    # --- what TWS says -----------------------------------------------------------------------

    def _sent(self, line: Line, request: Request) -> None:
        self._ledger.sent(request.token, now=self.now())
        line.requested_at, line.requested_time = self.now(), self.requests.health.clock()
        line.signal(Signal.ADMITTED)
        outage = self._outages.beginning(line.plan.spec.kind)
        if outage is not None:
            line.signal(outage)

    def _heard(self, line: Line, code: int, text: str) -> None:
        if self.requests.codes.is_pacing(code, text):
            self._gate.pacer.violated(self.now(), BACKOFF[0])
        if line.phase is not Phase.ENDED:
            hear(self, line, code, text)

    def notice(self, code: int, text: str) -> Notice:
        """Put a message and its meaning into one value."""
        return self.requests.codes.notice(code, text, -1, self.requests.health.clock())

    def full(self, line: Line, pool: Pool, reason: str) -> None:
        """Queue a line for which IB has no place, and remember how many it has."""
        token = line.token
        self._wires.forget(line)
        line.signal(Signal.REFUSED, reason)
        self._carry_out(self._ledger.refused(token, pool, now=self.now()))

    def _said_to_all(self, code: int, text: str) -> None:
        """Take what TWS says to everybody."""
        is_back = self._outages.heard(code, text)
        for line in list(self._lines.values()):
            signal = signal_of(code, line.plan.spec.kind, is_back=is_back)
            if signal is not None:
                line.signal(signal, f"{signal.value} (error {code})")
        self._arm()

    def _connected(self) -> None:
        self._set_data_type()
        for line in list(self._lines.values()):
            line.signal(Signal.SOCKET_BACK)
        self._protect()
        self._carry_out(self._ledger.restored(now=self.now()))

    def _disconnected(self) -> None:
        self._wires.forget_all()
        self._ledger.lost()
        self._gate.admit()
        self._outages.clear()
        for line in list(self._lines.values()):
            line.subscription, line.token = None, 0
            line.signal(Signal.SOCKET_LOST)
            self._drop_if_unused(line)
        self._arm()

    # --- listening, and the one timer ----------------------------------------------------------

    def _listen(self) -> None:
        self._idle_since = None
        if self._listening is not None:
            return
        self._listening = Subscriptions(self.requests.health)
        self._listening.on_close(self._door.listen(self._said_to_all))
        self._listening.add(self.ib.connectedEvent, self._connected)
        self._listening.add(self.ib.disconnectedEvent, self._disconnected)
        self._set_data_type()
        self._ledger.restored(now=self.now())  # nothing waits: it has been let go of

    def _set_data_type(self) -> None:
        """TWS forgets it with each connection (ib-async-traps B20)."""
        if self.data_type is not None:
            self._door.set_data_type(self.data_type.value)

    def _protect(self) -> None:
        self._ledger.protected = frozenset(self.protected())

    def _arm(self) -> None:
        loop, now = compat.blocking_loop(), self.now()
        if not self._lines and not self._wires and self._idle_since is None:
            self._idle_since = now
        idle = None if self._idle_since is None else self._idle_since + LINGER
        times = [self._ledger.deadline, self._patrol.deadline(now), idle]
        due = min((at for at in times if at is not None), default=None)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if due is not None and self._listening is not None:
            self._timer = loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        try:
            self._do_what_is_due(self.now())
        except Exception as error:  # noqa: BLE001 - the timer must go on
            self.requests.health.failed("the timer of the streams", error)
        finally:
            self._arm()

    def _do_what_is_due(self, now: float) -> None:
        if self._idle_since is not None and now >= self._idle_since + LINGER:
            self.release()
            return
        self._patrol.due(now)
        if self._ledger.evicts:
            self._protect()
        self._carry_out(self._ledger.due(now))


def _limit_reached(refusal: Refuse) -> LimitReached:
    return LimitReached(refusal.pool.value, refusal.limit, refusal.holders)
