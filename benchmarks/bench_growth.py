"""How the work grows: with the lines, with the consumers of a line, with the orders that are open.

Simulator, ib_async and ibkit run in one process and in virtual time; what is measured is the
processor time of all three, in microseconds, for each quote or order. Work that grows linearly is
level here. Beside it the same with a bare ib_async and a handler that reads the price.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

from ib_async import IB, Contract
from report import Row, write

import ibkit
from ibkit.orders import Limit, single
from ibkit.sim import Limits, Scenario, SimGateway
from ibkit.testing import plugged_in, run_virtual

REPEATS = 3
QUOTES = 4_000
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


async def bare_lines(gateway: SimGateway, wanted: list[Contract]) -> float:
    ib = IB()
    await ib.connectAsync(clientId=1)
    ib.pendingTickersEvent += lambda tickers: [ticker.bid for ticker in tickers]
    for contract in wanted:
        ib.reqMktData(contract)
    await asyncio.sleep(5)
    spent = await spend(gateway, wanted)
    ib.disconnect()
    return spent


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


def placing(count: int) -> Measure:
    async def measure(_: SimGateway, wanted: list[Contract]) -> float:
        (contract,) = wanted
        plan = single("BUY", 1, Limit(900))
        async with ibkit.open_desk() as desk:
            began = time.process_time()
            work = (desk.orders.place_async(contract, plan, timeout=60) for _ in range(count))
            await asyncio.gather(*work)
            spent = (time.process_time() - began) / count
            await desk.orders.cancel_all_async("everything", timeout=60)
        return spent

    return measure


def row(what: str, measure: Measure, lines: int = 1, aim: str = "") -> Row:
    found = [microseconds(measure, lines) for _ in range(REPEATS)]
    return Row(what, statistics.median(found), min(found), max(found), aim)


def main() -> None:
    logging.disable(logging.CRITICAL)
    rows = []
    for lines in (1, 10, 50, 100):
        rows.append(row(f"{lines} lines, us of CPU for a quote, bare", bare_lines, lines))
        rows.append(row(f"{lines} lines, us of CPU for a quote, ibkit", streams(1), lines, "level"))
    for consumers in (1, 5, 20, 50):
        what = f"{consumers} consumers of a line, us of CPU for a quote"
        rows.append(row(what, streams(consumers), 1, "a little for each consumer"))
    rows += [
        row(f"{count} orders at once, us of CPU for each", placing(count), 1, "level")
        for count in (10, 100, 500)
    ]
    write("growth", rows)


if __name__ == "__main__":
    main()
