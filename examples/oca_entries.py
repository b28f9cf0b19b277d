"""A breakout either way: two stop entries, one of which cancels the other, then a trailing exit.

`python -m ibkit.sim`, then `python examples/oca_entries.py`. The two are independent orders at IB:
in a fast market both can fill, so the program looks at the position before it goes on.
"""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal

import ibkit
from ibkit.errors import WaitTimeout
from ibkit.orders import Side, Stop, oca, single, trailing


async def main(port: int = 7497, seconds: float = 60, ticks: int = 4) -> Decimal:
    """Wait for a breakout of so many ticks; return the position that it gave."""
    async with ibkit.open_desk(port=port, client_id=15) as desk:
        es = await desk.contracts.front_month_async("ES")
        grid = await desk.contracts.price_grid_async(es)
        async with desk.streams.quotes(es) as quotes:
            quote = await quotes.first_async()
        assert quote.ask is not None
        assert quote.bid is not None
        above = single("BUY", 1, Stop(grid.add_ticks(quote.ask, ticks)))
        below = single("SELL", 1, Stop(grid.add_ticks(quote.bid, -ticks)))
        entries = await desk.orders.place_async(es, oca([above, below]))
        try:
            await entries.closed_async(timeout=seconds)  # one filled, the other cancelled
        except WaitTimeout:
            await entries.cancel_async()
        position = desk.state.positions.total(es)
        print(f"position after the breakout: {position}")
        if not position:
            return position

        side: Side = "SELL" if position > 0 else "BUY"
        follow = trailing(side, abs(position), amount=3)
        out = await desk.orders.place_async(es, follow)
        try:
            await out.closed_async(timeout=seconds)
        except WaitTimeout:
            print("still open; the trailing stop stays with IB until the end of the day")
        print(f"position at the end: {desk.state.positions.total(es)}")
        return position


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
