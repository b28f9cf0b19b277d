"""Where the sessions, the market and the broker meet."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol, final

from ibkit.sim import _wire as wire
from ibkit.sim._engine import Broker, Command, Event, Place
from ibkit.sim._faults import Interference
from ibkit.sim._market import Market, MarketTick, Trade
from ibkit.sim._scenario import Scenario
from ibkit.sim._session._account import AccountUpdates, AccountUpdatesMulti, PositionWatch
from ibkit.sim._session._contracts import contract_fields
from ibkit.sim._session._depth import Book
from ibkit.sim._session._dispatch import HANDLERS, refuse_unknown
from ibkit.sim._session._farms import DATA_KINDS, Farms
from ibkit.sim._session._history_queue import HistoryQueue
from ibkit.sim._session._order_events import tell
from ibkit.sim._session._orders import send_open_orders
from ibkit.sim._session._pacing import HistoryPacing, Pauses, StreamPacing
from ibkit.sim._session._session import Session, Stage
from ibkit.sim._session._spelling import Spelling
from ibkit.sim._session._timers import Repeater, Timers

Trace = Callable[[Session, str, wire.Request | wire.Answer], None]

BEAT = dt.timedelta(milliseconds=250)
"""IB samples its quotes, four times a second for stocks and futures (3.2)."""


class Watcher(Protocol):
    """Wants to know what happens in an instrument."""

    def on_ticks(self, ticks: Sequence[MarketTick], now: dt.datetime) -> None:
        """Take what has happened since the last call, earliest first."""
        ...


@final
class Floor:
    """All clients, one market, one broker. Time is an argument; the shell calls `advance`."""

    def __init__(
        self, scenario: Scenario, market: Market, broker: Broker, now: dt.datetime
    ) -> None:
        self.scenario: Scenario = scenario
        self.market: Market = market
        self.broker: Broker = broker
        self.now: dt.datetime = now
        self.timers: Timers = Timers()
        self.interference: Interference = Interference()
        self.spelling: Spelling | None = None
        """How times and unset numbers are written, where not as usual (a fault)."""
        self.trace: Trace | None = None
        self.sessions: list[Session] = []
        self.clients: set[int] = set()
        """Every client that has logged in so far."""
        self.talking: dict[Session, None] = {}
        """Sessions that have something to send, in the order in which they began to speak."""
        self.held: Counter[str] = Counter()
        """How many subscriptions of each kind all clients hold together."""
        self.pacing: HistoryPacing = HistoryPacing()
        self.bar_pacing: StreamPacing = StreamPacing()
        self.pauses: Pauses = Pauses()
        self.history: HistoryQueue = HistoryQueue(self)
        self.farms: Farms = Farms()
        self.is_offline: bool = False
        """IB is out of reach."""
        self._waiting_commands: list[Command] = []
        self._watchers: dict[int, list[Watcher]] = {}
        self._contracts: dict[tuple[int, str | None], wire.ContractFields] = {}
        self._beat: Repeater | None = None

    # -- connections

    def open(self, peer: str, now: dt.datetime) -> Session:
        """A client has connected."""
        session = Session(self, peer, now)
        if len(self.sessions) >= self.scenario.limits.clients:
            session.close(f"{self.scenario.limits.clients} clients are connected already")
        else:
            self.sessions.append(session)
        return session

    def closed(self, session: Session, now: dt.datetime) -> None:
        """A client has gone."""
        session.end()
        self.talking.pop(session, None)
        if session in self.sessions:
            self.sessions.remove(session)

    def ready_sessions(self) -> list[Session]:
        """The clients that have logged in."""
        return [s for s in self.sessions if s.stage is Stage.READY and not s.closing]

    def logged_in(self, client_id: int) -> Session | None:
        """The client of an id, if it is there."""
        return next((s for s in self.ready_sessions() if s.client_id == client_id), None)

    def send_open_orders(self, session: Session) -> None:
        """Send what is downloaded on connection."""
        send_open_orders(self, session)

    def handle(self, session: Session, request: wire.Request, now: dt.datetime) -> None:
        """Answer one request."""
        self.advance(now)
        if session.stage is Stage.READY or isinstance(request, wire.StartApi):
            HANDLERS.get(type(request), refuse_unknown)(session, request, now)

    def mark(self, now: dt.datetime) -> None:
        """Tell the broker the time: what is held is worth what it is now, and the day may turn."""
        self._tell(self.broker.advance(now))

    def position_changed(self, account: str, con_id: int) -> None:
        """Tell the clients who follow positions or accounts."""
        for session in self.ready_sessions():
            for running in list(session.running.values()):
                if isinstance(running, PositionWatch):
                    running.position_changed(account, con_id)
                elif isinstance(running, AccountUpdates) and running.account == account:
                    running.position_changed(con_id, self.now)
                elif isinstance(running, AccountUpdatesMulti):
                    running.position_changed(account)

    def contract(self, con_id: int, exchange: str | None = None) -> wire.ContractFields:
        """An instrument as it stands in answers. *exchange* replaces its own."""
        found = self._contracts.get((con_id, exchange))
        if found is None:
            found = contract_fields(self.market.instrument(con_id), exchange)
            self._contracts[con_id, exchange] = found
        return found

    # -- time

    def advance(self, now: dt.datetime) -> None:
        """Let everything happen that is due by *now*, and the market come up to it."""
        self.run_due(now)
        self.catch_up(now)

    def run_due(self, now: dt.datetime) -> None:
        """Let everything happen that is due by *now*; what the market does since then waits."""
        while (due := self.next_due()) is not None and due <= now:
            self.catch_up(due)
            self.timers.run(due)
            self._tell(self.broker.advance(due))

    def next_due(self) -> dt.datetime | None:
        """When `run_due` should be called next."""
        timer, deadline = self.timers.next_due(), self.broker.next_deadline()
        if timer is None or deadline is None:
            return timer or deadline
        return min(timer, deadline)

    # -- the market

    def watch(self, con_id: int, watcher: Watcher, now: dt.datetime) -> None:
        """Tell *watcher* what happens in an instrument from now on."""
        self.catch_up(now)
        self._watchers.setdefault(con_id, []).append(watcher)
        self._keep_beating(now)

    def unwatch(self, con_id: int, watcher: Watcher) -> None:
        """Tell it no more."""
        watchers = self._watchers.get(con_id, [])
        if watcher in watchers:
            watchers.remove(watcher)
        if not watchers:
            self._watchers.pop(con_id, None)

    def catch_up(self, now: dt.datetime) -> None:
        """Carry the market on to *now*: fill orders, tell watchers."""
        if now <= self.now:
            return
        since, self.now = self.now, now
        if self.is_offline:
            return
        con_ids = self._watchers.keys() | self.broker.working_instruments()
        if con_ids:
            self.deliver(self.market.ticks(con_ids, since, now), now)

    def deliver(self, ticks: Iterable[MarketTick], now: dt.datetime) -> None:
        """Let *ticks* happen, earliest first; while IB is out of reach nobody hears of them."""
        if self.is_offline:
            return
        by_instrument: dict[int, list[MarketTick]] = {}
        working = self.broker.working_instruments()
        for tick in ticks:
            con_id = tick.con_id
            if (happened := by_instrument.get(con_id)) is None:
                happened = by_instrument[con_id] = []
            happened.append(tick)
            # a quote that no order depends on is asked for when one does
            if con_id in working:
                self._tell(self.broker.tick(tick, tick.time))
            elif isinstance(tick, Trade):
                self.broker.overhear(tick)
        if self.farms.quotes_are_down:
            return
        for con_id, happened in by_instrument.items():
            for watcher in tuple(self._watchers.get(con_id, ())):
                watcher.on_ticks(happened, now)

    def _keep_beating(self, now: dt.datetime) -> None:
        if self._beat is None and (self._watchers or self.broker.working_instruments()):
            self._beat = self.timers.every(BEAT, now, self._on_beat)

    def _on_beat(self, now: dt.datetime) -> None:
        self.catch_up(now)
        if self._beat is not None and not (self._watchers or self.broker.working_instruments()):
            self._beat.cancel()
            self._beat = None

    # -- the broker

    def apply(self, command: Command, now: dt.datetime) -> None:
        """Give the broker a command and tell the clients what comes of it."""
        if self.is_offline:
            self._waiting_commands.append(command)
            return
        self._tell(self.broker.apply(command, now))
        self._keep_beating(now)

    def next_valid_id(self, client_id: int) -> int:
        """The lowest id that a client may use: above those of the orders that wait, too (1.1)."""
        waiting = (one.key for one in self._waiting_commands if isinstance(one, Place))
        used = [key.order_id for key in waiting if key.client_id == client_id]
        return max([self.broker.next_valid_id(client_id) - 1, *used]) + 1

    # -- the line to IB

    def go_offline(self) -> None:
        """IB is out of reach: orders wait, data and fills stop."""
        self.is_offline = True

    def go_online(self, now: dt.datetime) -> None:
        """IB is back: what has waited is sent ("maintain and resubmit orders", 4.3)."""
        self.is_offline = False
        self.show_market(now)
        waiting, self._waiting_commands = self._waiting_commands, []
        for command in waiting:
            self.apply(command, now)

    def show_market(self, now: dt.datetime) -> None:
        """Tell the present quotes to whoever has missed what led to them."""
        con_ids = sorted(self._watchers.keys() | self.broker.working_instruments())
        quotes = [self.market.quote_at(con_id, now)._replace(time=now) for con_id in con_ids]
        self.deliver(quotes, now)

    def kill_data(self, kinds: Collection[str] = DATA_KINDS) -> None:
        """Let data subscriptions fall silent for good; the clients are not told which."""
        for session in self.sessions:
            for kind, req_id in list(session.running):
                if kind in kinds:
                    session.stop(kind, req_id)

    def refuse_all(self, kind: str, code: int) -> None:
        """End every subscription of a kind with an error."""
        for session in self.ready_sessions():
            for running, req_id in list(session.running):
                if running == kind:
                    session.stop(kind, req_id)
                    session.refuse(req_id, code)

    def reset_depth(self, now: dt.datetime) -> None:
        """Reset every book."""
        for session in self.ready_sessions():
            for running in session.running.values():
                if isinstance(running, Book):
                    running.reset(now)

    def publish(self, events: Iterable[Event]) -> None:
        """Tell the clients what the broker says."""
        self._tell(events)

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            tell(self, event)
