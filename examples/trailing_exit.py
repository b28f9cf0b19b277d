"""Put a trailing stop behind every futures position that has no working exit.

`python -m ibkit.sim`, then `python examples/trailing_exit.py`: it buys one ES to have something to
protect. With a paper TWS leave that line out.
"""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal

import ibkit
from ibkit.orders import GroupTrade, Gtc, Market, Side, single, trailing
from ibkit.state import Holding

PERCENT = Decimal("0.5")


def unprotected(desk: ibkit.Desk) -> list[tuple[Holding, Decimal]]:
    """Return each position with what of it no open order on the other side would close."""
    found = []
    for held in desk.state.positions.values():
        against = "SELL" if held.size > 0 else "BUY"
        exits = sum(
            order.remaining
            for order in desk.state.orders.open
            if order.contract.conId == held.contract.conId and order.order.action == against
        )
        if abs(held.size) > exits:
            found.append((held, abs(held.size) - exits))
    return found


async def protect(desk: ibkit.Desk, held: Holding, size: Decimal) -> GroupTrade:
    """Trail what is unprotected by half a percent, good till cancelled."""
    side: Side = "SELL" if held.size > 0 else "BUY"
    group = trailing(side, size, percent=PERCENT, tif=Gtc())
    return await desk.orders.place_async(held.contract, group)


async def main(port: int = 7497) -> list[GroupTrade]:
    """Protect all; return the groups."""
    async with ibkit.open_desk(port=port, client_id=16) as desk:
        es = await desk.contracts.front_month_async("ES")
        bought = await desk.orders.place_async(es, single("BUY", 1, Market()))
        await bought.closed_async(timeout=30)
        await desk.state.positions.until_async(lambda view: not view.flat(es), timeout=10)

        placed = [await protect(desk, held, size) for held, size in unprotected(desk)]
        for trade in placed:
            print(trade)
        assert not unprotected(desk)
        return placed


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
