"""`FuturesRoller`: moves a position, its protective orders and its streams to the next month."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, final

from attrs import evolve
from ib_async import Contract

from ibkit._ib._arguments import instance, seconds
from ibkit._ib._blocking import blocking
from ibkit._ib._events import SafeEvent
from ibkit._ib._health import log
from ibkit.errors import IbkitError, PlanError, RollRefused, RollStuck

from ._activity import Activity
from ._market import touch_of
from ._obstacles import forgotten
from ._outcome import RollAlert, RollResult
from ._plan import RollPlan
from ._planner import RollPlanner
from ._ports import MarketStream, PlacesOrders, TellsMarkets
from ._pricing import named_price
from ._resolver import FuturesResolver
from ._roll_rules import RollRule, checked_rule
from ._roll_run import RollRun
from ._stages import RollStage
from ._ways import CalendarSpread, TwoLegs, Way

FIRST_QUOTES = 10.0
"""Seconds to wait for the markets of both months."""
_FIRST = 1_000
"""The priority of its markets: a roll is served before what waits for a line."""
_UNDER_WAY = (RollStage.PASSIVE, RollStage.PART_DONE, RollStage.DUE, RollStage.FORCED)


@final
class FuturesRoller:
    """
    Moves futures positions to the next month, with their exits and their streams.

    A part of a `Desk`; alone it takes a resolver and an order desk. Nothing of a roll is
    remembered here: what was done of it is read from the broker, so that another program (with
    the same client id) can finish what this one began.

    Args:
        resolver: Finds chains and prices steps.
        orders: Sends the orders, and leaves the groups on both months alone meanwhile.
        streams: Tells the markets of both months, and goes along. Without it exits cannot be
            priced, and a spread needs a limit.
        rules: When a product is left, by root, instead of its convention.
    """

    def __init__(
        self,
        resolver: FuturesResolver,
        orders: PlacesOrders,
        *,
        streams: TellsMarkets | None = None,
        rules: Mapping[str, RollRule] | None = None,
    ) -> None:
        self._orders, self._streams, self._requests = orders, streams, resolver.requests
        self._planner = RollPlanner(resolver, orders, streams, _by_root(rules, resolver))
        self._rolling: set[str] = set()
        self._told: set[str] = set()
        self.alerts: SafeEvent[RollAlert] = SafeEvent("roller.alerts", self._requests.health)
        """Emits every `RollAlert`: deadlines that are near, what goes wrong during a roll."""

    def __repr__(self) -> str:
        under_way = f", under way: {', '.join(sorted(self._rolling))}" if self._rolling else ""
        return f"<FuturesRoller{under_way}>"

    # -- planning

    async def due_async(self, root: str = "", *, early: bool = False) -> list[RollPlan]:
        """
        Plan the roll of each position that is due, in all accounts.

        Warns (`alerts`) of IB's close-out and of last trading days that are near or past, also
        where a rule would leave a contract later.

        Args:
            root: Of this product only.
            early: Those that are not due yet, too.

        Raises:
            ChainExhausted, UnknownContract: Of a position that cannot be rolled.
            GatewayError, RequestTimeout, NotConnected: As requests do.
        """
        plans = []
        for position in await self._planner.futures_async(root):
            plan = await self._planner.plan_async(position, early=True)
            if plan is not None:
                self._warn(plan)
                plans.append(plan)
        return [plan for plan in plans if early or plan.stage is not RollStage.NOT_DUE]

    due: Final = blocking(due_async)

    async def plan_async(
        self,
        contract: Contract,
        *,
        account: str = "",
        rule: RollRule | None = None,
        early: bool = False,
        activity: Activity | None = None,
    ) -> RollPlan | None:
        """
        Plan the roll of one position; ``None`` if there is nothing to roll yet.

        The plan prints as a table (and as HTML in a notebook): the position, the exits with
        their new prices, the streams, the days, and what stands in the way. Nothing is sent.

        Args:
            contract: What is held; as a position has it, or with its conId.
            account: Needed where several accounts hold it.
            rule: When a contract is left; that of the roller by default.
            early: Plan it also before it is due.
            activity: The figures that a crossover needs.

        Raises:
            UnknownContract: No product of the table, or a month that is not listed.
            ChainExhausted: There is no later month.
            PlanError: Several accounts hold it.
            GatewayError, RequestTimeout, NotConnected: As requests do.
        """
        if rule is not None:
            checked_rule(rule)
        position = await self._planner.position_async(contract, account)
        return await self._planner.plan_async(position, rule=rule, early=early, activity=activity)

    plan: Final = blocking(plan_async)

    async def unfinished_async(self) -> list[RollPlan]:
        """
        The rolls of today that have begun and are not finished, read from orders and executions.

        Raises as `due_async`.
        """
        plans = []
        for account, trail in await self._planner.trails_async():
            held = await self._planner.position_async(Contract(conId=trail.old), account)
            plan = await self._planner.plan_async(held, early=True)
            if plan is not None and plan.stage in _UNDER_WAY and plan.trail.is_under_way:
                plans.append(plan)
        return plans

    unfinished: Final = blocking(unfinished_async)

    # -- rolling

    async def execute_async(self, plan: RollPlan, how: Way | None = None) -> RollResult:
        """
        Carry out a plan: position, then exits, unit by unit, and at last the streams.

        What is held in either month always has the exits that it had. It takes as long as the
        orders do; cancel the task to leave it, and call `resume_async` to go on.

        Args:
            plan: Of `plan_async` or `due_async`; what has changed since is read anew.
            how: As a `CalendarSpread` by default, or in `TwoLegs`.

        Raises:
            RollRefused: Something stands in the way, another roll of the product is under way, or
                the position is not that of the plan. Nothing was sent.
            RollStuck: It has begun and cannot go on by itself; no order of it works.
            GateRefused: A gate of the order desk says no; nothing was sent.
            GatewayError, RequestTimeout, NotConnected: As requests do, before anything is sent.
        """
        instance(plan, "plan", RollPlan, "a RollPlan, as plan_async and due_async give")
        _check_way(how)
        root, name = plan.old.product.root, f"{plan.old} -> {plan.new}"
        if root in self._rolling:
            raise RollRefused(name, (f"another roll of {root} is under way here",))
        self._rolling.add(root)
        alerts: list[RollAlert] = []
        self.alerts.connect(alerts.append)
        try:
            return await self._execute(await self._fresh(plan), how or CalendarSpread(), alerts)
        except RollStuck as error:
            self._alert(plan, str(error), is_critical=True)
            raise
        finally:
            self.alerts.disconnect(alerts.append)
            self._rolling.discard(root)

    execute: Final = blocking(execute_async)

    async def resume_async(self, how: Way | None = None) -> list[RollResult]:
        """
        Finish what is `unfinished_async`, one after the other; raises as `execute_async`.

        Connect with the client id that began it: TWS lets nobody else change its orders.
        """
        _check_way(how)
        return [await self.execute_async(plan, how) for plan in await self.unfinished_async()]

    resume: Final = blocking(resume_async)

    async def watch_async(self, every: float = 3600.0) -> None:
        """
        Look at the deadlines of all positions again and again, and tell them in `alerts`.

        Ends when it is cancelled. What cannot be asked is told, and asked again.

        Args:
            every: Seconds between two looks.
        """
        every = seconds(every, "every")
        while True:
            try:
                await self.due_async()
            except IbkitError as error:
                log.warning("the deadlines of positions could not be looked at: %s", error)
            await asyncio.sleep(every)

    watch: Final = blocking(watch_async)

    # -- inside

    async def _execute(self, plan: RollPlan, how: Way, alerts: Sequence[RollAlert]) -> RollResult:
        if plan.obstacles:
            raise RollRefused(f"{plan.old} -> {plan.new}", plan.obstacles)
        door = self._orders.rolling(
            plan.old.contract,
            plan.new.contract,
            account=plan.account,
            side=plan.action,
            size=abs(plan.size),
            shift=plan.shift,
            price=named_price(plan, how),
        )
        async with self._markets(plan) as markets, door as hands:
            run = RollRun(
                plan,
                how,
                hands=hands,
                requests=self._requests,
                markets=markets,
                tell=lambda text, critical: self._alert(plan, text, is_critical=critical),
            )
            shown = await run.run_async()
        followed = self._streams.follow(plan.old.con_id, plan.new.contract) if self._streams else ()
        return RollResult(
            account=plan.account,
            old=str(plan.old),
            new=str(plan.new),
            stage=RollStage.DONE,
            moved=min(shown.sold, shown.bought),
            left=shown.held_old,
            streams=tuple(followed),
            alerts=tuple(alerts),
        )

    async def _fresh(self, plan: RollPlan) -> RollPlan:
        """The plan as it would be now."""
        name = f"{plan.old} -> {plan.new}"
        held = await self._planner.position_async(plan.old.contract, plan.account)
        now = await self._planner.plan_async(held, rule=plan.rule, early=True)
        if now is None:
            raise RollRefused(name, (f"nothing of {plan.old} is held, and no roll is under way",))
        if now.trail.is_under_way and not plan.trail.is_under_way:
            known = set(forgotten(now))  # the plan remembers the exits that are gone meanwhile
            return evolve(plan, obstacles=tuple(o for o in now.obstacles if o not in known))
        if (now.size, now.new.con_id) != (plan.size, plan.new.con_id):
            changed = f"the plan moves {plan.size} to {plan.new}, and now it is {now!r}: plan again"
            raise RollRefused(name, (changed,))
        return now

    @asynccontextmanager
    async def _markets(self, plan: RollPlan) -> AsyncIterator[dict[int, MarketStream]]:
        """The markets of both months, for as long as the roll takes."""
        months = (plan.old, plan.new) if self._streams else ()
        open_: dict[int, MarketStream] = {}
        try:
            for month in months:
                assert self._streams is not None
                open_[month.con_id] = self._streams.quotes(
                    month.contract, priority=_FIRST, name=f"roll {plan.old}"
                )
            await self._first_quotes(open_)
            yield open_
        finally:
            for stream in open_.values():
                stream.close()

    async def _first_quotes(self, markets: Mapping[int, MarketStream]) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + FIRST_QUOTES
        while loop.time() < until:
            if all(touch_of(stream.latest) for stream in markets.values()):
                return
            await asyncio.sleep(0.1)

    # -- telling

    def _warn(self, plan: RollPlan) -> None:
        """Tell each warning once a day."""
        for text in plan.warnings:
            key = f"{plan.today} {plan.account} {text}"
            if key not in self._told:
                self._told.add(key)
                self._alert(plan, text, is_critical=plan.today >= plan.deadline)

    def _alert(self, plan: RollPlan, text: str, *, is_critical: bool) -> None:
        alert = RollAlert(
            product=plan.old.product.root,
            account=plan.account,
            text=text,
            is_critical=is_critical,
            time=self._requests.health.clock(),
        )
        # the account is in the alert, and stays out of the log
        (log.error if is_critical else log.warning)("roll of %s: %s", alert.product, text)
        self.alerts.emit(alert)


def _by_root(
    rules: Mapping[str, RollRule] | None, resolver: FuturesResolver
) -> dict[str, RollRule]:
    """Rules by the roots of products: a name that no product has would never be asked for."""
    given: object = rules or {}
    if not isinstance(given, Mapping):
        raise PlanError("rules", given, "rules by root, such as {'ES': BeforeLastTrade(5)}")
    unknown = [name for name in given if name not in resolver.products]
    if unknown:
        raise PlanError("rules", unknown[0], "rules by the root of a product, such as 'ES'")
    return {root: checked_rule(rule) for root, rule in given.items()}


def _check_way(how: Way | None) -> None:
    if how is not None and not isinstance(how, (CalendarSpread, TwoLegs)):
        raise PlanError("how", how, "CalendarSpread(...) or TwoLegs(...)")
