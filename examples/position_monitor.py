"""Print every change of a position, every fill with its commission, and whether it is all known.

`python -m ibkit.sim`, then `python examples/position_monitor.py` next to any other example. TWS
tells positions to every client, but fills of other programs and of orders placed by hand only to
the client that its settings name as the Master API client, as they happen.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import ibkit
from ibkit.state import Added, Removed

Lines = list[str]


async def positions(desk: ibkit.Desk) -> AsyncIterator[str]:
    """Yield a line for each change of a position."""
    async for change in desk.state.positions.changes():
        if isinstance(change, Removed):
            yield f"{change.before.contract.localSymbol}: flat"
        else:
            was = 0 if isinstance(change, Added) else change.before.size
            yield f"{change.after.contract.localSymbol}: {was} -> {change.after.size}"


async def fills(desk: ibkit.Desk) -> AsyncIterator[str]:
    """Yield a line for each fill; the commission comes a little later, as a change of it."""
    async for change in desk.state.fills.changes():
        if not isinstance(change, Removed):
            fill = change.after
            paid = (
                "commission unknown yet" if fill.commission is None else f"paid {fill.commission}"
            )
            yield f"{fill.side} {fill.size} at {fill.price}, {paid}"


async def connection(desk: ibkit.Desk) -> AsyncIterator[str]:
    """Yield a line whenever what is shown begins or ceases to be known."""
    told: asyncio.Queue[ibkit.LinkChanged] = asyncio.Queue()
    desk.link.changed.connect(told.put_nowait)
    while True:
        change = await told.get()
        yield f"connection {change.new.value}: {desk.state.positions.freshness}"


async def show(lines: AsyncIterator[str], kept: Lines) -> None:
    """Print and keep."""
    async for text in lines:
        print(text)
        kept.append(text)


async def main(port: int = 7497, seconds: float = 60) -> Lines:
    """Watch for so many seconds; return what was printed."""
    kept: Lines = []
    async with ibkit.open_desk(port=port, client_id=18) as desk:
        await show_now(desk, kept)
        sources = (positions(desk), fills(desk), connection(desk))
        watching = [asyncio.create_task(show(source, kept)) for source in sources]
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.gather(*watching), seconds)
    return kept


async def show_now(desk: ibkit.Desk, kept: Lines) -> None:
    """Print how things stand at the start."""
    for held in desk.state.positions.values():
        kept.append(f"{held.contract.localSymbol}: {held.size}")
    print(
        "\n".join(kept) or "no positions", f"worth {desk.state.account.net_liquidation}", sep="\n"
    )


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
