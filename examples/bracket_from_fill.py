"""A market order whose exits are priced from the fill, not from the quote before it.

`python -m ibkit.sim`, then `python examples/bracket_from_fill.py`. The exits cannot be sent before
the fill is known; until they stand, a provisional stop that goes along with the entry protects it.
"""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal

import ibkit
from ibkit.orders import FromFill, GroupTrade, Market, bracket_from_fill


async def main(port: int = 7497) -> tuple[Decimal, Decimal, Decimal]:
    """Enter, show where the exits came to stand, and get out; return entry, target and stop."""
    async with ibkit.open_desk(port=port, client_id=14) as desk:
        es = await desk.contracts.front_month_async("ES")
        grid = await desk.contracts.price_grid_async(es)
        price = await desk.streams.market_price_async(es)

        group = bracket_from_fill(
            "BUY",
            1,
            entry=Market(),
            take_profit=FromFill(ticks=40),
            stop=FromFill(percent=-1),
            protect_first=grid.round(price * Decimal("0.98"), "down"),
        )
        trade = await desk.orders.place_async(es, group)
        await trade.entered_async(timeout=30)
        await trade.until_async(exits_stand, timeout=30)
        assert trade.entry_price is not None
        target, stop = trade.targets[0].order, trade.stops[-1].order
        print(f"filled at {trade.entry_price}: {target.lmtPrice} and {stop.auxPrice}")
        found = (trade.entry_price, Decimal(str(target.lmtPrice)), Decimal(str(stop.auxPrice)))
        await trade.close_async(timeout=30)
        return found


def exits_stand(trade: GroupTrade) -> bool:
    """Both exits are working: the provisional stop is gone."""
    working = {leg.role for leg in trade.facts.legs if leg.live and not leg.in_flight}
    return working == {"target-1", "stop-1"}


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
