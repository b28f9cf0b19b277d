"""A bracket with three targets: two limits, and a last slice that trails.

`python -m ibkit.sim`, then `python examples/bracket_three_targets.py`. When the first target fills,
the stops that are left move to the entry price. Paper accounts only, unless you say otherwise.
"""

from __future__ import annotations

import asyncio
import sys

import ibkit
from ibkit.errors import WaitTimeout
from ibkit.orders import GroupStatus, Limit, Target, Trail, bracket


async def main(port: int = 7497, seconds: float = 60) -> GroupStatus:
    """Place it, watch it for so many seconds, close what is left."""
    async with ibkit.open_desk(port=port, client_id=13) as desk:
        es = await desk.contracts.front_month_async("ES")
        grid = await desk.contracts.price_grid_async(es)
        async with desk.streams.quotes(es) as quotes:
            quote = await quotes.first_async()
        assert quote.ask is not None  # a first quote has both sides
        entry = grid.add_ticks(quote.ask, 2)

        group = bracket(
            "BUY",
            3,
            entry=Limit(entry),
            targets=[
                Target(1, grid.add_ticks(entry, 8)),
                Target(1, grid.add_ticks(entry, 16)),
                Target(1, Trail(amount=5)),
            ],
            stop=grid.add_ticks(entry, -20),
            breakeven_after=1,
        )
        print(group)

        preview = await desk.orders.preview_async(es, group)
        for role, cost in preview.items():
            print(f"{role}: margin {cost.init_margin_change}, commission {cost.commission}")

        trade = await desk.orders.place_async(es, group)
        trade.events.connect(print)
        trade.alerts.connect(lambda alert: print("ALERT", alert))
        await trade.entered_async(timeout=30)
        print(f"{trade.open_size} open at {trade.entry_price}, {trade.protected_size} protected")
        try:
            status = await trade.closed_async(timeout=seconds)
        except WaitTimeout:
            status = await trade.close_async(timeout=30)
        print(f"{status.name}, realized {trade.realized_pnl}")
        return status


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
