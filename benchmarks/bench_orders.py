"""What the order desk costs: beside orders written by hand, behind a queue, and to build."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import logging
import statistics
import time
from collections.abc import Awaitable, Callable

from ib_async import IB, Contract, LimitOrder, Order, Stock, StopOrder
from report import Row, write

from ibkit.desk import open_desk
from ibkit.orders import Limit, OrderGroup, Target, bracket, single
from ibkit.sim import Scenario, SimGateway
from ibkit.sim._scenario import Limits
from ibkit.sim._transport import Connection, Server
from ibkit.testing import plug_in, run_virtual

MONDAY = dt.datetime(2026, 3, 2, 15, tzinfo=dt.timezone.utc)
GROUPS = 10
REPEATS = 25
QUEUED = 200
FAST = Scenario(limits=Limits(messages_per_second=10**6))
"""The gateway takes orders as fast as they come, so that nobody waits."""


class Meter:
    """Adds up the time that the simulator has the processor, inside of one process."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0

    def around(self, owner: type, name: str) -> None:
        method: Callable[..., object] = getattr(owner, name)

        def measured(*args: object) -> object:
            self._depth += 1
            began = time.process_time()
            try:
                return method(*args)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.seconds += time.process_time() - began

        setattr(owner, name, measured)


METER = Meter()


def contract_of(gateway: SimGateway) -> Contract:
    instrument = gateway.market.instrument("ES")
    return Contract(
        secType="FUT", conId=instrument.con_id, symbol="ES", exchange="CME", currency="USD",
        localSymbol=instrument.local_symbol,
    )  # fmt: skip


# -- nine orders, by hand and by the desk


def three_slices() -> OrderGroup:
    return bracket(
        "BUY", 3, entry=Limit(4900), stop=4890,
        targets=[Target(1, 4910), Target(1, 4920), Target(1, 4930)],
    )  # fmt: skip


def by_hand(ib: IB) -> list[Order]:
    """The same nine orders, as a loop of one's own makes them."""
    orders: list[Order] = []
    for target in (4910, 4920, 4930):
        entry = LimitOrder("BUY", 1, 4900, orderId=ib.client.getReqId(), transmit=False, tif="DAY")
        parent = entry.orderId
        orders += [
            entry,
            LimitOrder(
                "SELL", 1, target, orderId=ib.client.getReqId(), parentId=parent, transmit=False,
                tif="DAY",
            ),
            StopOrder(
                "SELL", 1, 4890, orderId=ib.client.getReqId(), parentId=parent, transmit=True,
                tif="DAY",
            ),
        ]  # fmt: skip
    return orders


