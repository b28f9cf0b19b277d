"""A bare ib_async; ib_insync has the same names."""

from __future__ import annotations

import asyncio
import importlib
import os
from typing import Any

from told import Line, told

LIBRARY = os.environ.get("IBKIT_BENCH_MODULE", "ib_async")


class Bare:
    def __init__(self) -> None:
        self.library: Any = importlib.import_module(LIBRARY)
        self.ib = self.library.IB()

    async def connect(self, port: int, lines: list[Line]) -> None:
        await self.ib.connectAsync("127.0.0.1", port, clientId=1, timeout=60)
        self.contracts = [self.library.Contract(conId=n, exchange=place) for n, place in lines]
        self.ib.pendingTickersEvent += lambda tickers: [ticker.bid for ticker in tickers]
        tickers = [self.ib.reqMktData(contract) for contract in self.contracts]
        while not all(ticker.bid == ticker.bid for ticker in tickers):  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    async def place(self, count: int) -> None:
        order = self.library.LimitOrder
        trades = [self.send(order("BUY", 1, 900)) for _ in range(count)]
        for trade in trades:
            while trade.orderStatus.status != "Submitted":
                await trade.statusEvent

    async def fill(self, side: str) -> None:
        trade = self.send(self.library.MarketOrder(side, 1))
        while not trade.isDone():
            await trade.statusEvent

    def send(self, order: Any) -> Any:
        return self.ib.placeOrder(self.contracts[0], order)

    async def close(self) -> None:
        self.ib.disconnect()


if __name__ == "__main__":
    told(Bare, LIBRARY)
