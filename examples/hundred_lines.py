"""More contracts than market-data lines: those that matter first, the rest as lines get free.

`python -m ibkit.sim`, then `python examples/hundred_lines.py`. IB gives a user about a hundred
lines. Contracts with a position or a working order are never evicted; everything else goes by
priority, and whoever finds no line waits for one.
"""

from __future__ import annotations

import asyncio
import sys

from ib_async import Contract

import ibkit
from ibkit.streams import Pool, PoolStatistics, Quote, Stream

ROOTS = ("ES", "NQ", "RTY", "YM", "CL", "NG", "GC", "SI", "ZN", "ZB", "6E", "6J")
NEAREST = 12
"""Months of each root."""


async def universe(desk: ibkit.Desk) -> list[Contract]:
    """Return the nearest months of every root, the front months first."""
    chains = [await desk.contracts.chain_async(root, "listed") for root in ROOTS]
    months = [list(chain)[:NEAREST] for chain in chains]
    deepest = max(map(len, months))
    return [row[n].contract for n in range(deepest) for row in months if n < len(row)]


def watch(desk: ibkit.Desk, contracts: list[Contract]) -> list[Stream[Quote]]:
    """Open a stream on each; the earlier in the list, the higher its priority."""
    return [
        desk.streams.quotes(contract, priority=-place, keep=0)
        for place, contract in enumerate(contracts)
    ]


async def main(port: int = 7497, seconds: float = 5) -> tuple[PoolStatistics, PoolStatistics]:
    """Fill the lines, give some back, see who moves up; return how full it was before and after."""
    async with ibkit.open_desk(port=port, client_id=19) as desk:
        contracts = await universe(desk)
        streams = watch(desk, contracts)
        await asyncio.sleep(seconds)
        before = desk.streams.statistics()[Pool.LINES]
        print(f"{before.used} of {before.limit} lines, {before.waiting} wait")

        for stream in streams[:20]:
            stream.close()
        await asyncio.sleep(seconds + 15)  # a line is cancelled no sooner than it was answered
        after = desk.streams.statistics()[Pool.LINES]
        print(f"after closing twenty: {after.used} of {after.limit} lines, {after.waiting} wait")
        return before, after


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
