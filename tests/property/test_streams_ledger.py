"""The ledger against a gateway that is a dict: what is open, what it counts, what it was told."""

from __future__ import annotations

import sys

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ibkit._ib._history_pacer import HistoryPacer, HistoryPacing, Question, series_of
from ibkit.streams._decisions import Cancel, Evict, Holder, Open, Refuse, Share, Wait
from ibkit.streams._kinds import Kind, Spec
from ibkit.streams._ledger import Ledger
from ibkit.streams._limits import POOLS, Pool, StreamLimits

LIMITS = StreamLimits(
    lines=3,
    tick_by_tick=2,
    depth=1,
    history=2,
    real_time=2,
    bars_5s_per_10_minutes=3,
    minimum_hold=0.25,  # every time here is a sum of powers of two, so that floats are exact
)
SPECS = [
    Spec(con_id=con_id, exchange="CME", kind=kind)
    for con_id in (1, 2)
    for kind in (Kind.QUOTES, Kind.TICKS, Kind.DEPTH, Kind.BARS_5S)
]
SPECS += [
    Spec(con_id=1, exchange="CME", kind=Kind.BARS, parameters=(size, "1 D", "TRADES"))
    for size in ("5 secs", "10 secs", "1 min")
]
SPECS += [Spec(con_id=con_id, exchange="SMART", kind=Kind.QUOTES) for con_id in (1, 2, 3, 4)]
PACING = HistoryPacing(
    most=4, window=600.0, identical=15.0, burst=2, burst_window=2.0, margin=0.0625
)
SHARED_WIDER = {Kind.QUOTES, Kind.DEPTH}
"""Kinds of which holders want more or less; no rule says how often those are asked for."""
HELD = 2
"""A contract that must never be evicted."""


