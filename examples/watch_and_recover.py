"""Start it, kill it, start it again: the bracket is found by asking IB, not in a file.

`python -m ibkit.sim`, then `python examples/watch_and_recover.py` twice, with Ctrl-C in between.
Groups are found by what stands in the `orderRef` of their orders, so use the same client id.
"""

from __future__ import annotations

import asyncio
import sys

import ibkit
from ibkit.errors import WaitTimeout
from ibkit.orders import FromFill, GroupTrade, Gtc, Market, bracket_from_fill

CLIENT_ID = 17


async def new_group(desk: ibkit.Desk) -> GroupTrade:
    """Place a bracket that outlives this program."""
    es = await desk.contracts.front_month_async("ES")
    price = await desk.streams.market_price_async(es)
    grid = await desk.contracts.price_grid_async(es)
    group = bracket_from_fill(
        "BUY",
        2,
        entry=Market(),
        take_profit=FromFill(ticks=40),
        stop=FromFill(ticks=-40),
        protect_first=grid.round(price - 15, "down"),
        exit_tif=Gtc(),
    )
    trade = await desk.orders.place_async(es, group)
    await trade.entered_async(timeout=30)
    return trade


async def main(port: int = 7497, seconds: float = 60) -> GroupTrade:
    """Go on with what is there, or begin; tell what happens to the connection and the group."""
    async with ibkit.open_desk(port=port, client_id=CLIENT_ID) as desk:
        desk.link.changed.connect(lambda change: print(f"connection: {change.new.value}"))
        found = desk.orders.groups.live  # `open_desk` has recovered them already
        trade = found[0] if found else await new_group(desk)
        print("found" if found else "placed", trade)
        trade.events.connect(print)
        trade.alerts.connect(lambda alert: print("ALERT", alert))
        try:
            await trade.closed_async(timeout=seconds)
        except WaitTimeout:
            print("leaving it to IB:", trade)
        return trade


if __name__ == "__main__":
    try:
        asyncio.run(main(*map(int, sys.argv[1:])))
    except KeyboardInterrupt:
        print("stopped; the orders stay. Start again to find them")
