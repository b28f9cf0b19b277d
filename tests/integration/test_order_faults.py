"""The order desk when things go wrong: the smallest story of each defect that chance has found."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from ib_async import IB

from ibkit.orders import (
    GroupTrade,
    Limit,
    OrderDesk,
    OrderGroup,
    Replace,
    RollBack,
    Target,
    bracket,
    parse_order_ref,
)
from ibkit.orders._carry_out import carry_out
from ibkit.sim import OrderTerms, OrderView, Scenario, SimGateway
from ibkit.testing import plug_in, run_virtual
from sim_client import MONDAY, future

CLIENT = 3
FILLS = Limit(5000.25)
MANAGED: Any = "managed"


class Rig:
    """A desk on a gateway; it can come back after a cut, and as another process."""

    ib: IB
    desk: OrderDesk

    def __init__(self, gateway: SimGateway) -> None:
        self.gateway = gateway

    async def start(self) -> None:
        self.ib = plug_in(IB(), self.gateway)
        await self.ib.connectAsync(clientId=CLIENT)
        self.desk = OrderDesk(self.ib)
        await self.desk.state.link.up_async(timeout=60)

    async def reconnect(self) -> None:
        await self.ib.connectAsync(clientId=CLIENT)
        await self.desk.state.link.up_async(timeout=60)

    async def stop(self) -> None:
        self.desk.close()
        self.ib.disconnect()
        await asyncio.sleep(0.01)

    async def restart(self) -> None:
        await self.stop()
        await self.start()
        await self.desk.recover_async()

    async def place(self, group: OrderGroup) -> GroupTrade:
        return await self.desk.place_async(future(self.gateway), group)

    def quote(self, bid: float, size: int = 50) -> None:
        ask = Decimal(str(bid)) + Decimal("0.25")
        self.gateway.market.quote("ES", bid=bid, ask=ask, bid_size=size, ask_size=size)

    def order(self, role: str) -> OrderView:
        return next(o for o in self.gateway.truth.orders if role_of(o) == role)

    def live(self) -> set[str]:
        return {role_of(order) for order in self.gateway.truth.orders}


def role_of(order: OrderView) -> str:
    ref = parse_order_ref(order.terms.order_ref)
    return ref.role if ref else ""


def run(test: Callable[[Rig], Awaitable[Any]], **switches: Any) -> Any:
    async def main() -> Any:
        scenario = Scenario(**switches)
        async with SimGateway(port=None, seed=7, start=MONDAY, scenario=scenario) as gateway:
            rig = Rig(gateway)
            rig.quote(5000)
            await rig.start()
            try:
                return await test(rig)
            finally:
                await rig.stop()

    return run_virtual(main())


def test_break_even_that_is_refused_for_the_moment_is_tried_again():
    async def test(rig):
        targets = [Target(1, 5005), Target(1, 5010)]
        group = bracket("BUY", 2, entry=FILLS, targets=targets, stop=4990, breakeven_after=1)
        await rig.place(group)
        rig.gateway.faults.refuse_next_modify(2102, "it is still being processed")
        rig.quote(5005)
        await asyncio.sleep(2)
        first = rig.order("stop-2").terms.aux_price
        await asyncio.sleep(10)
        return first, rig.order("stop-2").terms.aux_price

    assert run(test) == (4990, Decimal("5000.25"))


def test_a_cut_while_asking_who_closed_a_position_is_no_defect():
    async def test(rig):
        trade = await rig.place(bracket("BUY", 2, entry=FILLS, take_profit=5010, stop=4990))
        rig.gateway.faults.cut_at("ReqExecutions")
        terms = OrderTerms(action="SELL", quantity=Decimal(2), order_type="MKT")
        rig.gateway.faults.place_by_hand("ES", terms)
        await asyncio.sleep(5)
        cut = not rig.ib.isConnected()
        await rig.reconnect()
        await asyncio.sleep(10)
        health = rig.desk.state.link.requests.health.current()
        return cut, health.handler_errors, rig.live(), trade.is_over

    assert run(test) == (True, 0, set(), True)


def test_an_order_that_seems_to_fall_back_to_inactive_is_asked_about():
    async def test(rig):
        trade = await rig.place(bracket("BUY", 1, entry=FILLS, take_profit=5010, stop=4990))
        rig.gateway.faults.report_status(rig.order("stop-1").perm_id, "Inactive")
        await asyncio.sleep(5)
        return trade.status.name, trade.protected_size

    assert run(test) == ("PROTECTED", 1)


def test_a_repair_that_fails_does_not_keep_the_others_from_being_done():
    async def test(rig):
        trade = await rig.place(bracket("BUY", 1, entry=FILLS, stop=4990))
        rig.gateway.faults.cancel_order(rig.order("stop-1").perm_id)
        told = []
        trade.alerts += told.append
        actions = [
            RollBack(rule="test", role="stop-9"),
            Replace(rule="test", role="stop-1", size=Decimal(1)),
        ]
        carry_out(rig.desk._keeper, trade, actions)
        await asyncio.sleep(0.5)
        return [alert.text for alert in told if alert.rule == "repair"], rig.live()

    texts, live = run(test)

    assert len(texts) == 1
    assert "stop-9" in texts[0]
    assert live == {"stop-1"}


def test_an_exit_that_was_believed_lost_and_comes_back_is_cancelled_beside_its_substitute():
    async def test(rig):
        entry = Limit(4998)
        await rig.place(bracket("BUY", 2, entry=entry, take_profit=5010, stop=4990, slices=MANAGED))
        faults = rig.gateway.faults
        faults.delay("ExecDetails", 0.5)
        faults.delay("OrderStatus", 0.5)
        rig.quote(4997)
        faults.withhold("ErrMsg")
        faults.lose_connectivity()  # and nobody is told: what is sent now waits, and is not listed
        await asyncio.sleep(8)
        faults.restore()
        await asyncio.sleep(5)
        return sorted(role_of(order) for order in rig.gateway.truth.orders)

    assert run(test) == ["stop-1", "target-1"]


def test_a_client_that_died_while_it_closed_does_not_put_the_exits_back():
    async def test(rig):
        trade = await rig.place(bracket("BUY", 1, entry=FILLS, take_profit=5010, stop=4990))
        await asyncio.sleep(2)
        closing = asyncio.ensure_future(trade.close_async())
        await asyncio.sleep(0.3)
        on_its_way = rig.live()
        closing.cancel()
        await rig.restart()
        await asyncio.sleep(5)
        ended = sorted(role_of(order) for order in rig.gateway.truth.completed_orders)
        return on_its_way, ended, rig.live()

    sent = ["close", "entry", "stop-1", "target-1"]
    assert run(test, submit_latency=500) == ({"close"}, sent, set())


def test_an_exit_that_was_put_back_keeps_its_size_over_a_restart():
    async def test(rig):
        targets = [Target(3, 5010)]
        group = bracket("BUY", 4, entry=FILLS, targets=targets, stop=4990, slices="attached")
        await rig.place(group)
        rig.gateway.faults.fill_order(rig.order("target-1").perm_id, 1, 5010)
        await asyncio.sleep(3)
        rig.gateway.faults.cancel_order(rig.order("target-1").perm_id)
        await asyncio.sleep(3)
        before = rig.order("target-1").remaining
        await rig.restart()
        await asyncio.sleep(10)
        return before, rig.order("target-1").remaining

    assert run(test) == (2, 2)
