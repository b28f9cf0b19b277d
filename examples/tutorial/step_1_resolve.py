"""Step 1 of the tutorial: the contract."""

from __future__ import annotations

import asyncio
import sys

import ibkit


async def main(port: int = 7497) -> None:
    """Find the contract."""
    async with ibkit.open_desk(port=port) as desk:
        chain = await desk.contracts.chain_async("ES")
        print(chain)
        es = await desk.contracts.front_month_async("ES")
        print("front month:", es.localSymbol)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
