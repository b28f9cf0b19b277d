"""A session of trading drawn by chance: what is done, and what the live state must show of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from ib_async import IB, ComboLeg, Contract, LimitOrder, MarketOrder, Order, StopOrder, Trade

from ibkit._ib._greeting import Address
from ibkit._ib._link import Link
from ibkit._ib._link_table import LinkState
from ibkit._ib._reconnect import Reconnect
from ibkit.errors import IbkitError, NotConnected, StateUnknown
from ibkit.sim import Account, OrderTerms, Scenario, SimGateway
from ibkit.state import Level, LiveState
from ibkit.testing import plug_in
from sim_client import MONDAY, future
from state_truth import OURS, check_all, check_fills, check_orders, check_positions

HERE = Address(host="memory", port=1, client_id=OURS)
OTHER = 9
STEPS = 25
LATEST = 2.0
"""No message is later than this."""

Step = Callable[[], object]


class World:
    """One schedule: a gateway, our program, other people, and a list of what was done."""

    def __init__(self, seed: int, gateway: SimGateway, accounts: list[str]) -> None:
        self.chance = random.Random(seed)
        self.gateway, self.accounts = gateway, accounts
        self.faults, self.truth = gateway.faults, gateway.truth
        self.lead, self.next = future(gateway, "ESH6"), future(gateway, "ESM6")
        self.lost = False
        """A message that says what happened was left out: only asking TWS again can tell."""
        self.late = False
        self.told: list[str] = []
        self.seen_fresh = self.seen_unsettled = 0
        self.order_ids = 1
        self.begin()

    # -- our program

    def begin(self) -> None:
        ib = plug_in(IB(), self.gateway)
        account = self.accounts[0]
        # it may begin while the gateway is away
        reconnect = Reconnect(first=1, jitter=0, attempts=None)
        options = {"account": account, "reconnect": reconnect, "uniform": lambda: 0.5}
        self.link = Link(ib, HERE, **options)
        self.state = LiveState(ib, account=account, link=self.link)

    def end(self) -> None:
        assert self.link.requests.health.current().handler_errors == 0
        self.state.close()
        self.link.close()
        self.link.release()

    async def begin_anew(self) -> None:
        """Our program ends, and another one begins that knows nothing."""
        self.end()
        await asyncio.sleep(self.chance.choice([0.01, 5]))
        self.begin()
        while not await self.is_open():
            self.faults.restore()  # it would wait for IB for ever
            await asyncio.sleep(1)

    async def is_open(self) -> bool:
        with contextlib.suppress(IbkitError, asyncio.TimeoutError):
            await asyncio.wait_for(self.link.open_async(), 30)
        return self.link.is_up

    # -- what can happen

    def steps(self) -> list[Step]:
        return [
            *[self.place] * 5,
            *[self.place_bracket, self.place_pair, self.place_spread],
            *[self.change, self.cancel, self.fill] * 2,
            *[self.move, self.correct, self.bust],
            *[self.double, self.delay, self.withhold, self.repeat_status, self.notice],
            *[self.reject, self.refuse_change, self.race, self.cancel_unasked],
            *[self.by_hand, self.end_of_another],
            *[self.by_another, self.look_for_others, self.cut] * 2,
            *[self.restart, self.lose_ib, self.restore, self.ask, self.begin_anew],
        ]

    async def go(self) -> None:
        await self.link.open_async()
        for _ in range(STEPS):
            await self.do(self.chance.choice(self.steps()))
            await asyncio.sleep(self.chance.choice([0, 0, 0.001, 0.3, 3]))
            self.check_now()
            if self.chance.random() < 0.4:
                await self.be_quiet()
                self.check_quiet()

    async def do(self, step: Step) -> None:
        self.told.append(step.__name__)
        done = step()
        if isinstance(done, Awaitable):
            await done

    # -- orders of ours

    def drawn(self, side: str, size: int) -> Order:
        near, up = self.chance.choice([0, 0, 1, 40]), 1 if side == "BUY" else -1
        kinds = [
            lambda: MarketOrder(side, size),
            lambda: LimitOrder(side, size, 5000 - up * near),
            lambda: StopOrder(side, size, 5000 + up * near),
        ]
        return self.chance.choice(kinds)()

    def side_and_size(self) -> tuple[str, int]:
        return self.chance.choice(["BUY", "SELL"]), self.chance.randint(1, 5)

    def send(self, contract: Contract, *orders: Order) -> None:
        account = self.chance.choice(self.accounts)
        for order in orders:
            order.tif, order.account = "DAY", account
            self.link.ib.placeOrder(contract, order)

    def place(self) -> None:
        if self.link.ib.isConnected():
            self.send(self.chance.choice([self.lead, self.next]), self.drawn(*self.side_and_size()))

    def place_pair(self) -> None:
        """One cancels the other."""
        if not self.link.ib.isConnected():
            return
        side, size = self.side_and_size()
        away = 30 if side == "SELL" else -30
        pair = self.drawn(side, size), LimitOrder(side, size, 5000 + away)
        for order in pair:
            order.ocaGroup, order.ocaType = f"g{len(self.told)}", 1
        self.send(self.lead, *pair)

    def place_bracket(self) -> None:
        if not self.link.ib.isConnected():
            return
        side, size = self.side_and_size()
        other, up = ("SELL", 1) if side == "BUY" else ("BUY", -1)
        entry = self.drawn(side, size)
        exits = LimitOrder(other, size, 5000 + 20 * up), StopOrder(other, size, 5000 - 20 * up)
        entry.orderId, entry.transmit = self.link.ib.client.getReqId(), False
        exits[0].transmit = False
        for order in exits:
            order.parentId = entry.orderId
        self.send(self.lead, entry, *exits)

    def place_spread(self) -> None:
        """Both months at once, as one order with its own execution and one for each leg."""
        if not self.link.ib.isConnected():
            return
        side, size = self.side_and_size()
        legs = [
            ComboLeg(conId=self.lead.conId, ratio=1, action="SELL", exchange="CME"),
            ComboLeg(conId=self.next.conId, ratio=1, action="BUY", exchange="CME"),
        ]
        spread = Contract(
            secType="BAG", symbol="ES", exchange="CME", currency="USD", comboLegs=legs
        )
        price = self.chance.choice([-30, 10, 40])
        self.send(
            spread, self.chance.choice([MarketOrder(side, size), LimitOrder(side, size, price)])
        )

    def change(self) -> None:
        if (trade := self.chosen_trade()) is not None:
            order = trade.order
            order.totalQuantity = max(1, float(order.totalQuantity) + self.chance.choice([-1, 1]))
            if order.orderType == "LMT":
                order.lmtPrice += self.chance.choice([-1, 0, 1])
            order.transmit = True  # else TWS keeps the change of an entry to itself
            self.link.ib.placeOrder(trade.contract, order)

    def cancel(self) -> None:
        if (trade := self.chosen_trade()) is not None:
            self.link.ib.cancelOrder(trade.order)

    def chosen_trade(self) -> Trade | None:
        if not self.link.ib.isConnected():
            return None
        mine = [t for t in self.link.ib.openTrades() if t.order.clientId == HERE.client_id]
        mine = [trade for trade in mine if trade.order.orderId > 0 and trade.order.permId]
        return self.chance.choice(mine) if mine else None

    # -- the market and the exchange

    def chosen_order(self):
        live = [order for order in self.truth.orders if order.remaining >= 1]
        return self.chance.choice(live) if live else None

    def fill(self) -> None:
        if (order := self.chosen_order()) is not None:
            size = self.chance.randint(1, int(order.remaining))
            with contextlib.suppress(LookupError, ValueError):
                self.faults.fill_order(order.perm_id, size, 5000)

    def cancel_unasked(self) -> None:
        if (order := self.chosen_order()) is not None:
            self.faults.cancel_order(order.perm_id, "by chance")

    def move(self) -> None:
        bid = Decimal(5000 + self.chance.randint(-8, 8))
        self.quote(self.chance.choice(["ESH6", "ESM6"]), bid)

    def quote(self, name: str, bid: Decimal) -> None:
        ask = bid + Decimal("0.25")
        self.gateway.market.quote(name, bid=bid, ask=ask, bid_size=50, ask_size=50)

    def correct(self) -> None:
        if self.truth.fills:
            exec_id = self.chance.choice(self.truth.fills).exec_id
            with contextlib.suppress(LookupError, ValueError):  # a combo is not corrected
                self.faults.correct_fill(exec_id, 5003)

    def bust(self) -> None:
        if self.truth.fills and self.chance.random() < 0.5:
            with contextlib.suppress(LookupError, ValueError):
                self.faults.bust_fill(self.chance.choice(self.truth.fills).exec_id)

    # -- other people

    def terms(self) -> OrderTerms:
        side, price = self.chance.choice([("BUY", 4990), ("BUY", 5010), ("SELL", 5010)])
        return OrderTerms(
            action=side,
            quantity=Decimal(2),
            order_type="LMT",
            limit_price=Decimal(price),
            tif="DAY",
            account=self.chance.choice(self.accounts),
        )

    def by_hand(self) -> None:
        self.faults.place_by_hand("ESH6", self.terms())

    def by_another(self) -> None:
        self.order_ids += 1
        self.faults.place_as_client(OTHER, self.order_ids, "ESH6", self.terms())

    def end_of_another(self) -> None:
        theirs = [o for o in self.truth.orders if o.key.client_id != HERE.client_id]
        if theirs:
            self.faults.cancel_order(self.chance.choice(theirs).perm_id, "by another")

    async def look_for_others(self) -> None:
        with contextlib.suppress(IbkitError):
            await self.state.reconcile_async()

    # -- messages that go wrong

    def double(self) -> None:
        names = ["OrderStatus", "OpenOrder", "ExecDetails", "CommissionReport", "Position"]
        self.faults.double(self.chance.choice(names), times=self.chance.randint(1, 4))

    def delay(self) -> None:
        names = ["OrderStatus", "OpenOrder", "ExecDetails", "CommissionReport"]
        late = self.chance.choice([0.05, 0.5, LATEST])
        self.faults.delay(self.chance.choice(names), late, times=self.chance.randint(1, 3))
        self.late = True  # until the rules are cleared

    def withhold(self) -> None:
        names = ["OrderStatus", "OpenOrder", "ExecDetails", "CommissionReport", "OpenOrderEnd"]
        self.faults.withhold(self.chance.choice(names), times=self.chance.randint(1, 2))
        self.lost = True

    def repeat_status(self) -> None:
        live, done = self.truth.orders, self.truth.completed_orders
        if live and self.chance.random() < 0.5:
            self.faults.report_status(self.chance.choice(live).perm_id)
        elif done:
            with contextlib.suppress(LookupError, KeyError):
                self.faults.report_status(self.chance.choice(done).perm_id, "Submitted")

    def notice(self) -> None:
        code = self.chance.choice([10349, 10311, 399, 2109, 98765])
        self.faults.notice_next_order(code, "by chance")

    def reject(self) -> None:
        self.faults.reject_next_order("by chance", error_first=self.chance.random() < 0.5)

    def refuse_change(self) -> None:
        code = self.chance.choice([104, 110, 10326])
        self.faults.refuse_next_modify(code, "by chance")

    def race(self) -> None:
        self.faults.race_cancel(self.chance.choice([None, 1]))

    # -- the connection

    def cut(self) -> None:
        self.faults.cut()

    def restart(self) -> None:
        self.faults.restart(ids_back_by=self.chance.randint(0, 3))

    def lose_ib(self) -> None:
        self.faults.lose_connectivity(self.chance.randint(1, 2))

    def restore(self) -> None:
        self.faults.restore(data_lost=self.chance.random() < 0.5)

    async def ask(self) -> None:
        with contextlib.suppress(ConnectionError, StateUnknown, TimeoutError, asyncio.TimeoutError):
            await self.state.ask_async()

    # -- what must hold

    async def be_quiet(self) -> None:
        """Let everything that is on its way arrive."""
        if self.late:
            self.faults.clear()
            self.late = False
        await asyncio.sleep(LATEST + 0.5)

    def check_now(self) -> None:
        """Whatever is on its way: what cannot be known is not shown."""
        state, level = self.state, self.state.orders.freshness.level
        if level is Level.UNKNOWN:
            for view in (state.orders, state.positions, state.fills, state.account):
                with pytest.raises((NotConnected, StateUnknown)):
                    len(view)
        elif self.link.state is LinkState.BROKER_LOST:
            assert level is Level.STALE
            assert not any(order.certain for order in state.orders.open)

    def check_quiet(self) -> None:
        """Nothing is on its way: what is fresh and certain is true."""
        if self.lost or not self.link.is_up:
            self.seen_unsettled += 1
            return
        self.seen_fresh += 1
        check_positions(self.state, self.truth, self.accounts)
        check_orders(self.state, self.truth)
        check_fills(self.state, self.truth, of=HERE.client_id)

    async def settle(self) -> None:
        """Let it become quiet for good: then everything is as it is at the broker."""
        self.faults.clear()
        self.faults.restore()
        if self.lost:  # nobody can know of what was never said, before he asks
            self.faults.cut()
        await asyncio.sleep(200)
        assert self.link.is_up, self.link.history[-3:]
        await self.check_settled()
        await self.begin_anew()
        await self.link.up_async(timeout=60)
        await self.check_settled()

    async def check_settled(self) -> None:
        """Check all that is known, that of others too, once TWS was asked for it."""
        await self.state.reconcile_async()
        await self.state.ask_async()
        assert not await self.state.reconcile_async()
        for order in self.state.orders.all:
            assert order.wanted is None, order
        check_all(self.state, self.truth, self.accounts)


async def survive(seed: int) -> tuple[int, int]:
    """Run one schedule; how many pictures were fresh and compared, and how many unsettled."""
    accounts = ["DU1", "DU2"] if seed % 3 == 0 else ["DU1"]
    scenario = Scenario(accounts=tuple(Account(name=name) for name in accounts))
    async with SimGateway(port=None, seed=seed, start=MONDAY, scenario=scenario) as gateway:
        world = World(seed, gateway, accounts)
        world.quote("ESH6", Decimal(5000))
        world.quote("ESM6", Decimal(5010))
        try:
            await world.go()
            await world.settle()
            world.end()
        except AssertionError as error:
            raise AssertionError(f"seed {seed} after {world.told}: {error}") from error
        finally:
            world.state.close()
            world.link.close()
            await asyncio.sleep(1)
            world.link.release()
        return world.seen_fresh, world.seen_unsettled
