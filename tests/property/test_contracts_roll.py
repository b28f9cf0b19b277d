"""A roll under every market, every fault, every crash: nothing naked, nothing twice."""

from __future__ import annotations

import datetime as dt

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from ib_async import Position

from ibkit.contracts import CalendarSpread, TwoLegs, plan_roll
from ibkit.contracts._decide import decide
from ibkit.contracts._look import Progress
from ibkit.contracts._shown import read_shown, trails
from ibkit.contracts._steps import Finish, Halt, PlaceExits
from roll_broker import NOON, RollBroker, left
from rolling import ACCOUNT, ES, ESM, ESU, QUOTES, TODAY, attached, pair

SPREADS = [CalendarSpread(then="cross"), CalendarSpread(then="stop")]
LEGS = [TwoLegs(first="open"), TwoLegs(first="close")]


def exits_of(sizes: list[int], *, is_long: bool = True) -> list:
    """The exits of brackets, one pair for each size."""
    pairs = [pair(10 + 2 * n, size, number=n + 1, is_long=is_long) for n, size in enumerate(sizes)]
    return [one for each in pairs for one in each]


class RollMachine(RuleBasedStateMachine):
    """One roll at a broker; the client crashes whenever it likes."""

    ways = SPREADS

    @initialize(
        sizes=st.lists(st.integers(1, 3), min_size=1, max_size=3),
        naked=st.integers(0, 2),
        is_long=st.booleans(),
        in_one_set=st.booleans(),
        choice=st.integers(0, 7),
    )
    def begin(self, sizes, naked, is_long, in_one_set, choice):
        self.way = self.ways[choice % len(self.ways)]
        self.sign = 1 if is_long else -1
        self.total, self.naked = sum(sizes) + naked, naked
        self.in_one_set = in_one_set and len(sizes) > 1
        make = attached if self.in_one_set else None
        exits = make(10, sizes, is_long=is_long) if make else exits_of(sizes, is_long=is_long)
        self.broker = RollBroker(self.sign * self.total, exits)
        self.now = NOON
        self.fired = 0
        self.over = ""
        self.late_positions = None
        self.plan_anew()
        self.first_plan = self.plan

    def held(self, month) -> int:
        return self.sign * self.broker.held[month.con_id]

    # --- the client ---

    def plan_anew(self):
        answers = self.broker.answers()
        trail = next(iter(trails(answers)), None)
        contract = ESM.contract
        held = Position(ACCOUNT, contract, self.broker.held[ESM.con_id], 0.0)
        self.plan = plan_roll(
            held, ES, today=TODAY, working=answers.working, quotes=QUOTES, client_id=1, trail=trail
        )
        self.progress = Progress(way=self.way)

    def look(self):
        answers = self.broker.answers()
        if self.late_positions is not None:
            answers = evolve(answers, positions=self.late_positions)
        shown = read_shown(self.plan, answers, self.broker.market)
        return decide(self.plan, shown, self.progress, self.now)

    @precondition(lambda self: not self.over)
    @rule()
    def step(self):
        """The client looks, and does what is to be done."""
        decision = self.look()
        for each in decision.steps:
            if isinstance(each, (Halt, Finish)):
                self.over = type(each).__name__
                self.reason = getattr(each, "reason", "")
            self.broker.perform(self.plan, each)
            self.check()
        self.progress = decision.progress
        if not decision.steps and decision.wake > 1:
            self.at_rest()

    def at_rest(self):
        """While it waits for a fill, no exit closes more than is held."""
        (roll,) = self.broker.rolls()
        closes = roll.contract.conId != ESU.con_id
        assert self.late_positions is not None or not closes or left(roll) <= self.held(ESM)
        if not self.in_one_set and self.late_positions is None:
            coming = left(roll) if roll.contract.conId == ESU.con_id else 0
            assert self.broker.stops(ESM.con_id) <= max(self.held(ESM), 0)
            assert self.broker.stops(ESU.con_id) <= max(self.held(ESU), 0) + coming

    @precondition(lambda self: not self.over)
    @rule(data=st.data())
    def crash(self, data):
        """The client dies between two messages, and another one takes over."""
        steps = self.look().steps
        done = data.draw(st.integers(0, len(steps)))
        for each in steps[:done]:
            self.broker.perform(self.plan, each)
            self.check()
        if done < len(steps) and isinstance(steps[done], PlaceExits):
            self.broker.perform(self.plan, steps[done], cut_off=True)
        self.restart()

    def restart(self):
        self.late_positions = None  # by the time it has connected, they are not
        self.plan_anew()
        if self.plan is None or self.plan.obstacles:
            self.over = "Refused"

    @rule(seconds=st.sampled_from([1, 6, 61]))
    def wait(self, seconds):
        self.late_positions = None
        self.now += dt.timedelta(seconds=seconds)

    @rule()
    def positions_are_late(self):
        """For less than a second the broker shows positions as they were."""
        self.late_positions = self.broker.answers().positions

    # --- the market ---

    @precondition(lambda self: self.broker.rolls())
    @rule(size=st.integers(1, 9))
    def roll_fills(self, size):
        self.broker.fill(self.broker.rolls()[0], size)

    @precondition(lambda self: not self.fired and self.exits())
    @rule(data=st.data(), size=st.integers(1, 9))
    def exit_fires(self, data, size):
        """The market comes to an exit, which fills or begins to."""
        one = data.draw(st.sampled_from(self.exits()))
        before = left(one)
        self.broker.fill(one, min(size, self.broker.active_size(one)))
        self.fired += before - left(one)

    def exits(self):
        there = [*self.broker.exits(ESM.con_id), *self.broker.exits(ESU.con_id)]
        return [each for each in there if self.broker.is_active(each)]

    # --- promises ---

    @invariant()
    def one_order_of_the_roll(self):
        assert len(self.broker.rolls()) <= 1

    @invariant()
    def the_position_is_conserved(self):
        assert self.held(ESM) + self.held(ESU) == self.total - self.fired
        if not self.fired:
            assert 0 <= self.held(ESM) <= self.total

    @invariant()
    def what_is_held_is_covered(self):
        self.check()

    def check(self):
        """Together the stops of both months cover all that had one."""
        if not self.fired:
            stops = self.broker.stops(ESM.con_id) + self.broker.stops(ESU.con_id)
            assert stops >= self.total - self.naked

    @invariant()
    def an_end_is_an_end(self):
        if self.over == "Finish" and not self.fired:
            broker = self.broker
            assert (self.held(ESM), self.held(ESU)) == (0, self.total)
            assert not broker.exits(ESM.con_id)
            assert broker.stops(ESU.con_id) == self.total - self.naked
            assert not broker.rolls()
        if self.over == "Halt":
            assert self.reason

    @invariant()
    def identity_is_kept(self):
        """No exit is there that the plan did not begin with, and none has another name."""
        names = {each.order.orderRef for each in self.broker.exits(ESU.con_id)}
        began = {each[0] for one in self.first_plan.exits for each in one.kinds}
        assert names <= began

    def teardown(self):
        if hasattr(self, "broker") and not self.over and not self.fired:
            self.run_out()

    def run_out(self):
        """Left alone with a market that fills, a roll comes to an end."""
        for _ in range(120):
            if self.over:
                break
            sent = len(self.broker.sent)
            self.step()
            if len(self.broker.sent) == sent and self.broker.rolls():
                self.broker.fill(self.broker.rolls()[0], 1)
            self.wait(seconds=1)
        assert self.over in {"Finish", "Halt", "Refused"}
        self.an_end_is_an_end()


class SpreadMachine(RollMachine):
    """Rolled as a calendar spread."""


class LegsMachine(RollMachine):
    """Rolled in legs: what is held changes, and each month has its own exits."""

    ways = LEGS

    @invariant()
    def the_position_is_conserved(self):
        if not self.fired:
            assert 0 <= self.held(ESM) <= self.total
            assert 0 <= self.held(ESU) <= self.total

    def check(self):
        """Each month has stops for what is held in it, as far as there were stops."""
        if self.fired:
            return
        for month in (ESM, ESU):
            covered = min(self.held(month), self.total - self.naked)
            assert self.broker.stops(month.con_id) >= covered - self.naked


TestSpread = SpreadMachine.TestCase
TestLegs = LegsMachine.TestCase
