"""ezib_async: its own calls for contracts, market data and orders."""

from __future__ import annotations

import asyncio
import logging

from ezib_async import ezIBAsync
from ib_async import Contract, Trade
from told import Line, told


class Easy:
    def __init__(self) -> None:
        self.ezib = ezIBAsync()
        self.bids: dict[int, float] = {}

    async def connect(self, port: int, lines: list[Line]) -> None:
        await self.ezib.connectAsync(ibhost="127.0.0.1", ibport=port, ibclient=1)
        asked = (self.ezib.createContract(Contract(conId=n, exchange=place)) for n, place in lines)
        self.contracts = [await one for one in asked]
        self.ezib.pendingMarketTickersEvent += self.read
        await self.ezib.requestMarketData(self.contracts)
        while len(self.bids) < len(lines):  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    def read(self, tickers: list[object]) -> None:
        for ticker in tickers:
            if ticker.bid == ticker.bid:
                self.bids[ticker.contract.conId] = ticker.bid

    async def place(self, count: int) -> None:
        trades = [self.send(1, price=900) for _ in range(count)]
        for trade in trades:
            while trade.orderStatus.status != "Submitted":
                await trade.statusEvent

    async def fill(self, side: str) -> None:
        trade = self.send(1 if side == "BUY" else -1)
        while not trade.isDone():
            await trade.statusEvent

    def send(self, size: int, price: float = 0.0) -> Trade:
        order = self.ezib.createOrder(size, price=price)
        return self.ezib.placeOrder(self.contracts[0], order)

    async def close(self) -> None:
        self.ezib.disconnect()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # it logs each request
    told(Easy, "ezib_async")
