"""ibkit: a desk, its streams and its orders."""

from __future__ import annotations

import asyncio

from told import Line, told

from ibkit import open_desk
from ibkit.orders import Limit, Market, single
from ibkit.streams import Quote, Stream


class Kit:
    async def connect(self, port: int, lines: list[Line]) -> None:
        self.desk = await open_desk(port=port).open_async()
        found = await self.desk.contracts.resolve_many_async([line.con_id for line in lines])
        self.contracts = [one.contract for one in found]
        streams = [self.desk.streams.quotes(contract, keep=0) for contract in self.contracts]
        await asyncio.gather(*(stream.first_async(timeout=60) for stream in streams))
        self.reading = [asyncio.ensure_future(read(stream)) for stream in streams]

    async def place(self, count: int) -> None:
        plan = single("BUY", 1, Limit(900))
        placing = self.desk.orders.place_async
        await asyncio.gather(*(placing(self.contracts[0], plan, timeout=60) for _ in range(count)))

    async def fill(self, side: str) -> None:
        trade = await self.desk.orders.place_async(self.contracts[0], single(side, 1, Market()))
        await trade.closed_async(timeout=60)

    async def close(self) -> None:
        for task in self.reading:
            task.cancel()
        self.desk.close()


async def read(stream: Stream[Quote]) -> None:
    async for quote in stream:
        quote.bid  # noqa: B018 - as a program would


if __name__ == "__main__":
    told(Kit, "ibkit")
