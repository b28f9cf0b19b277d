"""A board of live quotes: one line for each contract, printed every second.

Start a gateway with `python -m ibkit.sim`, then `python examples/quote_board.py`; or give the port
of a paper TWS. Needs no account and places no orders.
"""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal

import ibkit
from ibkit.streams import Quote, Stream

ROOTS = ("ES", "NQ", "CL", "GC", "6E")


def shown(value: Decimal | None) -> str:
    """A price or a size; a dash where IB has sent none."""
    return "-" if value is None else f"{value:f}"


def line(name: str, stream: Stream[Quote]) -> str:
    """What is known now. `latest` is `None` while data may be missing, and never old."""
    quote = stream.latest
    if quote is None:
        return f"{name:8} {stream.gap.reason if stream.gap else 'no data yet'}"
    cells = (quote.bid_size, quote.bid, quote.ask, quote.ask_size, quote.last)
    return f"{name:8} " + " ".join(f"{shown(cell):>12}" for cell in cells)


async def main(port: int = 7497, seconds: int = 10) -> list[str]:
    """Show the board for so many seconds; return it as it was at the end."""
    board: list[str] = []
    async with ibkit.open_desk(port=port, client_id=11) as desk:
        months = [await desk.contracts.front_month_async(root) for root in ROOTS]
        streams = {one.localSymbol: desk.streams.quotes(one) for one in months}
        await asyncio.gather(*(stream.first_async(timeout=30) for stream in streams.values()))
        for _ in range(seconds):
            await asyncio.sleep(1)
            board = [line(name, stream) for name, stream in streams.items()]
            print("\n".join(["", *board]))
    return board


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
