"""Step 5 of the tutorial: a program that may crash."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from decimal import Decimal

from ib_async import Contract

import ibkit
from ibkit.orders import GroupTrade, Gtc, Limit, Target, Trail, bracket

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


async def enter(desk: ibkit.Desk, contract: Contract, price: Decimal) -> GroupTrade:
    """Buy two at no more than a tick above the price, with two exits and a stop for each."""
    grid = await desk.contracts.price_grid_async(contract)
    group = bracket(
        "BUY",
        2,
        entry=Limit(grid.add_ticks(price, 1)),
        targets=[Target(1, grid.add_ticks(price, 8)), Target(1, Trail(amount=4))],
        stop=grid.add_ticks(price, -16),
        exit_tif=Gtc(),
    )
    print(group)
    trade = await desk.orders.place_async(contract, group)
    await trade.entered_async(timeout=30)
    return trade


async def show_roll(desk: ibkit.Desk, contract: Contract) -> None:
    """Print what a roll of the position would do today. Nothing is sent."""
    plan = await desk.roller.plan_async(contract, early=True)
    print(plan or "nothing to roll")


async def main(port: int = 7497) -> None:
    """Go on with the trade that is there, or wait for the next one."""
    async with ibkit.open_desk(port=port) as desk:
        es = await desk.contracts.front_month_async("ES")
        desk.link.changed.connect(lambda change: print("connection", change.new.value))
        if found := desk.orders.groups.live:  # `open_desk` has asked IB for them
            trade = found[0]
            print("found a trade:", trade.open_size, "open,", trade.protected_size, "protected")
        else:
            trade = await enter(desk, es, await breakout(desk, es))
            await show_roll(desk, es)
        trade.events.connect(print)
        await trade.closed_async()
        print("realized", trade.realized_pnl)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
