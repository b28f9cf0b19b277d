"""Rolls with faults, at a simulated gateway: nothing naked, nothing twice, nothing silent.

Real clients over the wire in virtual time. The connection is cut, messages are lost, delayed and
refused, programs die and others take over, in any order.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import ExitStack, suppress

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ibkit.contracts import CalendarSpread, TwoLegs
from ibkit.errors import GateRefused, IbkitError, RollRefused, RollStuck
from ibkit.sim import SimGateway
from ibkit.testing import VirtualLoop, virtual_time
from roll_world import NEW, OLD, ROLL_DAY, World, desk_at, long_three, short_two
from sim_client import future

WAYS = {
    "spread": CalendarSpread(timeout=5),
    "open-first": TwoLegs(timeout=5, attempts=8),
}
TWICE = 2
COUNTED: Counter[str] = Counter()


class RollMachine(RuleBasedStateMachine):
    """One roll, whatever happens."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.loop = self.stack.enter_context(virtual_time(VirtualLoop(start=ROLL_DAY)))
        self.gateway = SimGateway(port=None, seed=7, start=self.loop.now())
        self.do(self.gateway.start())
        self.there = World(self.gateway, future(self.gateway, OLD), future(self.gateway, NEW))
        self.there.market(5000, 5050)
        self.desk = self.task = None
        self.silent = 0
        self.ends = []

    def do(self, work):
        return self.loop.run_until_complete(work)

    @initialize(way=st.sampled_from(sorted(WAYS)), is_long=st.booleans())
    def begin(self, way, is_long):
        self.way = way
        self.size = 3 if is_long else -2
        self.desk = desk_at(self.there)
        self.do(self.desk.open_async())
        self.do((long_three if is_long else short_two)(self.desk, self.there))
        self.roll()

    def roll(self):
        self.task = self.loop.create_task(self.roll_async())

    async def roll_async(self):
        """What a program does at its start: finish what was begun, and begin what is due."""
        roller, way = self.desk.roller, WAYS[self.way]
        try:
            await roller.resume_async(way)
            for plan in await roller.due_async():
                await roller.execute_async(plan, way)
        except (RollRefused, RollStuck, GateRefused) as error:
            self.ends.append(error)
        except IbkitError:
            self.ends.append(None)  # asked while the connection was away; nothing was sent

    # --- time and market ----------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.5, 2.0, 8.0]))
    def wait(self, seconds):
        self.do(asyncio.sleep(seconds))

    @rule(ticks=st.integers(-8, 8), spread=st.integers(-2, 2))
    def the_market_moves(self, ticks, spread):
        """Not as far as any exit."""
        self.there.market(5000 + ticks / 4, 5050 + ticks / 4 + spread / 4)

    # --- faults ---------------------------------------------------------------------------

    @rule(request=st.sampled_from(["PlaceOrder", "CancelOrder"]), after=st.booleans())
    def the_connection_will_be_cut(self, request, after):
        self.gateway.faults.cut_at(request, after=after)
        COUNTED["cuts"] += 1

    @rule()
    def the_connection_is_cut(self):
        self.gateway.faults.cut(1)
        COUNTED["cuts"] += 1

    @rule(request=st.sampled_from(["PlaceOrder", "CancelOrder"]))
    def a_request_is_lost(self, request):
        self.gateway.faults.ignore(request)
        COUNTED["lost requests"] += 1

    @rule(answer=st.sampled_from(["OrderStatus", "OpenOrder", "ExecDetails", "Position"]))
    def an_answer_is_lost(self, answer):
        """Three answers in a row without a position are believed: nobody can know better."""
        self.silent += answer == "Position"
        if answer == "Position" and self.silent > TWICE:
            return
        self.gateway.faults.withhold(answer)
        COUNTED["lost answers"] += 1

    @rule(answer=st.sampled_from(["OrderStatus", "ExecDetails", "Position"]))
    def an_answer_is_late(self, answer):
        self.gateway.faults.delay(answer, 3.0)
        COUNTED["late answers"] += 1

    @rule()
    def an_order_is_refused(self):
        self.gateway.faults.refuse_next_order(201, "Order rejected - reason: no margin")
        COUNTED["refusals"] += 1

    @rule(data_lost=st.booleans())
    def tws_loses_ib(self, data_lost):
        self.gateway.faults.lose_connectivity()
        self.do(asyncio.sleep(2.0))
        self.gateway.faults.restore(data_lost=data_lost)
        COUNTED["outages"] += 1

    @precondition(lambda self: self.desk is not None)
    @rule()
    def the_program_dies_and_another_takes_over(self):
        self.task.cancel()
        for name in ("placeOrder", "cancelOrder"):
            setattr(self.desk.ib.client, name, lambda *_: None)
        self.gateway.faults.cut(1)
        self.desk.close()
        with suppress(asyncio.CancelledError, IbkitError):
            self.do(self.task)
        self.gateway.faults.clear()
        self.desk = desk_at(self.there)
        self.do(self.desk.open_async())
        self.roll()
        COUNTED["crashes"] += 1

    @precondition(lambda self: self.desk is not None and self.task.done())
    @rule()
    def it_is_tried_again(self):
        self.roll()

    # --- promises -------------------------------------------------------------------------

    @invariant()
    def never_two_orders_of_the_roll(self):
        assert len(self.there.rolls()) <= 1

    @invariant()
    def the_position_is_conserved(self):
        if self.desk is None:
            return
        sign = 1 if self.size > 0 else -1
        old, new = (sign * held for held in self.there.held())
        size = abs(self.size)
        assert 0 <= old <= size
        assert 0 <= new <= size
        assert old + new == size if self.way == "spread" else old + new >= size

    @invariant()
    def what_is_held_is_protected(self):
        if self.desk is None:
            return
        old, new = map(abs, self.there.held())
        on_old, on_new = self.there.stops(self.there.old), self.there.stops(self.there.new)
        assert on_old + on_new >= abs(self.size)
        if self.way != "spread":
            assert on_old >= old
            assert on_new >= new

    def teardown(self):
        try:
            if self.desk is not None:
                self.run_out()
        finally:
            if self.desk is not None:
                self.task.cancel()
                self.desk.close()
            self.do(asyncio.sleep(0.1))
            self.do(self.gateway.stop())
            self.stack.close()

    def is_done(self):
        moved = self.there.held() == (0, self.size)
        return moved and self.there.stops(self.there.new) == abs(self.size)

    def run_out(self):
        """With no further fault the roll ends, and says how."""
        self.gateway.faults.clear()
        for _ in range(6):
            self.do(asyncio.wait({self.task}, timeout=1500))
            assert self.task.done(), "a roll that neither ends nor says stuck"
            self.task.result()
            if self.is_done():
                break
            self.do(asyncio.sleep(60))  # the connection comes back
            self.roll()
        COUNTED["rolls"] += 1
        self.the_position_is_conserved()
        self.what_is_held_is_protected()
        if self.is_done():
            self.do(asyncio.sleep(60))
            COUNTED["done"] += 1
            assert self.is_done(), "what was moved stays, and stays protected"
            assert self.there.orders(self.there.old) == []
            assert self.there.rolls() == []
        else:
            COUNTED["said stuck"] += 1
            assert self.ends
            assert self.ends[-1] is not None


@pytest.fixture(autouse=True)
def _quiet():
    """ib_async logs every fault; 10^4 lines hide the one that matters."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_rolls_with_faults(capsys):
    quick = settings(
        settings.default,
        deadline=None,
        stateful_step_count=12,
        max_examples=max(15, settings.default.max_examples // 10),
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    )
    COUNTED.clear()
    run_state_machine_as_test(RollMachine, settings=quick)

    with capsys.disabled():
        told = ", ".join(f"{count} {what}" for what, count in sorted(COUNTED.items()))
        print(f"\nrolls with faults: {told}")  # noqa: T201 - the promise of this test is a count
    assert COUNTED["done"] > COUNTED["said stuck"]
