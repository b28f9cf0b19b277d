"""How the work grows: with the lines, the consumers of a line, orders sent at once, orders at work.

Simulator, ib_async and ibkit run in one process and in virtual time; what is measured is the
processor time of all three, in microseconds, for each quote or order. Work that grows linearly is
level here. Beside it the same with a bare ib_async: a handler that reads the price for each
consumer, and `placeOrder` until the order is acknowledged or has filled. A client sends 45 messages
a second, so a thousand orders at once are on their way for 22 seconds. Orders at work are limit
orders on the same contract, each a group of its own, while market orders fill one by one.

    python benchmarks/bench_growth.py            everything
    python benchmarks/bench_growth.py quick      fewer of all, once; draws nothing
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

from growth_picture import PICTURE, Curves, Point, draw
from ib_async import IB, Contract, LimitOrder, MarketOrder
from report import HANDED, Row, write

import ibkit
from ibkit.orders import Limit, Market, single
from ibkit.sim import Limits, Scenario, SimGateway
from ibkit.testing import plugged_in, run_virtual

QUICK = "quick" in sys.argv
REPEATS, QUOTES = (1, 400) if QUICK else (3, 4_000)
LINES = (1, 20) if QUICK else (1, 10, 25, 50, 100)
CONSUMERS = (1, 5) if QUICK else (1, 5, 20, 50)
ORDERS = (10, 50) if QUICK else (10, 100, 250, 500, 1000)
AT_WORK, FILLS = ((0, 10), 4) if QUICK else ((0, 5, 20, 50, 100), 20)
ROOTS = ("ES", "NQ", "YM", "RTY", "CL", "NG", "GC", "SI", "ZN", "ZB", "6E", "6J", "ZC")

Measure = Callable[[SimGateway, list[Contract]], Awaitable[float]]


def microseconds(measure: Measure, lines: int = 1) -> float:
    """Run on a fresh gateway with as many contracts as wanted."""

    async def main() -> float:
        generous = Scenario(limits=Limits(lines=500, messages_per_second=10_000))
        async with SimGateway(port=None, scenario=generous) as gateway:
            gateway.market.quote("ES", bid=5000, ask=5000.25)
            with plugged_in(gateway):
                return await measure(gateway, await contracts(lines))

    gc.collect()
    return run_virtual(main()) * 1e6


async def contracts(wanted: int) -> list[Contract]:
    found: list[Contract] = []
    async with ibkit.open_desk(client_id=99) as desk:
        for root in ROOTS:
            if len(found) < wanted:
                found += [one.contract for one in await desk.contracts.chain_async(root, "listed")]
    assert len(found) >= wanted
    return found[:wanted]


async def spend(gateway: SimGateway, contracts: list[Contract], quotes: int = QUOTES) -> float:
    """Move the contracts in turn; return the processor time for each move."""
    began = time.process_time()
    for n in range(quotes):
        bid = 1000 + n // len(contracts) % 7
        gateway.market.quote(contracts[n % len(contracts)].conId, bid=bid, ask=bid + 1)
        if n % 20 == 0:
            await asyncio.sleep(0.01)
    await asyncio.sleep(1)
    return (time.process_time() - began) / quotes


def bare_streams(consumers: int) -> Measure:
    async def measure(gateway: SimGateway, wanted: list[Contract]) -> float:
        ib = IB()
        await ib.connectAsync(clientId=1)
        for contract in wanted:
            ticker = ib.reqMktData(contract)
            for _ in range(consumers):
                ticker.updateEvent += lambda ticker: ticker.bid
        await asyncio.sleep(5)
        spent = await spend(gateway, wanted)
        ib.disconnect()
        return spent

    return measure


def streams(consumers: int) -> Measure:
    async def measure(gateway: SimGateway, wanted: list[Contract]) -> float:
        async with ibkit.open_desk(limits=ibkit.streams.StreamLimits(lines=500)) as desk:
            with ExitStack() as opened:
                reading = []
                for contract in wanted * consumers:
                    stream = opened.enter_context(desk.streams.quotes(contract, keep=0))
                    reading.append(asyncio.ensure_future(read(stream)))
                await asyncio.sleep(5)
                spent = await spend(gateway, wanted)
                for task in reading:
                    task.cancel()
                await asyncio.gather(*reading, return_exceptions=True)
                return spent

    return measure


async def read(stream: ibkit.streams.Stream[ibkit.streams.Quote]) -> None:
    async for quote in stream:
        quote.bid  # noqa: B018 - as a program would


def bare_orders(at_once: int, fills: int = 0) -> Measure:
    """Place limit orders at once, or let market orders fill while they work: the cost of each."""

    async def measure(_: SimGateway, wanted: list[Contract]) -> float:
        (contract,) = wanted
        ib = IB()
        await ib.connectAsync(clientId=1)
        began = time.process_time()
        trades = [ib.placeOrder(contract, LimitOrder("BUY", 1, 900)) for _ in range(at_once)]
        for trade in trades:
            while trade.orderStatus.status != "Submitted":
                await trade.statusEvent
        if fills:
            await asyncio.sleep(5)
            began = time.process_time()
        for n in range(fills):
            trade = ib.placeOrder(contract, MarketOrder(("BUY", "SELL")[n % 2], 1))
            while not trade.isDone():
                await trade.statusEvent
        spent = (time.process_time() - began) / (fills or at_once)
        ib.reqGlobalCancel()
        await asyncio.sleep(60)
        ib.disconnect()
        return spent

    return measure


def orders(at_once: int, fills: int = 0) -> Measure:
    """The same with a desk."""

    async def measure(_: SimGateway, wanted: list[Contract]) -> float:
        (contract,) = wanted
        plan = single("BUY", 1, Limit(900))
        async with ibkit.open_desk() as desk:
            place = desk.orders.place_async
            began = time.process_time()
            await asyncio.gather(*(place(contract, plan, timeout=60) for _ in range(at_once)))
            if fills:
                await asyncio.sleep(5)
                began = time.process_time()
            for n in range(fills):
                trade = await place(contract, single(("BUY", "SELL")[n % 2], 1, Market()))
                await trade.closed_async(timeout=60)
            spent = (time.process_time() - began) / (fills or at_once)
            await desk.orders.cancel_all_async("everything", timeout=60)
        return spent

    return measure


def point(size: int, measure: Measure, lines: int = 1) -> Point:
    found = [microseconds(measure, lines) for _ in range(REPEATS)]
    return Point(size, statistics.median(found), min(found), max(found))


def panels() -> dict[str, Curves]:
    """Measure everything, the bare library and ibkit in turn."""
    bare, kit = "bare ib_async", "ibkit"
    found: dict[str, dict[str, list[Point]]] = {}

    def add(panel: str, name: str, measured: Point) -> None:
        found.setdefault(panel, {}).setdefault(name, []).append(measured)

    for size in LINES:
        add("lines", bare, point(size, bare_streams(1), size))
        add("lines", kit, point(size, streams(1), size))
    for size in CONSUMERS:
        add("consumers of a line", bare, point(size, bare_streams(size)))
        add("consumers of a line", kit, point(size, streams(size)))
    for size in ORDERS:
        add("orders at once", bare, point(size, bare_orders(size)))
        add("orders at once", kit, point(size, orders(size)))
    for size in AT_WORK:
        add("orders at work", bare, point(size, bare_orders(size, FILLS)))
        add("orders at work", kit, point(size, orders(size, FILLS)))
    return found


def rows(measured: dict[str, Curves]) -> list[Row]:
    """Return a row for each point; where ibkit should be level is in `AIMS`."""
    return [
        Row(
            f"{panel}: {at.size}; us of CPU for {UNITS[panel]}, {name}",
            *at[1:],
            AIMS[panel] if name == "ibkit" else "",
        )
        for panel, curves in measured.items()
        for at_one_size in zip(*curves.values(), strict=True)
        for name, at in zip(curves, at_one_size, strict=True)
    ]


UNITS = {
    "lines": "a quote",
    "consumers of a line": "a quote",
    "orders at once": "each",
    "orders at work": "a fill",
}
AIMS = {
    "lines": "as level as bare",
    "consumers of a line": "a little for each consumer",
    "orders at once": "level",
    "orders at work": "level",
}


def main() -> None:
    logging.disable(logging.CRITICAL)
    measured = panels()
    picture = ""
    if HANDED in os.environ and not QUICK:
        draw({f"{panel} (for {UNITS[panel]})": curves for panel, curves in measured.items()})
        picture = f"![How the work grows](../pictures/{PICTURE.name})"
    write("growth", rows(measured), picture)


if __name__ == "__main__":
    main()
