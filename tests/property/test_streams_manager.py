"""The manager against the simulated gateway, with everything going wrong in any order.

Two promises: when things have calmed down, every open stream is live or says why it is not; and
every tick that the gateway sent for a line was delivered, was counted as dropped, or lies inside
a gap. Nobody has data, or data again, without saying so, and what is open at the gateway is what
is held, request by request. The gateway's own trace says what was sent. Prices rise with every
move, so that each is sent once, a value that comes out of order shows, and one that is delivered
twice does, too. Bars have no excuse: those of a gap are fetched from history, and the market's own
bars say which there were. A stream that must not miss a value has every one up to where it broke.

``python tests/property/test_streams_manager.py 200`` runs so many examples and prints the counts.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import HealthCheck, Phase as Stage, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from ib_async import IB

from ibkit._ib._health import HealthRecord
from ibkit._ib._requests import Requests
from ibkit.errors import BufferFull, IbkitError, LimitReached, NotConnected, StreamBroken
from ibkit.sim import Limits, Scenario, SimGateway
from ibkit.streams import (
    Buffer,
    Closed,
    Gap,
    Notice,
    Pool,
    Resumed,
    Started,
    StreamLimits,
    StreamManager,
)
from ibkit.streams._kinds import Kind
from ibkit.streams._limits import POOLS
from ibkit.streams._recovery import DELIVERING, Phase
from ibkit.testing import plug_in, virtual_time
from sim_client import MONDAY, data, future

NAMES = ("ES", "NQ", "CL")
KINDS = ("quotes", "ticks", "depth", "bars_5s", "bars")
ARGUMENTS = {"bars": ("1 min", "600 S")}
REQUESTS = {
    "ReqMktData": "quotes",
    "ReqTickByTickData": "ticks",
    "ReqMktDepth": "depth",
    "ReqRealTimeBars": "bars_5s",
    "ReqHistoricalData": "bars",
}
AT_GATEWAY = {"quotes", "tick_by_tick", "depth", "bars_5s", "live_bars"}
EVERY = Buffer(1_000_000, "drop-oldest")
BUFFERS = (
    EVERY,
    EVERY,
    Buffer(2, "drop-oldest"),
    Buffer(2, "drop-newest"),
    Buffer(1, "conflate"),
    Buffer(3, "fail"),
)
SIZES = {"bars": "1 min", "bars_5s": "5 secs"}
BUST = "Bust event occurred, current subscription is deactivated. Please resubscribe immediately."
REFUSALS = (
    ("ReqMktData", 101, "Max number of tickers has been reached"),
    ("ReqMktData", 322, "Error processing request.-'bX' : cause - Duplicate ticker id"),
    ("ReqMktData", 354, "Requested market data is not subscribed."),
    ("ReqTickByTickData", 10190, "Max number of tick-by-tick requests has been reached"),
    ("ReqMktDepth", 309, "Max number (3) of market depth requests has been reached"),
    ("ReqRealTimeBars", 420, "Invalid Real-time Query: pacing violation"),
    ("ReqHistoricalData", 162, "Historical data request pacing violation"),
)
FARM_ENDS = ("down", "down", "up", "dead", "asleep")
MARKET_KINDS = ("quotes", "bars_5s", "tick_by_tick", "depth")
GENERICS = ((), (), (233,), (236,), (233, 375))
REQUESTED = set(Phase) - {Phase.WAITING, Phase.DOWN, Phase.ENDED}
MOMENT = timedelta(milliseconds=50)
"""What lies between sending and arriving is less than this."""
TOTALS: Counter[str] = Counter()
ENOUGH = 150
"""Runs in which each excuse should have been needed."""


def keys_of(kind, value):
    """What of a value can be held against what the gateway sent."""
    if kind == "quotes":
        return [value.bid]
    if kind == "ticks":
        return [value.price]
    if kind == "depth":
        sides = ((1, value.bids), (0, value.asks))
        return [(side, place, row.price) for side, rows in sides for place, row in enumerate(rows)]
    return [value.time]


def sent_in(message):
    """The same of a message of the gateway; None if it is not followed."""
    name = type(message).__name__
    if name == "TickPrice" and message.tick_type == 1:
        return message.price
    if name == "TickByTickAllLast":
        return message.price
    if name == "UpdateMktDepth" and message.operation != 2 and message.position < 5:
        return (message.side, message.position, message.price)
    if name == "RealtimeBar" and message.volume > 0:  # history has no bars without trades
        return datetime.fromtimestamp(message.time, timezone.utc)
    if name == "HistoricalDataUpdate":
        return datetime.fromtimestamp(int(message.bar.date), timezone.utc)
    return None


class Held:
    """A stream with what a test knows of it."""

    def __init__(self, stream, name, kind, now, buffer):
        self.stream, self.name, self.kind, self.now = stream, name, kind, now
        self.since, self.ended = now(), None
        self.buffer, self.unread_at_end = buffer, None
        stream.events += self.heard
        self.keys, self.order, self.read_so_far = set(), [], 0
        self.reader = None

    def heard(self, event):
        if isinstance(event, Closed):
            self.unread_at_end, self.ended = self.stream.unread, self.now()

    def read(self):
        queue = self.stream._consumer.unread.queue
        while queue:
            self.take(queue.popleft())

    def take(self, value):
        keys = keys_of(self.kind, value)
        self.keys.update(keys)
        self.read_so_far += 1
        if self.kind != "depth" and keys[0] is not None:
            self.order.append(keys[0])

    async def iterate(self, how):
        """Read as a program does that is slow, or that fails in the midst of it."""
        with suppress(IbkitError, ZeroDivisionError):
            async for value in self.stream:
                self.take(value)
                if how == "slow":
                    await asyncio.sleep(0.7)
                elif how == "fails":
                    raise ZeroDivisionError

    def gaps(self, until):
        """Spans of time in which data may be missing."""
        spans = {}
        for event in self.stream.events:
            if isinstance(event, Gap):
                spans[event] = (event.since, until)
            elif isinstance(event, Resumed):
                spans[event.gap] = (event.gap.since, event.at)
        return list(spans.values())

    def has_gap(self, reason):
        return any(
            isinstance(event, Gap) and reason in event.reason for event in self.stream.events
        )

    def has(self, kind):
        return any(isinstance(event, kind) for event in self.stream.events)

    @property
    def story(self):
        """All that happened to it, for the message of an assertion."""
        line, feed = self.stream._line, self.stream._line.feed
        counts = {name: getattr(feed, name) for name in ("missed", "repeats", "faults")}
        request = line.subscription and line.subscription.req_id
        told = "\n  ".join(map(str, self.stream.events))
        what = f"{self.stream}, {self.buffer.policy}, request {request}, {counts}"
        return f"{what}\n  {feed.latest}\n  {told}"

    @property
    def notices(self):
        return [event.text for event in self.stream.events if isinstance(event, Notice)]

    @property
    def started(self):
        return next((e.at for e in self.stream.events if isinstance(e, Started)), None)


class ManagerMachine(RuleBasedStateMachine):
    @initialize(seed=st.integers(1, 5), lines=st.sampled_from([2, 4, 100]))
    def start(self, seed, lines):
        self.stack = ExitStack()
        self.loop = self.stack.enter_context(virtual_time())
        self.lines = lines
        scenario = Scenario(limits=Limits(lines=lines))
        self.gateway = SimGateway(port=None, seed=seed, start=MONDAY, scenario=scenario)
        self.run(self.gateway.start())
        self.ib = plug_in(IB(), self.gateway)
        self.run(self.ib.connectAsync(clientId=3))
        self.requests = Requests(self.ib, health=HealthRecord(clock=self.loop.now))
        self.streams = StreamManager(
            self.ib, limits=StreamLimits(), requests=self.requests, stale_after=60.0
        )
        self.contracts = {name: future(self.gateway, name) for name in NAMES}
        self.held: list[Held] = []
        self.sent: dict[tuple[str, str], list] = {}
        self.kind_of: dict[int, tuple[str, str]] = {}
        self.gateway._floor.trace = self.trace
        for name in NAMES:
            self.gateway.market.quote(name, bid=5000, ask=5100)
        self.price = 5001
        for kind in KINDS:
            self.open("ES", kind, EVERY)
        self.wait(1)

    # --- means ---------------------------------------------------------------------------

    def run(self, work):
        return self.loop.run_until_complete(work)

    def act(self, do, *arguments, **options):
        """Do something from within the loop, where alone packets can be split."""

        async def work():
            return do(*arguments, **options)

        return self.run(work())

    def wait(self, seconds):
        self.run(asyncio.sleep(seconds))

    def trace(self, _session, way, message):
        """Note what the gateway sends, by what it was asked for."""
        req_id = getattr(message, "req_id", None)
        if way == ">" and (kind := REQUESTS.get(type(message).__name__)):
            self.kind_of[req_id] = (message.contract.symbol, kind)
        elif way == "<" and (key := sent_in(message)) is not None:
            line = self.kind_of[req_id]
            self.sent.setdefault(line, []).append((self.loop.now(), key))

    @property
    def is_connected(self):
        return self.ib.isConnected()

    def open_streams(self):
        return [one for one in self.held if not one.stream.is_closed]

    def move(self, name):
        """Let the market move to a price that was never there before."""
        self.price += 1
        self.act(self.gateway.market.quote, name, bid=self.price, ask=self.price + 100)
        self.act(self.gateway.market.trade, name, self.price)

    # --- what users do ----------------------------------------------------------------------

    @rule(
        name=st.sampled_from(NAMES),
        kind=st.sampled_from(KINDS),
        buffer=st.sampled_from(BUFFERS),
        when_full=st.sampled_from(["wait", "wait", "refuse", "evict"]),
        priority=st.integers(0, 1),
        wants=st.integers(0, 4),
    )
    def opens(self, name, kind, buffer, when_full, priority, wants):
        if len(self.held) < 12:
            self.open(name, kind, buffer, wants, when_full=when_full, priority=priority)

    @rule(
        name=st.sampled_from(NAMES),
        kind=st.sampled_from(KINDS),
        when_full=st.sampled_from(["wait", "evict"]),
        seconds=st.sampled_from([0.0, 0.1, 0.5]),
    )
    def opens_and_closes(self, name, kind, when_full, seconds):
        """Not longer than TWS wants a request to last, or a little longer."""
        before = len(self.held)
        self.open(name, kind, EVERY, when_full=when_full)
        self.wait(seconds)
        for one in self.held[before:]:
            self.held.remove(one)
            one.stream.close()

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 11), how=st.sampled_from(["well", "slow", "fails"]))
    def iterates(self, which, how):
        """Begin to iterate, in the place of whoever does so."""
        one = self.held[which % len(self.held)]
        self.stop_reading(one)
        one.reader = self.loop.create_task(one.iterate(how))

    def stop_reading(self, one):
        if one.reader is not None:
            one.reader.cancel()
            with suppress(asyncio.CancelledError):
                self.run(one.reader)
            one.reader = None

    def open(self, name, kind, buffer, wants=None, **options):
        opener = getattr(self.streams, kind)
        arguments = ARGUMENTS.get(kind, ())
        if wants is not None and kind == "quotes":
            arguments = (GENERICS[wants],)
        elif wants is not None and kind == "depth":
            arguments = (wants + 3,)
        try:
            stream = opener(self.contracts[name], *arguments, buffer=buffer, **options)
        except NotConnected:
            assert not self.is_connected
            return
        except LimitReached:
            assert options["when_full"] == "refuse"
            TOTALS["refused"] += 1
            return
        self.held.append(Held(stream, name, kind, self.loop.now, buffer))

    @rule()
    def consumers_read(self):
        for one in self.held:
            one.read()

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 11))
    def close(self, which):
        one = self.held[which % len(self.held)]
        if one.kind not in {"bars", "bars_5s"}:  # the bars of a gap may still be on their way
            self.check(one)
        self.held.remove(one)
        one.stream.close()
        self.stop_reading(one)

    @precondition(lambda self: not self.is_connected)
    @rule()
    def reconnect(self):
        with suppress(ConnectionError):  # it may be cut in the midst of this
            self.run(self.ib.connectAsync(clientId=3))

    @rule()
    def everybody_stops_reading(self):
        for one in self.held:
            self.stop_reading(one)

    # --- what the world does -------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), times=st.integers(1, 4))
    def market_moves(self, name, times):
        for _ in range(times):
            self.move(name)
            self.wait(0.3)

    @rule(name=st.sampled_from(NAMES), times=st.integers(2, 6))
    def market_bursts(self, name, times):
        for _ in range(times):
            self.move(name)
        self.wait(0.01)

    @rule(seconds=st.sampled_from([0.1, 1.0, 20.0]))
    def time_passes(self, seconds):
        self.wait(seconds)

    @rule(size=st.sampled_from([0, 3, 50]))
    def packets_are_split(self, size):
        self.act(self.gateway.faults.split_packets, size)

    @rule(refusal=st.sampled_from(REFUSALS))
    def a_request_will_be_refused(self, refusal):
        self.act(self.gateway.faults.refuse, *refusal)

    @rule(request=st.sampled_from(sorted(REQUESTS)), late=st.sampled_from([0.0, 3.0, 9.0]))
    def a_request_will_be_late_or_never_answered(self, request, late):
        if late:
            self.act(self.gateway.faults.delay_request, request, late)
        else:
            self.act(self.gateway.faults.ignore, request)

    @precondition(lambda self: self.held)
    @rule(
        fault=st.sampled_from(["cut", "lose_data", "reset_depth", "compete"]),
        moves=st.integers(0, 2),
    )
    def fault(self, fault, moves):
        for _ in range(moves):
            self.move("ES")
        self.act(getattr(self.gateway.faults, fault))
        self.wait(0.1)

    @precondition(lambda self: self.held)
    @rule(moves=st.integers(0, 2), request=st.sampled_from(sorted(REQUESTS)))
    def cut_in_the_midst(self, moves, request):
        for _ in range(moves):
            self.move("ES")
        self.act(self.gateway.faults.cut_at, request)

    @precondition(lambda self: self.held)
    @rule(dead=st.booleans(), farm=st.sampled_from(["usfarm", "usfarm", "ushmds"]))
    def farm_blips(self, dead, farm):
        self.act(self.gateway.faults.farm_down, farm)
        self.wait(3)
        self.act(self.gateway.faults.farm_up, farm, dead=dead and farm == "usfarm")

    @precondition(lambda self: self.held)
    @rule(data_lost=st.booleans(), seconds=st.sampled_from([0.1, 30.0]), nightly=st.booleans())
    def tws_loses_ib(self, data_lost, seconds, nightly):
        if nightly:
            self.act(self.gateway.faults.nightly_reset)
        else:
            self.act(self.gateway.faults.lose_connectivity, times=3)
        self.wait(seconds)
        self.everybody_knows_of_it()
        self.act(self.gateway.faults.restore, data_lost=data_lost)

    @precondition(lambda self: self.held)
    @rule(code=st.sampled_from([1100, 1100, 1101, 1102, 2110]))
    def ib_comes_and_goes(self, code):
        """Without an end of it: the next one follows whenever it wants to."""
        faults = self.gateway.faults
        if code in (1101, 1102):
            self.act(faults.restore, data_lost=code == 1101)
        elif code == 2110:
            self.act(faults.nightly_reset)
        else:
            self.act(faults.lose_connectivity)
        self.wait(0.1)

    @precondition(lambda self: self.held)
    @rule(farm=st.sampled_from(["usfarm", "eufarm", "ushmds"]), how=st.sampled_from(FARM_ENDS))
    def a_farm_comes_or_goes(self, farm, how):
        """Several at once, and without an end of it; one may come back asleep."""
        self.act(self.farm, farm, how)
        self.wait(0.1)

    def farm(self, farm, how):
        faults, is_history = self.gateway.faults, "hmds" in farm
        farms = self.gateway._floor.farms
        if how == "down":
            faults.farm_down(farm)
        elif farms._is_up.get(farm, True):
            faults.farm_up(farm)
        elif how == "asleep":
            self.gateway._floor.kill_data(["live_bars"] if is_history else MARKET_KINDS)
            farms.report(farm, is_up=True)
            faults._notice_all(2107 if is_history else 2108, farm)
        else:
            faults.farm_up(farm, dead=how == "dead")

    @rule(lines=st.integers(1, 4), depth=st.integers(1, 3), ticks=st.integers(1, 3))
    def ib_allows_less_or_more(self, lines, depth, ticks):
        limits = {"lines": lines, "depth": depth, "tick_by_tick": ticks}
        self.act(self.gateway.faults.switch, limits=limits)

    @precondition(lambda self: self.held)
    @rule(times=st.integers(1, 3), moves=st.integers(0, 2))
    def another_session_has_the_data(self, times, moves):
        """10197, and again for the next requests."""
        for _ in range(moves):
            self.move("ES")
        self.act(self.gateway.faults.refuse, "ReqMktData", 10197, "competing session", times)
        self.act(self.gateway.faults.compete)
        self.wait(0.1)

    @rule(fault=st.sampled_from(["delay", "withhold", "double"]))
    def the_hours_will_be_late_or_never_known(self, fault):
        seconds = (7.0,) if fault == "delay" else ()
        self.act(getattr(self.gateway.faults, fault), "ContractData", *seconds)

    @precondition(lambda self: self.held)
    @rule(after=st.booleans())
    def cut_while_bars_are_fetched(self, after):
        self.act(self.gateway.faults.cut_at, "ReqHistoricalData", after=after)
        self.act(self.gateway.faults.cut)
        self.wait(0.1)
        self.reconnect()
        self.wait(6)

    @precondition(lambda self: self.held)
    @rule(moves=st.integers(0, 2))
    def bars_are_busted(self, moves):
        """10225: TWS ends every subscription to 5-second bars, and wants to be asked again."""
        for _ in range(moves):
            self.move("ES")
        flowing = [(self.req_id_of(one), one) for one in self.open_streams() if one.started]
        ended = self.act(self.end_bars)
        self.wait(0.01)
        for req_id, one in flowing if self.is_connected else ():
            if req_id in ended:
                TOTALS["knew that bars had ended"] += 1
                knows = one.stream.gap is not None or one.has_gap("10225")
                assert knows, f"not told that the bars have ended: {one.story}"

    def req_id_of(self, one):
        subscription = one.stream._line.subscription
        return subscription and subscription.req_id

    def end_bars(self):
        ended = set()
        for session in self.gateway._floor.ready_sessions():
            for kind, req_id in list(session.running):
                if kind == "bars_5s":
                    session.stop(kind, req_id)
                    session.error(req_id, 10225, BUST)
                    ended.add(req_id)
        self.gateway._server.flush()
        return ended

    # --- promises -------------------------------------------------------------------------------

    @invariant()
    def never_more_than_is_allowed(self):
        if not hasattr(self, "streams"):
            return
        for pool, use in self.streams.statistics().pools.items():
            if pool is not Pool.REAL_TIME:
                assert use.used <= StreamLimits().cap(pool)

    @invariant()
    def nobody_delivers_who_has_not_said_that_data_flow(self):
        if not hasattr(self, "streams"):
            return
        for line in self.streams._board._lines.values():
            if line.phase in DELIVERING:
                assert line.is_started, f"{line.plan.name} has not said that data flow"
                assert line.gap is None, f"{line.plan.name} has not said that data flow again"

    @invariant()
    def whoever_has_a_request_has_one_and_nobody_has_another(self):
        if not hasattr(self, "streams"):
            return
        board = self.streams._board
        open_, doomed = set(board._ledger._live), set(board._ledger._doomed)
        assert set(board._wires._by_token) == open_ | doomed
        for line in board._lines.values():
            if line.phase in REQUESTED:
                assert line.token in open_ | doomed, f"{line.plan.name} has no request"

    @invariant()
    def no_handler_has_failed(self):
        if hasattr(self, "requests"):
            assert self.requests.health.current().last_error is None

    def everybody_knows_of_it(self):
        """While TWS has no connection to IB, whoever had data is told that it is missing."""
        self.wait(0.1)
        for one in self.open_streams():
            if self.is_connected and one.started is not None:
                TOTALS["knew that IB was lost"] += 1
                assert one.stream.gap is not None, f"not told that IB is lost: {one.story}"

    def check(self, one):
        """Every tick that was sent for it was delivered, was dropped, or lies inside a gap."""
        self.wait(0.1)
        one.read()
        self.check_order(one)
        if one.started is None:
            return
        gaps, lost, unsure = one.gaps(self.loop.now()), {}, {}
        for at, key in self.sent.get((one.name, one.kind), []):
            if at < max(one.since, one.started) or (one.ended and at >= one.ended):
                continue  # another stream of the same line may have been sent it
            if key in one.keys:
                TOTALS[f"{one.kind}: delivered"] += 1
                lost.update(unsure)
                unsure = {}
            elif self.is_excused(one, at, key, gaps):
                TOTALS[f"{one.kind}: in a gap"] += 1
            else:
                unsure[key] = at  # an unfinished bar is sent again and again
        if not one.stream.is_closed:  # else what came last, came after it
            lost.update(unsure)
        TOTALS[f"{one.kind}: dropped"] += len(lost)
        allowed = 0 if one.buffer.policy == "fail" else one.stream.dropped
        assert len(lost) <= allowed, f"lost {lost}; {one.story}"

    def is_excused(self, one, at, key, gaps):
        if one.kind == "bars":
            latest = one.stream.latest
            return latest is not None and latest.time == key  # it is still under way
        if one.kind == "bars_5s":
            return any("could not be fetched" in text for text in one.notices)
        return any(start - MOMENT <= at <= end + MOMENT for start, end in gaps)

    def check_series(self, one):
        """Bars have no hole: between two that came, every one that the market has came, too."""
        if len(one.order) < 2 or any("could not be fetched" in text for text in one.notices):
            return
        first, last = one.order[0], one.order[-1]
        instrument = self.gateway.market.instrument(one.name)
        bars = self.gateway._floor.market.bars(
            instrument, first, last, SIZES[one.kind], "TRADES", use_rth=False
        )
        missing = {bar.time for bar in bars} - set(one.order)
        TOTALS[f"{one.kind}: in the market's series"] += len(bars)
        assert len(missing) <= one.stream.dropped, f"a hole at {sorted(missing)}; {one.story}"

    def check_order(self, one):
        """Nothing old after something new, and no trade and no bar twice."""
        if one.kind == "quotes":
            assert all(before <= after for before, after in pairwise(one.order)), one.order
        else:
            assert all(before < after for before, after in pairwise(one.order)), one.order

    def settle(self):
        self.act(self.gateway.faults.clear)
        self.act(self.gateway.faults.split_packets, 0)
        limits = {"lines": self.lines, "tick_by_tick": 5, "depth": 3}
        self.act(self.gateway.faults.switch, limits=limits)
        if self.gateway._floor.is_offline:
            self.act(self.gateway.faults.restore)
        for farm in ("usfarm", "eufarm", "ushmds"):
            self.act(self.gateway.faults.farm_up, farm)
        for _ in range(20):
            if not self.is_connected:
                self.reconnect()
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
            for one in self.held:
                self.stop_reading(one)
            self.held.clear()
            self.streams.close()
            self.requests.close()
            self.ib.disconnect()
            self.run(self.gateway.stop())
            self.stack.close()

    def calm(self):
        """Every stream delivers, or says why not: it waits for a place, is stale, or has ended."""
        TOTALS["runs"] += 1
        for one in self.held:
            self.check(one)
            if one.kind in SIZES:
                self.check_series(one)
        for one in self.open_streams():
            phase = one.stream._line.phase
            TOTALS[f"at last {phase.value}"] += 1
            if phase is Phase.WAITING:
                assert self.is_full(one), f"{one.stream} waits for nothing"
            else:
                self.check_live(one)
        for one in self.held:
            if one.stream.is_closed:
                TOTALS["at last ended"] += 1
                end = one.stream._consumer.end
                assert isinstance(end.error, (StreamBroken, LimitReached)), end
                if isinstance(end.error, BufferFull):
                    TOTALS["at last too slow"] += 1
                    assert one.unread_at_end == one.buffer.size, "what it had kept is gone"
        self.check_books()

    def check_books(self):
        """What is open at the gateway is what is held, request by request, and nothing else."""
        board = self.streams._board
        subscriptions = [line.subscription for line in board._lines.values() if line.subscription]
        held = {subscription.req_id for subscription in subscriptions}
        at_gateway = {req_id for _, kind, req_id in data(self.gateway) if kind in AT_GATEWAY}
        lines = [f"{line.phase.value}: {line.plan.name}" for line in board._lines.values()]
        assert held == at_gateway, f"a line was lost, or leaked: {held}, {at_gateway}; {lines}"
        assert {one.stream._line for one in self.open_streams()} == set(board._lines.values())
        assert set(board._door._errors) == held, "somebody still listens to what is over"
        assert not board._fills._filling
        assert board._gate.pacer.open == 0, "a place for downloads was not given back"
        assert not self.ib.wrapper.reqId2Ticker

    def is_full(self, one):
        pools = self.streams.statistics().pools
        return any(
            pools[pool].limit is not None and pools[pool].used >= pools[pool].limit
            for pool in POOLS[Kind(one.kind)]
        )

    def check_live(self, one):
        stream = one.stream
        assert stream._line.phase is Phase.LIVE, stream
        assert stream.gap is None, f"{stream} is still in {stream.gap}"
        assert one.started is not None, f"{stream} never began"
        gaps = [event for event in stream.events if isinstance(event, Gap)]
        ended = [event.gap for event in stream.events if isinstance(event, Resumed)]
        assert gaps == ended, f"not every gap was said to be over: {one.story}"
        bid = self.act(self.gateway.market.now, one.name).bid
        if one.kind == "quotes":
            assert stream.latest.bid == bid, f"the market is at {bid}; {one.story}"
        elif one.kind == "depth":
            assert stream.latest.best_bid.price == bid, f"the market is at {bid}; {one.story}"
        else:
            silent = self.loop.now() - stream.latest.arrived
            assert silent < timedelta(seconds=16), f"silent for {silent}: {one.story}"


TestManager = ManagerMachine.TestCase
# Each example is minutes of the gateway's life.
TestManager.settings = settings(max_examples=settings().max_examples // 8, stateful_step_count=20)


def test_what_was_promised_was_put_to_the_test():
    """The counts of the runs above: it was not all gaps."""
    if not TOTALS["runs"]:
        run_state_machine_as_test(ManagerMachine, settings=TestManager.settings)
    assert all(TOTALS[f"{kind}: delivered"] for kind in KINDS)
    assert TOTALS["at last live"] > TOTALS["at last waiting"]
    if TOTALS["runs"] >= ENOUGH:
        assert sum(TOTALS[f"{kind}: in a gap"] for kind in ("quotes", "ticks", "depth"))
        assert sum(TOTALS[f"{kind}: dropped"] for kind in KINDS) > 0
        assert TOTALS["knew that IB was lost"]
        assert TOTALS["knew that bars had ended"]
        assert TOTALS["at last too slow"]


if __name__ == "__main__":
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    long_run = settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        database=None,
        phases=[Stage.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(ManagerMachine, settings=long_run)
    for outcome in sorted(TOTALS):
        sys.stdout.write(f"{TOTALS[outcome]:7} {outcome}\n")
    test_what_was_promised_was_put_to_the_test()
