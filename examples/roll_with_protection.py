"""Roll a position to the next month together with its exits, as one calendar spread.

`python -m ibkit.sim`, then `python examples/roll_with_protection.py`. It buys two ES with a target
and a stop to have something to roll. The exits are never missing: what is held in either month has
those that it had, their prices moved by the spread and put on the grid of the new month.
"""

from __future__ import annotations

import asyncio
import sys

from ib_async import Contract

import ibkit
from ibkit.contracts import CalendarSpread, RollResult
from ibkit.orders import GroupTrade, Gtc, Limit, bracket


async def enter(desk: ibkit.Desk, contract: Contract) -> GroupTrade:
    """Buy two, with exits that outlive the day."""
    grid = await desk.contracts.price_grid_async(contract)
    price = await desk.streams.market_price_async(contract)
    entry = grid.add_ticks(price, 8)
    plan = bracket(
        "BUY",
        2,
        entry=Limit(entry),
        take_profit=grid.add_ticks(entry, 200),
        stop=grid.add_ticks(entry, -200),
        exit_tif=Gtc(),
    )
    trade = await desk.orders.place_async(contract, plan)
    await trade.entered_async(timeout=30)
    return trade


def show(desk: ibkit.Desk) -> None:
    """Print what is held, and what protects it."""
    for held in desk.state.positions.values():
        print(f"holds {held.size} {held.contract.localSymbol}")
    for order in desk.state.orders.open:
        terms = order.order
        price = terms.auxPrice if terms.orderType == "STP" else terms.lmtPrice
        print(f"  {terms.action} {order.contract.localSymbol} {terms.orderType} {price}")


async def main(port: int = 7497) -> RollResult:
    """Enter, print the plan, carry it out, show what is there now."""
    async with ibkit.open_desk(port=port, client_id=20) as desk:
        desk.roller.alerts.connect(lambda alert: print("ALERT", alert.text))
        es = await desk.contracts.front_month_async("ES")
        await enter(desk, es)
        show(desk)

        plan = await desk.roller.plan_async(es, early=True)  # it is not due yet
        assert plan is not None
        print(plan)
        result = await desk.roller.execute_async(plan, CalendarSpread(timeout=10, then="cross"))
        print(result)
        show(desk)

        for trade in desk.orders.groups.live:
            await trade.close_async(timeout=30)
        return result


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
