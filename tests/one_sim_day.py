"""One day of one client, in virtual time; prints what came of it and a hash of its bytes."""

from __future__ import annotations

import asyncio
import hashlib
import sys
import tempfile
from pathlib import Path

from ib_async import LimitOrder, MarketOrder

from ibkit.sim import SimGateway, random_schedule
from ibkit.testing import run_virtual
from sim_client import MONDAY, client, future

FAULTS = ["double", "delay", "farm_down", "notice_next_order", "withhold", "lose_connectivity"]
ROOTS = ("ES", "CL", "ZN", "EUR", "GC")


async def trade(gateway, ib):
    """Place brackets and others, every 20 seconds."""
    es = future(gateway)
    for number in range(12):
        await asyncio.sleep(20)
        for order in ib.bracketOrder("BUY", 3, 4000 + number, 9000, 3000):
            ib.placeOrder(es, order)
        ib.placeOrder(es, MarketOrder("SELL" if number % 2 else "BUY", 2))
        ib.placeOrder(future(gateway, "CL"), LimitOrder("BUY", 1, 1))
        if number == 6:
            ib.reqGlobalCancel()
    await asyncio.sleep(20)


async def day(seed, file):
    async with SimGateway(port=None, seed=seed, start=MONDAY) as gateway:
        gateway.record_to(file)
        async with client(gateway, 3) as ib:
            gateway.faults.schedule(random_schedule(seed, 240, FAULTS, every=20))
            for name in ROOTS:
                ib.reqMktData(future(gateway, name), "233")
            ib.reqMktData(future(gateway, "AAPL"), "100,104,233,236")
            ib.reqMktDepth(future(gateway), 5)
            ib.reqTickByTickData(future(gateway, "NQ"), "BidAsk")
            ib.reqPnL("DU1000001")
            await trade(gateway, ib)
            bars = await ib.reqHistoricalDataAsync(
                future(gateway), "", "2 D", "5 mins", "TRADES", useRTH=False, timeout=5
            )
        print(len(bars), gateway.truth.figures().net_liquidation, len(gateway.truth.fills))  # noqa: T201


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        transcript = Path(folder, "day.txt")
        run_virtual(day(int(sys.argv[1]), transcript))
        data = transcript.read_bytes()
    print(data.count(b"\n"), hashlib.sha256(data).hexdigest())  # noqa: T201
