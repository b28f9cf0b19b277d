"""The manager against the simulated gateway, with everything going wrong in any order.

Two promises: when things have calmed down, every open stream delivers or says why it does not;
and every tick that the gateway sent for a line was delivered, was counted as dropped, or lies
inside a gap.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from ib_async import IB

from ibkit._ib._health import HealthRecord
from ibkit._ib._requests import Requests
from ibkit.errors import NotConnected, StreamBroken
from ibkit.sim import Limits, Scenario, SimGateway
from ibkit.streams import Buffer, Gap, Pool, Resumed, Started, StreamLimits, StreamManager
from ibkit.streams._recovery import Phase
from ibkit.testing import plug_in, virtual_time
from sim_client import MONDAY, data, future

NAMES = ("ES", "NQ", "CL")
KINDS = ("quotes", "ticks", "depth", "bars_5s")
AT_GATEWAY = {"quotes", "tick_by_tick", "depth", "bars_5s"}
EVERY = Buffer(1_000_000, "drop-oldest")
MOMENT = timedelta(milliseconds=50)
"""What lies between sending and arriving is less than this."""


class Held:
    """A stream with what a test knows of it."""

    def __init__(self, stream, name, kind, since):
        self.stream, self.name, self.kind, self.since = stream, name, kind, since
        self.seen = []

    def read(self):
        queue = self.stream._consumer.unread.queue
        self.seen += queue
        queue.clear()

    def gaps(self, until):
        """Spans of time in which data may be missing."""
        spans = {}
        for event in self.stream.events:
            if isinstance(event, Gap):
                spans[event] = (event.since, until)
            elif isinstance(event, Resumed):
                spans[event.gap] = (event.gap.since, event.at)
        return list(spans.values())

    @property
    def started(self):
        return next((e.at for e in self.stream.events if isinstance(e, Started)), None)


class ManagerMachine(RuleBasedStateMachine):
    @initialize(seed=st.integers(1, 5), lines=st.sampled_from([2, 4, 100]))
    def start(self, seed, lines):
        self.stack = ExitStack()
        self.loop = self.stack.enter_context(virtual_time())
        scenario = Scenario(limits=Limits(lines=lines))
        self.gateway = SimGateway(port=None, seed=seed, start=MONDAY, scenario=scenario)
        self.run(self.gateway.start())
        self.ib = plug_in(IB(), self.gateway)
        self.run(self.ib.connectAsync(clientId=3))
        self.requests = Requests(self.ib, health=HealthRecord(clock=self.loop.now))
        self.streams = StreamManager(
            self.ib, limits=StreamLimits(), requests=self.requests, stale_after=None
        )
        self.contracts = {name: future(self.gateway, name) for name in NAMES}
        self.held: list[Held] = []
        self.sent: dict[tuple[str, str], list] = {}
        self.kind_of: dict[int, tuple[str, str]] = {}
        self.gateway._floor.trace = self.trace
        self.counts = Counter()
        for name in NAMES:
            self.gateway.market.quote(name, bid=5000, ask=5100)
        self.price = 5001
        for kind in KINDS:
            self.open("ES", kind)
        self.wait(1)

    # --- means ---------------------------------------------------------------------------

    def run(self, work):
        return self.loop.run_until_complete(work)

    def wait(self, seconds):
        self.run(asyncio.sleep(seconds))

    def trace(self, _session, way, message):
        """Note what the gateway sends, by what it was asked for."""
        kind, req_id = type(message).__name__, getattr(message, "req_id", None)
        if way == ">" and kind in {"ReqMktData", "ReqTickByTickData"}:
            symbol = message.contract.symbol
            self.kind_of[req_id] = (symbol, "quotes" if kind == "ReqMktData" else "ticks")
        elif (way == "<" and kind == "TickPrice" and message.tick_type == 1) or (
            way == "<" and "TickByTick" in kind
        ):
            self.note(req_id, message.price)

    def note(self, req_id, price):
        key = self.kind_of[req_id]
        self.sent.setdefault(key, []).append((self.loop.now(), price))

    @property
    def is_connected(self):
        return self.ib.isConnected()

    def open_streams(self):
        return [one for one in self.held if not one.stream.is_closed]

    def move(self, name):
        """Let the market move to a price that was never there before."""
        self.price += 1
        self.gateway.market.quote(name, bid=self.price, ask=self.price + 100)
        self.gateway.market.trade(name, self.price)

    # --- what users do ----------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), kind=st.sampled_from(KINDS))
    def opens(self, name, kind):
        if len(self.held) < 12:
            self.open(name, kind)

    def open(self, name, kind):
        opener = getattr(self.streams, kind)
        options = {} if kind == "depth" else {"buffer": EVERY}
        try:
            stream = opener(self.contracts[name], **options)
        except NotConnected:
            assert not self.is_connected
            return
        self.held.append(Held(stream, name, kind, self.loop.now()))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def close(self, data):
        one = data.draw(st.sampled_from(self.held))
        self.check(one)
        self.held.remove(one)
        one.stream.close()

    @precondition(lambda self: not self.is_connected)
    @rule()
    def reconnect(self):
        self.run(self.ib.connectAsync(clientId=3))

    # --- what the world does -------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), times=st.integers(1, 4))
    def market_moves(self, name, times):
        for _ in range(times):
            self.move(name)
            self.wait(0.3)

    @rule(seconds=st.sampled_from([0.1, 1.0, 20.0]))
    def time_passes(self, seconds):
        self.wait(seconds)

    @precondition(lambda self: self.held)
    @rule(fault=st.sampled_from(["cut", "lose_data", "reset_depth", "compete"]))
    def fault(self, fault):
        getattr(self.gateway.faults, fault)()
        self.wait(0.1)

    @precondition(lambda self: self.held)
    @rule(dead=st.booleans())
    def farm_blips(self, dead):
        self.gateway.faults.farm_down()
        self.wait(3)
        self.gateway.faults.farm_up(dead=dead)

    @precondition(lambda self: self.held)
    @rule(data_lost=st.booleans(), seconds=st.sampled_from([0.1, 30.0]))
    def tws_loses_ib(self, data_lost, seconds):
        self.gateway.faults.lose_connectivity(times=3)
        self.wait(seconds)
        self.gateway.faults.restore(data_lost=data_lost)

    # --- promises -------------------------------------------------------------------------------

    @invariant()
    def never_more_than_is_allowed(self):
        if not hasattr(self, "streams"):
            return
        for pool, use in self.streams.statistics().pools.items():
            if pool is not Pool.REAL_TIME:
                assert use.used <= StreamLimits().cap(pool)

    @invariant()
    def no_handler_has_failed(self):
        if hasattr(self, "requests"):
            assert self.requests.health.current().last_error is None

    def check(self, one):
        """Every tick that was sent for it was delivered or lies inside a gap."""
        if one.kind not in {"quotes", "ticks"} or one.started is None:
            return
        self.wait(0.1)
        one.read()
        prices = {value.bid if one.kind == "quotes" else value.price for value in one.seen}
        gaps = one.gaps(self.loop.now())
        for at, price in self.sent.get((one.name, one.kind), []):
            if at < max(one.since, one.started):
                continue
            if price in prices:
                self.counts["delivered"] += 1
            else:
                in_gap = any(start - MOMENT <= at <= end + MOMENT for start, end in gaps)
                assert in_gap, f"{one.stream}: {price} sent at {at} is lost; gaps: {gaps}"
                self.counts["in a gap"] += 1
        assert one.stream.dropped == 0

    def settle(self):
        self.gateway.faults.clear()
        self.gateway.faults.farm_up()
        if not self.is_connected:
            self.reconnect()
        for _ in range(14):
            for name in NAMES:
                self.move(name)
            self.wait(10)

    def teardown(self):
        if not hasattr(self, "stack"):
            return
        try:
            if sys.exc_info()[0] is None:
                self.settle()
                self.calm()
        finally:
            self.held.clear()
            self.streams.close()
            self.requests.close()
            self.ib.disconnect()
            self.run(self.gateway.stop())
            self.stack.close()

    def calm(self):
        """Every stream delivers, or waits for a place, or has ended with a reason."""
        for one in self.open_streams():
            self.check(one)
            if one.stream._line.phase is not Phase.WAITING:
                assert one.stream._line.phase is Phase.LIVE, one.stream
                assert one.stream.gap is None, f"{one.stream} is still in {one.stream.gap}"
                assert one.started is not None, f"{one.stream} never began"
        for one in self.held:
            if one.stream.is_closed:
                assert isinstance(one.stream._consumer.end.error, StreamBroken)
        live = {one.stream._line for one in self.open_streams()}
        live = {line for line in live if line.phase is Phase.LIVE}
        at_gateway = [kind for _, kind, _ in data(self.gateway) if kind in AT_GATEWAY]
        assert len(at_gateway) == len(live), "a line was lost, or leaked"
        waiting = sum(use.waiting for use in self.streams.statistics().pools.values())
        assert waiting or len(live) == len({one.stream._line for one in self.open_streams()})


TestManager = ManagerMachine.TestCase
# Each example is minutes of the gateway's life.
TestManager.settings = settings(max_examples=settings().max_examples // 8, stateful_step_count=20)
