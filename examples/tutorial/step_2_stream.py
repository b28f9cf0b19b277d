"""Step 2 of the tutorial: the market."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from decimal import Decimal

from ib_async import Contract

import ibkit

CALM = dt.timedelta(seconds=10)


async def breakout(desk: ibkit.Desk, contract: Contract) -> Decimal:
    """Wait until the ask is above every ask of the first ten seconds, and return it."""
    high = Decimal(0)
    until: dt.datetime | None = None
    async with desk.streams.quotes(contract) as quotes:
        async for quote in quotes:
            if quote.ask is None:
                continue  # not there yet, or a side of the market is empty
            until = until or quote.arrived + CALM
            if quote.arrived <= until:
                high = max(high, quote.ask)
            elif quote.ask > high:
                return quote.ask
    raise RuntimeError("the stream ended: the contract trades no more")


async def main(port: int = 7497) -> None:
    """Wait for a breakout."""
    async with ibkit.open_desk(port=port) as desk:
        chain = await desk.contracts.chain_async("ES")
        print(chain)
        es = await desk.contracts.front_month_async("ES")
        print("front month:", es.localSymbol)
        price = await breakout(desk, es)
        print("breakout at", price)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
