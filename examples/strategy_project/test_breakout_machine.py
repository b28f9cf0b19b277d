"""Hypothesis plays the market against the strategy."""

from __future__ import annotations

from breakout import Breakout
from hypothesis import settings, strategies as st
from hypothesis.stateful import invariant, precondition, rule

from ibkit.testing import GatewayMachine, assert_no_orphans, assert_sent_once


class BreakoutMachine(GatewayMachine):
    """One breakout after the other, and whatever the market and the gateway do meanwhile."""

    protected = True
    max_position = 3
    max_orders = 3

    def start(self) -> None:
        self.strategy: Breakout | None = None

    @precondition(lambda self: self.strategy is None and self.ib.isConnected())
    @rule(size=st.integers(1, 3), ticks=st.integers(-10, 10))
    def look_for_a_breakout(self, size: int, ticks: int) -> None:
        last = float(self.gateway.market.now("ES").bid)
        level = last + ticks * 0.25
        self.strategy = Breakout(self.ib, self.contract("ES"), level=level, size=size)
        self.strategy.start()

    @invariant()
    def nothing_is_left_over(self) -> None:
        assert_no_orphans(self.gateway)
        assert_sent_once(self.gateway)


TestBreakout = BreakoutMachine.TestCase
TestBreakout.settings = settings(TestBreakout.settings, max_examples=30, stateful_step_count=15)