async def spent(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Return the processor time that some work took: all of it, and without the simulator."""
    gc.collect()
    METER.seconds = 0.0
    began = time.process_time()
    await work()
    whole = time.process_time() - began
    return whole, whole - METER.seconds


async def hand_written() -> tuple[float, float]:
    async with SimGateway(port=None, seed=7, start=MONDAY, scenario=FAST) as gateway:
        gateway.market.quote("ES", bid=5000, ask=5000.25)
        ib = plug_in(IB(), gateway)
        await ib.connectAsync(clientId=1)
        ib.client.MaxRequests = 0
        es = contract_of(gateway)

        async def work() -> None:
            for _ in range(GROUPS):
                trades = [ib.placeOrder(es, order) for order in by_hand(ib)]
                while any(t.orderStatus.permId == 0 for t in trades):  # noqa: ASYNC110  # by hand
                    await asyncio.sleep(0.001)

        result = await spent(work)
        assert len(gateway.truth.orders) == 9 * GROUPS
        ib.disconnect()
        await asyncio.sleep(0.01)
        return result


async def with_the_desk() -> tuple[float, float]:
    async with SimGateway(port=None, seed=7, start=MONDAY, scenario=FAST) as gateway:
        gateway.market.quote("ES", bid=5000, ask=5000.25)
        async with open_desk(ib=plug_in(IB(), gateway)) as desk:
            desk.ib.client.MaxRequests = 0
            es = contract_of(gateway)

            async def work() -> None:
                for _ in range(GROUPS):
                    await desk.orders.place_async(es, three_slices())

            result = await spent(work)
            assert len(gateway.truth.orders) == 9 * GROUPS
            return result


def compared() -> tuple[list[float], list[float], list[float], list[float]]:
    """Return pairs of runs: the ratios in all and of the client, and the client's times each."""
    ratios, client_ratios, hand, desk = [], [], [], []
    for _ in range(REPEATS):
        whole, client = run_virtual(hand_written())
        desk_whole, desk_client = run_virtual(with_the_desk())
        ratios.append(desk_whole / whole)
        client_ratios.append(desk_client / client)
        hand.append(client / GROUPS * 1e3)
        desk.append(desk_client / GROUPS * 1e3)
    return ratios, client_ratios, hand, desk


# -- a cancel behind a queue


async def gone(gateway: SimGateway) -> float:
    """Return the milliseconds until no order lives at the gateway, on the virtual clock."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while gateway.truth.orders:  # noqa: ASYNC110  # the truth has no events
        await asyncio.sleep(0.0005)
    return (loop.time() - began) * 1e3


def shares() -> list[Contract]:
    return [Stock(f"A{n}", "SMART", "USD") for n in range(QUEUED)]


async def cancel_by_hand() -> float:
    async with SimGateway(port=None, seed=7, start=MONDAY) as gateway:
        ib = plug_in(IB(), gateway)
        await ib.connectAsync(clientId=1)
        trade = ib.placeOrder(contract_of(gateway), LimitOrder("BUY", 1, 4900))
        await asyncio.sleep(2)
        queue = [asyncio.ensure_future(ib.reqContractDetailsAsync(share)) for share in shares()]
        await asyncio.sleep(0)
        ib.cancelOrder(trade.order)
        took = await gone(gateway)
        await asyncio.gather(*queue, return_exceptions=True)
        ib.disconnect()
        await asyncio.sleep(0.01)
        return took


async def cancel_with_the_desk() -> float:
    async with (
        SimGateway(port=None, seed=7, start=MONDAY) as gateway,
        open_desk(ib=plug_in(IB(), gateway)) as desk,
    ):
        group = single("BUY", 1, Limit(4900))
        trade = await desk.orders.place_async(contract_of(gateway), group)
        await asyncio.sleep(2)
        details = desk.link.requests.contract_details_async
        queue = [asyncio.ensure_future(details(share)) for share in shares()]
        await asyncio.sleep(0)
        cancel = asyncio.ensure_future(trade.cancel_async())
        took = await gone(gateway)
        await asyncio.gather(cancel, *queue, return_exceptions=True)
        return took


# -- building


def microseconds(build: Callable[[], object], times: int = 1_000) -> list[float]:
    found = []
    for _ in range(REPEATS):
        began = time.process_time()
        for _ in range(times):
            build()
        found.append((time.process_time() - began) / times * 1e6)
    return found


def plain_bracket() -> OrderGroup:
    return bracket("BUY", 1, entry=Limit(5000), take_profit=5010, stop=4990)


def row(what: str, found: list[float], aim: str = "") -> Row:
    return Row(what, statistics.median(found), min(found), max(found), aim)


def main() -> None:
    logging.disable(logging.CRITICAL)
    METER.around(Connection, "data_received")
    METER.around(Server, "wake")
    ratios, client_ratios, hand, desk = compared()
    by_desk = [run_virtual(cancel_with_the_desk()) for _ in range(3)]
    bare = [run_virtual(cancel_by_hand()) for _ in range(3)]
    nine = "nine orders of a three-slice bracket"
    write(
        "order desk",
        [
            row(f"{nine}, desk / by hand, CPU with the gateway", ratios, "at most 1.6"),
            row(f"{nine}, desk / by hand, CPU of the client alone", client_ratios),
            row("the same by hand, client, ms", hand),
            row("the same by the desk, client, ms", desk),
            row(f"a cancel behind {QUEUED} requests, desk, ms of virtual time", by_desk, "50"),
            row(f"a cancel behind {QUEUED} requests, ib_async, ms of virtual time", bare),
            row("building a bracket, in microseconds", microseconds(plain_bracket), "at most 60"),
            row("building one of three slices, in microseconds", microseconds(three_slices)),
        ],
    )


if __name__ == "__main__":
    main()
