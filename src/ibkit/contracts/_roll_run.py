"""One roll, carried out: look at the broker, decide, act, until nothing is left to do.

It keeps nothing that the broker does not show but how long it has tried, so another run can
take over at any moment.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from typing import final

from attrs import evolve

from ibkit._ib._requests import Requests
from ibkit.errors import (
    FateUnknown,
    GatewayError,
    OrderRejected,
    RequestTimeout,
    RollStuck,
    StateUnknown,
)

from ._decide import decide
from ._look import Progress
from ._market import SpreadMarket, TwoSided, spread_market
from ._plan import RollPlan
from ._planner import answers_of
from ._ports import MarketStream, RollsOrders
from ._shown import Shown, read_shown
from ._steps import (
    CancelExit,
    Finish,
    Halt,
    PlaceExits,
    Reprice,
    ResizeExit,
    SendLeg,
    SendSpread,
    Step,
    Tell,
    Withdraw,
)
from ._ways import Way
from ._working import ZERO
from ._write import exit_orders, leg_orders, spread_contract, spread_order

BLINK = 0.05
"""Seconds between two looks at least, so that what belongs together is seen together."""
PATIENCE = dt.timedelta(minutes=10)
"""How long a connection may be away, or answers missing, until the roll says stuck."""
REFUSALS = 3
"""How often an order of the roll may be refused."""

_PASSING = (ConnectionError, FateUnknown, RequestTimeout, StateUnknown, GatewayError)


@final
class RollRun:
    """Carries out one plan."""

    def __init__(
        self,
        plan: RollPlan,
        way: Way,
        *,
        hands: RollsOrders,
        requests: Requests,
        markets: Mapping[int, MarketStream],
        tell: Callable[[str, bool], object],
    ) -> None:
        self._plan, self._hands, self._requests = plan, hands, requests
        self._markets, self._tell = markets, tell
        self._progress = Progress(way=way)
        self._shown: Shown | None = None
        self._troubled: dt.datetime | None = None
        self._refused = 0

    async def run_async(self) -> Shown:
        """Roll, and return what the broker shows at the end.

        Raises:
            RollStuck: It cannot go on by itself. No order of it works.
        """
        ended = None
        while ended is None:
            ended = await self._attempt()
        return ended

    async def _attempt(self) -> Shown | None:
        try:
            ended = await self._once()
        except OrderRejected as error:
            self._was_refused(error)
            return None
        except _PASSING as error:
            await self._pass(error)
            return None
        self._troubled = None
        return ended

    async def _once(self) -> Shown | None:
        shown = self._shown = await self._look()
        decision = decide(self._plan, shown, self._progress, self._now())
        for step in decision.steps:
            if isinstance(step, Finish):
                return shown
            if isinstance(step, Halt):
                raise self._stuck(step.reason)
        self._progress = decision.progress
        for step in decision.steps:
            await self._carry_out(step)
        await asyncio.sleep(BLINK)
        if not decision.steps:
            await self._hands.changed_async(decision.wake)
        return None

    async def _look(self) -> Shown:
        """Ask in an order in which nothing is missed.

        An order that is not listed any more has its fill in what is asked after it.
        """
        orders = await self._hands.orders_async()
        fills = await self._requests.executions_async()
        positions = await self._requests.positions_async()
        answers = answers_of(self._plan.account, orders, fills, positions)
        return read_shown(self._plan, answers, self._market())

    def _market(self) -> SpreadMarket | None:
        latest = {con_id: stream.latest for con_id, stream in self._markets.items()}
        known: dict[int, TwoSided] = {k: quote for k, quote in latest.items() if quote is not None}
        return spread_market(self._plan.old, self._plan.new, known)

    def _now(self) -> dt.datetime:
        return self._requests.health.clock()

    # -- what goes wrong

    def _was_refused(self, error: OrderRejected) -> None:
        """Stop as soon as no order of the roll works; protection is tried some times more."""
        self._refused += 1
        self._tell(f"an order of the roll was refused: {error}", True)  # noqa: FBT003 - is_critical
        if self._refused >= REFUSALS:
            raise self._stuck(str(error)) from error
        self._progress = evolve(self._progress, halt=str(error))

    async def _pass(self, error: Exception) -> None:
        """Something that passes: wait until it is known again what is so, and look."""
        now = self._now()
        if self._troubled is None:
            self._troubled = now
            self._tell(f"the roll waits: {error}", False)  # noqa: FBT003 - is_critical
        elif now - self._troubled > PATIENCE:
            raise self._stuck(f"for {PATIENCE} it has not been known what is so: {error}")
        try:
            await self._hands.settled_async()
        except _PASSING:
            return
        await asyncio.sleep(1.0)

    def _stuck(self, reason: str) -> RollStuck:
        plan, shown = self._plan, self._shown
        moved = min(shown.sold, shown.bought) if shown else plan.trail.bought
        left = max(shown.held_old, ZERO) if shown else plan.left
        return RollStuck(f"{plan.old} -> {plan.new}", reason, moved, left)

    # -- steps

    async def _carry_out(self, step: Step) -> None:
        plan, hands = self._plan, self._hands
        if isinstance(step, SendSpread):
            order = spread_order(plan, step, hands.reserve_ids(1))
            await hands.send_async(spread_contract(plan), [order])
        elif isinstance(step, SendLeg):
            count = 1 + (len(step.exits.orders) if step.exits else 0)
            month = plan.old if step.kind == "c" else plan.new
            orders = leg_orders(plan, step, hands.reserve_ids(count))
            await hands.send_async(month.contract, orders)
        elif isinstance(step, PlaceExits):
            orders = exit_orders(plan, step, hands.reserve_ids(len(step.exits.orders)))
            await hands.send_async(plan.new.contract, orders)
        elif isinstance(step, Reprice):
            await hands.change_async(step.order_id, limit=step.limit)
        elif isinstance(step, ResizeExit):
            await hands.change_async(step.order_id, remaining=step.remaining)
        elif isinstance(step, (Withdraw, CancelExit)):
            if isinstance(step, Withdraw):
                self._tell(f"its order is withdrawn: {step.why}", False)  # noqa: FBT003
            await hands.cancel_async(step.order_id)
        elif isinstance(step, Tell):
            self._tell(step.text, step.is_critical)
