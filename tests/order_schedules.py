"""Random groups, market paths, bad luck and restarts, played against the order desk.

A schedule is its seed: the same seed plays the same. `play` returns what was done and what went
wrong; nothing is wrong with any seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from ib_async import IB

from ibkit.errors import IbkitError
from ibkit.orders import Alert, GroupTrade, OrderDesk, OrderGroup, Trail
from ibkit.orders._book import book_of
from ibkit.sim import Fill, SimGateway
from ibkit.testing import plug_in
from order_luck import BAD_LUCK
from order_plans import MIDDLE, REACH, random_bracket, random_loose, random_scenario
from order_truth import BRACKETS, Case
from sim_client import MONDAY, future

TICK = Decimal("0.25")
CLIENT = 3
LOOSE = "NQ"
"""The market of the groups that are no brackets: the position in ES is that of the brackets."""

ROUND_TRIP = 2.5
"""Seconds after which what was set going is done, repairs included, when nothing goes wrong."""

QUIET = 40.0
"""Seconds after which all has ended that was set going: answers, questions, repeated attempts."""


class Played(NamedTuple):
    """What came of a schedule."""

    seed: int
    steps: list[str]
    wrong: list[str]
    kinds: Counter[str]
    """How often what was done, went wrong, or was compared."""

    def __str__(self) -> str:
        lines = [f"seed {self.seed}", *self.steps, *(f"WRONG: {text}" for text in self.wrong)]
        return "\n  ".join(lines)


class Player:
    """Plays one schedule."""

    name = "ES"
    start = MONDAY
    ib: IB
    desk: OrderDesk
    gateway: SimGateway

    def __init__(self, seed: int, *, luck: bool = True) -> None:
        self.seed, self.luck = seed, luck
        self.draw = random.Random(seed)
        self.steps: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.groups: dict[str, OrderGroup] = {}
        self.sizes: dict[str, Decimal] = {}
        """How much of each group the user wants at most."""
        self.told: dict[str, set[str]] = {}
        self.last = MIDDLE
        self.by_hand = self.cancel_lost = self.held_unseen = self.position_late = False
        self.has_slept = False
        self.past: tuple[Fill, ...] = ()
        """The fills of earlier days, which the broker tells no more."""
        self.calm_from = 0.0
        self.tasks: list[asyncio.Task[Any]] = []

    async def play(self) -> Played:
        options: dict[str, Any] = {"port": None, "seed": 7, "start": self.start}
        async with SimGateway(**options, scenario=random_scenario(self.draw)) as self.gateway:
            self._quote(MIDDLE)
            await self._connect()
            wrong = await self._acts()
            wrong += await self._leave()
        return Played(self.seed, self.steps, wrong, self.kinds)

    async def _acts(self) -> list[str]:
        self._place()
        for act in (self._restart_and_compare, self._end):
            for _ in range(self.draw.randint(4, 14)):
                await self._step()
                if wrong := [*self._wrong_now()]:
                    return wrong
            if wrong := await self._settle() or await act():
                return wrong
        return []

    # -- the client

    async def _connect(self) -> None:
        self.ib = plug_in(IB(), self.gateway)
        await self.ib.connectAsync(clientId=CLIENT)
        self.desk = OrderDesk(self.ib)
        self.desk.alerts += self._heard
        await self.desk.state.link.up_async(timeout=60)

    async def _leave(self) -> list[str]:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()
        health = self.desk.state.link.requests.health.current()
        self.desk.close()
        self.ib.disconnect()
        await asyncio.sleep(0.01)
        return [f"handlers failed: {health.last_error}"] if health.handler_errors else []

    async def _reconnect(self) -> None:
        while not self.ib.isConnected():
            self.note("reconnect")
            try:
                await self.ib.connectAsync(clientId=CLIENT)
                await self.desk.state.link.up_async(timeout=60)
            except (ConnectionError, IbkitError, asyncio.TimeoutError):
                await asyncio.sleep(1)

    async def _restart(self) -> None:
        """The process dies, and another one takes its place."""
        await self._leave()
        self.kinds["restarts"] += 1
        self.held_unseen = True
        while not await self._comes_back():
            await self._leave()

    async def _comes_back(self) -> bool:
        try:
            await self._connect()
            await self.desk.recover_async()
        except (ConnectionError, IbkitError, asyncio.TimeoutError) as error:
            self.note(f"  once more, after {type(error).__name__}: {error}")
            return False
        return True

    def _heard(self, alert: Alert) -> None:
        self.note(f"  told: {alert.severity} {alert.rule}: {alert.text}")
        for trade in self.desk.groups:
            if alert.key in book_of(trade).told:
                self.told.setdefault(trade.group_id, set()).add(alert.rule)

    # -- steps

    def note(self, text: str) -> None:
        self.steps.append(f"{self._now() - 1000:9.3f} {text}")

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def doubtful(self, seconds: float) -> None:
        self.calm_from = max(self.calm_from, self._now() + seconds + ROUND_TRIP)

    def blind(self) -> None:
        self.doubtful(1e6)

    def may_trade_by_hand(self) -> bool:
        return len(self._brackets()) == 1 and not self.position_late

    def _brackets(self) -> list[OrderGroup]:
        return [group for group in self.groups.values() if group.form in BRACKETS]

    async def _step(self) -> None:
        kinds = self._kinds()
        ((_, step),) = self.draw.choices(kinds, [weight for weight, _ in kinds])
        result = step()
        if asyncio.iscoroutine(result):
            await result
        await asyncio.sleep(self.draw.choice([0, 0, 0, 0.001, 0.05, 0.4]))

    def _kinds(self) -> list[tuple[float, Callable[[], Any]]]:
        """What may happen next, and how likely it is."""
        kinds: list[tuple[float, Callable[[], Any]]] = [
            (10, self._move), (4, self._trade), (6, self._wait), (2, self._verb), (1, self._place),
        ]  # fmt: skip
        if self.luck:
            kinds += [(6, self._bad_luck), (1, self._reconnect), (0.4, self._restart_now)]
        return kinds

    def _quote(self, price: Decimal) -> None:
        self.last = price
        size = self.draw.choice([1, 1, 2, 3, 10])
        self.doubtful(0)
        for name in (self.name, LOOSE):
            self.gateway.market.quote(
                name, bid=price, ask=price + TICK, bid_size=size, ask_size=size
            )

    def _move(self) -> None:
        near = self.last + self.draw.choice([-4, -2, -1, 1, 2, 4]) * self.draw.choice([1, 1, 2])
        price = min(max(near, MIDDLE - REACH), MIDDLE + REACH)
        self.note(f"market {price}")
        self._quote(price)

    def _trade(self) -> None:
        price = self.last + self.draw.choice([0, TICK])
        self.note(f"trade at {price}")
        self.doubtful(0)
        for name in (self.name, LOOSE):
            self.gateway.market.trade(name, price, size=self.draw.choice([1, 2, 5]))

    async def _wait(self) -> None:
        await asyncio.sleep(self.draw.choice([0.02, 0.3, 1.1, 2.6, 6]))

    async def _restart_now(self) -> None:
        self.note("the client dies, and comes back")
        await self._restart()
        self.doubtful(0)

    def _bad_luck(self) -> None:
        word = self.draw.choice(list(BAD_LUCK))
        self.note(f"bad luck: {word}")
        self.kinds[word] += 1
        self.doubtful(0)
        for group_id in self.groups:
            self.told.setdefault(group_id, set()).update({word} & {"IB lost"})
        BAD_LUCK[word](self)

    # -- what the user does

    def _spawn(self, work: Callable[[], Any]) -> None:
        async def run() -> None:
            try:
                await work()
            except (IbkitError, ConnectionError) as error:
                self.note(f"  raised {type(error).__name__}: {error}")

        self.doubtful(0)
        self.tasks.append(asyncio.ensure_future(run()))

    def _place(self) -> None:
        if len(self.groups) >= 3 or self.by_hand or self._has_flipped():
            return  # whose position is whose could not be told any more
        loose = bool(self.groups) and self.draw.random() < 0.4
        plan = (random_loose if loose else random_bracket)(self.draw)
        self.place(plan, LOOSE if loose else self.name)

    def place(self, plan: OrderGroup, name: str) -> None:
        """Let the desk place a group in a market."""
        group = plan.evolve(group_id=f"g{len(self.groups)}")
        self.note(f"place {group!r}\n{group}")
        self.kinds[group.form] += 1
        self.groups[group.group_id] = group
        self.sizes[group.group_id] = group.size
        contract = future(self.gateway, name)
        self._spawn(lambda: self.desk.place_async(contract, group, timeout=30))

    def _verb(self) -> None:
        live = [trade for trade in self.desk.groups if not trade.is_over]
        if not live:
            return
        trade = self.draw.choice(live)
        sign = 1 if trade.side == "BUY" else -1
        near, far = self.last - sign * self.draw.randint(1, 9), self.draw.randint(1, 9)
        name, work = self.draw.choice([
            ("move_stop", lambda: trade.move_stop_async(near)),
            ("move_target", lambda: trade.move_target_async(1, self.last + sign * far)),
            ("breakeven", trade.breakeven_async),
            ("resize", lambda: self._resize(trade, far)),
            ("cancel", trade.cancel_async),
            ("close", trade.close_async),
            ("trail", lambda: trade.trail_stop_async(Trail(amount=3))),
        ])  # fmt: skip
        self.note(f"{name} {trade.group_id}")
        self.kinds[name] += 1
        self._spawn(work)

    async def _resize(self, trade: GroupTrade, size: int) -> None:
        self.told.setdefault(trade.group_id, set()).add("resize")
        group = self.groups[trade.group_id]
        wanted = group.size - group.legs[0].size + size
        self.sizes[trade.group_id] = max(self.sizes[trade.group_id], wanted)
        await trade.resize_async(size)

    # -- the verdict

    def _cases(self) -> Iterator[Case]:
        # What one group has bought too much is closed of another, as if by hand.
        held = self._held() if self.by_hand or self._has_flipped() else None
        for group_id, group in self.groups.items():
            told = self.told.get(group_id, set())
            size = self.sizes[group_id]
            yield Case(self.gateway, group, told, size=size, held=held, past=self.past)

    def _has_flipped(self) -> bool:
        return any("flipped" in rules for rules in self.told.values())

    def _held(self) -> Decimal:
        con_id = future(self.gateway, self.name).conId
        positions = self.gateway.truth.positions
        return next((size for (_, con), size in positions.items() if con == con_id), Decimal(0))

    def _wrong_now(self) -> Iterator[str]:
        trades = {trade.group_id: trade for trade in self.desk.groups}
        calm = self._is_calm()
        self.kinds["moments"] += 1
        self.kinds["calm moments"] += calm
        for case in self._cases():
            group_id = case.group.group_id
            yield from (f"{group_id}: {text}" for text in case.wrong_now())
            if calm and group_id in trades:
                yield from (
                    f"{group_id} soon: {t}" for t in case.wrong_soon(trades[group_id].status)
                )

    def _is_calm(self) -> bool:
        quiet = not self.gateway._floor.interference.active
        return quiet and self._now() >= self.calm_from and self.desk.state.link.is_up

    async def _settle(self) -> list[str]:
        faults = self.gateway.faults
        faults.clear()
        faults.restore()
        for order in self.gateway.truth.orders:
            if order.status == "Inactive" and order.why_held == "locate":
                with contextlib.suppress(LookupError):  # what was released before it has ended it
                    faults.release_order(order.perm_id)
        for name in (self.name, LOOSE):
            self.gateway.market.quote(name, bid_size=50, ask_size=50)
        await asyncio.sleep(0.5)
        await self._reconnect()
        self.note("settle")
        await asyncio.sleep(QUIET)
        await self._reconnect()
        self.kinds["settled"] += 1
        self.calm_from = 0.0
        self.position_late = False
        return [*self._wrong_now(), *self._wrong_at_rest()]

    def _wrong_at_rest(self) -> Iterator[str]:
        trades = {trade.group_id: trade for trade in self.desk.groups}
        for case in self._cases():
            trade = trades.get(case.group.group_id)
            if trade is not None:
                found = case.wrong_at_rest(trade, blind=self.cancel_lost or self.held_unseen)
                yield from (f"{trade!r}: {text}" for text in found)
            elif case.shown or (case.is_bracket and case.open and not self.has_slept):
                yield f"{case.group.group_id}: nobody watches it: {case.live}, {case.sums}"

    async def _restart_and_compare(self) -> list[str]:
        trades = [trade for trade in self.desk.groups if not trade.is_over]
        lasting = [trade for trade in trades if not self._is_forgetful(trade)]
        before = {trade.group_id: picture(trade) for trade in lasting}
        self.note("restart the client")
        await self._restart()
        await asyncio.sleep(QUIET / 2)
        found = {trade.group_id: trade for trade in self.desk.groups if not trade.is_over}
        self.kinds["recovered"] += len(before)
        return [
            f"{group_id} is found again as {after}, and was {was}"
            for group_id, was in before.items()
            if (after := group_id in found and picture(found[group_id])) != was
        ]

    def _is_forgetful(self, trade: GroupTrade) -> bool:
        """What the user wanted, and what was tried before, only the lost desk knew."""
        given_up = {"lost-again", "cancel_all"} & self.told.get(trade.group_id, set())
        return self.by_hand or self.has_slept or bool(given_up) or book_of(trade).closing

    async def _end(self) -> list[str]:
        """The market runs away to one side, or the user wants out of everything."""
        if self.draw.random() < 0.3:
            self.note("close everything")
            for trade in self.desk.groups:
                if not trade.is_over:
                    self._spawn(trade.close_async)
        else:
            far = MIDDLE + self.draw.choice([-40, 40])
            self.note(f"the market ends at {far}")
            self._quote(far)
            self.gateway.market.trade(self.name, far, size=50)
        return await self._settle()


def picture(trade: GroupTrade) -> dict[str, Any]:
    """Return what a group that is found again has in common with the one that was lost."""
    legs = trade.facts.legs
    return {
        "status": trade.status.name,
        "side": trade.side,
        "form": trade.group.form,
        "open": trade.open_size,
        "protected": trade.protected_size,
        "filled": trade.filled,
        "entry_price": trade.entry_price,
        "breakeven_after": trade.group.breakeven_after,
        "live": {(leg.role, leg.remaining, leg.status.name) for leg in legs if leg.live},
        "filled_legs": {(leg.role, leg.filled) for leg in legs if leg.filled},
    }