class LedgerMachine(RuleBasedStateMachine):
    @initialize()
    def start(self):
        self.now = 1000.0
        self.history = HistoryPacer(PACING)
        self.ledger = Ledger(LIMITS, self.history)
        self.downloads: list[float] = []
        self.ledger.protected = frozenset({HELD})
        self.numbers = iter(range(1, 1_000_000))
        self.order = iter(range(1, 1_000_000))
        self.connected = True
        self.seen: set[int] = set()
        self.dead: set[int] = set()
        # The gateway: what is open, by token, and since when.
        self.open: dict[int, Spec] = {}
        self.since: dict[int, float] = {}
        self.wants: dict[int, frozenset[int]] = {}
        self.current: dict[Spec, int] = {}
        # The consumers: holders by number, and since when their spec stands in line.
        self.holders: dict[int, tuple[Holder, Spec, frozenset[int]]] = {}
        self.stands: dict[Spec, int] = {}
        self.not_before: dict[Spec, float] = {}
        self.asked: list[tuple[Spec, float]] = []
        self.caps: dict[Pool, tuple[int, float]] = {}
        self.widened: set[Spec] = set()

    # --- the model's view --------------------------------------------------------------

    def used(self, pool):
        return sum(pool in POOLS[spec.kind] for spec in self.open.values())

    def cap(self, pool):
        cap = LIMITS.cap(pool)
        if pool in self.caps:
            low, since = self.caps[pool]
            cap = min(cap, low + int((self.now - since) // 60))
        return cap

    def holding(self, spec):
        return [entry for entry in self.holders.values() if entry[1] == spec]

    def rank(self, spec):
        return (-max(holder.priority for holder, _, _ in self.holding(spec)), self.stands[spec])

    def waiting(self):
        return [spec for spec in self.stands if spec not in self.current]

    def ahead(self, spec, pool):
        mine = self.rank(spec)
        return sum(pool in POOLS[one.kind] and self.rank(one) < mine for one in self.waiting())

    def room(self, spec):
        return all(
            self.cap(pool) - self.used(pool) > self.ahead(spec, pool) for pool in POOLS[spec.kind]
        )

    def is_ready(self, spec):
        if self.now < self.not_before.get(spec, 0):
            return False
        if spec.kind is Kind.TICKS:
            return all(
                self.now >= at + 15
                for other, at in self.asked
                if other.kind is Kind.TICKS and other.con_id == spec.con_id
            )
        if spec.kind is Kind.BARS_5S:
            bars = [at for other, at in self.asked if other.kind is Kind.BARS_5S]
            return len(bars) < 3 or self.now >= bars[-3] + 600
        if spec.kind is Kind.BARS and spec.parameters[0] != "1 min":
            return self.may_ask_for_history(spec)
        return True

    def may_ask_for_history(self, spec):
        """Whether a live bar may be requested, by all that was asked for, downloads as well."""
        live = [
            (other, at)
            for other, at in self.asked
            if other.kind is Kind.BARS and other.parameters[0] != "1 min"
        ]
        since = [at for other, at in live if other == spec]
        times = [at for _, at in live] + self.downloads
        margin = PACING.margin
        return (
            all(self.now >= at + 15 + margin for at in since)
            and sum(self.now < at + 2 + margin for at in times) < 2
            and sum(self.now < at + 600 + margin for at in times) < 4
        )

    # --- carrying decisions out ----------------------------------------------------------

    def carry_out(self, decisions):
        evicted_by, delivering = set(), set(self.current)
        for decision in decisions:
            if isinstance(decision, Open):
                self.opened(decision.request, evicted_by | delivering)
            elif isinstance(decision, Cancel):
                self.cancelled(decision.request)
            elif isinstance(decision, Evict):
                self.evicted(decision, evicted_by)
                delivering.discard(decision.request.spec)
            elif isinstance(decision, Refuse):
                self.refused_holder(decision)
            else:
                assert isinstance(decision, (Share, Wait))

    def opened(self, request, entitled):
        spec = request.spec
        assert self.connected
        assert request.token not in self.seen
        assert self.is_ready(spec)
        if spec not in self.current and spec not in entitled:
            assert self.room(spec), "a place was given that belongs to one who waited longer"
        self.seen.add(request.token)
        self.open[request.token] = spec
        self.since[request.token] = self.now
        self.wants[request.token] = request.wants
        self.current[spec] = request.token
        self.asked.append((spec, self.now))
        self.not_before.pop(spec, None)
        for pool in Pool:
            assert self.used(pool) <= self.cap(pool), f"over the cap of {pool}"

    def cancelled(self, request):
        assert request.token in self.open, "cancelled twice, or never opened, or lost"
        assert self.now >= self.since[request.token] + LIMITS.minimum_hold
        self.forget(request.token)

    def forget(self, token):
        spec = self.open.pop(token)
        if self.current.get(spec) == token:
            del self.current[spec]

    def evicted(self, decision, evicted_by):
        victim = decision.request.spec
        assert victim.con_id != HELD
        evictors = [h for h, _, _ in self.holding(decision.by) if h.when_full == "evict"]
        assert max(h.priority for h, _, _ in self.holding(victim)) <= max(
            h.priority for h, _, _ in self.holding(decision.by)
        )
        assert evictors
        assert any(
            self.cap(pool) - self.used(pool) <= self.ahead(decision.by, pool)
            for pool in POOLS[decision.by.kind]
        )
        self.stands[victim] = next(self.order)
        evicted_by.add(decision.by)

    def refused_holder(self, decision):
        spec = self.holders[decision.holder.number][1]
        assert decision.holder.when_full == "refuse"
        assert self.cap(decision.pool) - self.used(decision.pool) <= self.ahead(spec, decision.pool)
        self.dropped(decision.holder.number)

    def dropped(self, number):
        spec = self.holders.pop(number)[1]
        if not self.holding(spec):
            self.stands.pop(spec)
            self.not_before.pop(spec, None)
            self.current.pop(spec, None)

    # --- rules ---------------------------------------------------------------------------

    @rule(
        spec=st.sampled_from(SPECS),
        priority=st.integers(0, 2),
        when_full=st.sampled_from(["wait", "wait", "refuse", "evict"]),
        wants=st.frozensets(st.sampled_from([233, 236]), max_size=2),
    )
    def acquire(self, spec, priority, when_full, wants):
        self.ask(spec, priority, when_full, wants)

    @precondition(lambda self: self.holders)
    @rule(data=st.data(), priority=st.integers(0, 2), wants=st.frozensets(st.integers(1, 3)))
    def join(self, data, priority, wants):
        number = data.draw(st.sampled_from(sorted(self.holders)))
        self.ask(self.holders[number][1], priority, "wait", wants)

    def ask(self, spec, priority, when_full, wants):
        number = next(self.numbers)
        holder = Holder(number=number, name=f"h{number}", priority=priority, when_full=when_full)
        self.holders[number] = (holder, spec, wants)
        if spec not in self.stands:
            self.stands[spec] = next(self.order)
            self.not_before.pop(spec, None)
        if spec in self.current:
            self.widened.add(spec)
        decisions = self.ledger.acquire(holder, spec, wants, now=self.now)
        for decision in decisions:
            if isinstance(decision, Share):  # a request that was about to be cancelled may return
                assert decision.request.token not in self.dead
                self.current[spec] = decision.request.token
        self.carry_out(decisions)

    @precondition(lambda self: self.holders)
    @rule(data=st.data())
    def release(self, data):
        number = data.draw(st.sampled_from(sorted(self.holders)))
        self.dropped(number)
        self.carry_out(self.ledger.release(number, now=self.now))

    @rule()
    def somebody_downloads(self):
        question = Question(object(), series_of(1, "CME", "TRADES"))
        if self.history.next_time(question, self.now) <= self.now:
            self.history.sent(question, self.now)
            self.downloads.append(self.now)

    @rule(seconds=st.sampled_from([0.125, 0.25, 1.0, 15.0, 60.0, 600.0]))
    def time_passes(self, seconds):
        until = self.now + seconds
        for _ in range(1000):
            at = self.ledger.deadline
            if at is None or at > until:
                break
            self.now = max(self.now, at)
            self.carry_out(self.ledger.due(self.now))
            assert self.ledger.deadline is None or self.ledger.deadline > self.now
        else:
            raise AssertionError("the ledger keeps asking to be called at once")
        self.now = until

    @precondition(lambda self: self.connected and self.open)
    @rule(data=st.data())
    def gateway_refuses(self, data):
        token = data.draw(st.sampled_from(sorted(self.open)))
        pool = data.draw(st.sampled_from(POOLS[self.open[token].kind]))
        self.forget(token)
        self.caps[pool] = (self.used(pool), self.now)
        self.carry_out(self.ledger.refused(token, pool, now=self.now))

    @precondition(lambda self: self.connected and self.open)
    @rule(data=st.data())
    def gateway_ends(self, data):
        token = data.draw(st.sampled_from(sorted(self.open)))
        spec = self.open[token]
        held = self.current.get(spec) == token
        self.forget(token)
        if held:
            for number in [n for n, (_, one, _) in self.holders.items() if one == spec]:
                self.dropped(number)
        self.carry_out(self.ledger.ended(token, now=self.now))

    @precondition(lambda self: self.current)
    @rule(data=st.data(), alive=st.booleans(), delay=st.sampled_from([0.0, 0.0, 5.0]))
    def request_again(self, data, alive, delay):
        token = data.draw(st.sampled_from(sorted(self.current.values())))
        spec = self.open[token]
        self.dead.add(token)
        self.not_before[spec] = self.now + delay
        if not alive:
            self.forget(token)
        decisions = self.ledger.again(token, now=self.now, alive=alive, delay=delay)
        overlaps = any(isinstance(one, Open) and one.request.spec == spec for one in decisions)
        if alive and not overlaps:
            del self.current[spec]  # it gave up its place, and stands in line
        self.carry_out(decisions)

    @precondition(lambda self: self.connected and self.open)
    @rule(really=st.sampled_from([True, False, False, False]))
    def connection_lost(self, really):
        if not really:
            return
        self.connected = False
        self.open.clear()
        self.current.clear()
        self.caps.clear()
        self.ledger.lost()

    @precondition(lambda self: not self.connected)
    @rule()
    def connection_back(self):
        self.connected = True
        self.carry_out(self.ledger.restored(now=self.now))

    # --- promises --------------------------------------------------------------------------

    @invariant()
    def the_books_agree(self):
        statistics = self.ledger.statistics(now=self.now)
        assert self.history.live == self.used(Pool.HISTORY)
        for pool in Pool:
            assert statistics[pool].used == self.used(pool)
            assert statistics[pool].limit == self.cap(pool)

    @invariant()
    def what_is_made_wider_keeps_its_place(self):
        for spec in self.widened & self.stands.keys():
            assert not self.connected or spec in self.current, f"{spec} lost its place"
        self.widened = set()

    @invariant()
    def nobody_waits_for_a_free_place(self):
        if self.connected:
            for spec in self.waiting():
                assert not (self.is_ready(spec) and self.room(spec)), f"{spec} could be served"

    @invariant()
    def every_place_has_a_holder_or_will_be_given_up(self):
        for token, spec in self.open.items():
            if self.current.get(spec) != token:
                assert self.ledger.deadline is not None
                assert self.ledger.deadline <= self.since[token] + LIMITS.minimum_hold

    def teardown(self):
        if sys.exc_info()[0] is not None:
            return
        if not self.connected:
            self.connection_back()
        self.time_passes(600.0)
        for spec, token in self.current.items():
            for _, _, wants in self.holding(spec) if spec.kind in SHARED_WIDER else ():
                assert wants <= self.wants[token], "a generic tick was forgotten"
        for number in list(self.holders):
            self.dropped(number)
            self.carry_out(self.ledger.release(number, now=self.now))
        self.time_passes(1.0)
        assert not self.open, "a line was lost"
        assert self.ledger.statistics(now=self.now)[Pool.LINES].used == 0


TestLedger = LedgerMachine.TestCase
