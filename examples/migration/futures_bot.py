"""Follow the trend of ES on one-minute bars, and be flat by the end of the session.

A bot as one writes it on ib_async: `asyncio.run`, live bars, the clock of the machine. It knows
nothing of ibkit.
"""

import asyncio
from datetime import datetime, time, timezone

from ib_async import IB, BarDataList, Contract, Future, MarketOrder

FLAT_BY = time(20, 55)  # UTC
FAST, SLOW = 3, 8


class Bot:
    """Long when the fast average is above the slow one, short when it is below."""

    def __init__(self, ib: IB, contract: Contract) -> None:
        self.ib, self.contract = ib, contract

    def position(self) -> float:
        return sum(p.position for p in self.ib.positions() if p.contract == self.contract)

    def go_to(self, target: float) -> None:
        difference = target - self.position()
        working = [t for t in self.ib.openTrades() if t.contract == self.contract]
        if difference and not working:
            side = "BUY" if difference > 0 else "SELL"
            self.ib.placeOrder(self.contract, MarketOrder(side, abs(difference)))

    def on_bars(self, bars: BarDataList, has_new_bar: bool) -> None:  # noqa: FBT001 - ib_async's
        closes = [bar.close for bar in bars[:-1]]
        if has_new_bar and len(closes) >= SLOW:
            fast, slow = sum(closes[-FAST:]) / FAST, sum(closes[-SLOW:]) / SLOW
            self.go_to(1 if fast > slow else -1)


async def run() -> None:
    """Trade until `FLAT_BY`."""
    ib = IB()
    await ib.connectAsync("127.0.0.1", 7497, clientId=19)
    (contract,) = await ib.qualifyContractsAsync(Future("ES", "202603", "CME"))
    bot = Bot(ib, contract)
    bars = await ib.reqHistoricalDataAsync(
        contract, "", "3600 S", "1 min", "TRADES", useRTH=False, keepUpToDate=True
    )
    bars.updateEvent += bot.on_bars
    while datetime.now(timezone.utc).time() < FLAT_BY:  # noqa: ASYNC110 - as people write it
        await asyncio.sleep(10)
    ib.cancelHistoricalData(bars)
    bot.go_to(0)
    while bot.position():  # noqa: ASYNC110 - as people write it
        await asyncio.sleep(1)
    ib.disconnect()


if __name__ == "__main__":
    asyncio.run(run())
