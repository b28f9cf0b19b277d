"""Buys a breakout once, and leaves the exits to IB."""

from __future__ import annotations

from ib_async import IB, Contract, Ticker


class Breakout:
    """Buys *size* when the market trades above *level*, with a target and a stop *risk* away."""

    def __init__(
        self, ib: IB, contract: Contract, *, level: float, size: int = 1, risk: float = 10
    ) -> None:
        self.ib, self.contract = ib, contract
        self.level, self.size, self.risk = level, size, risk
        self.entered = False

    def start(self) -> None:
        """Watch the market."""
        ticker = self.ib.reqMktData(self.contract)
        ticker.updateEvent += self.on_update

    def stop(self) -> None:
        """Watch no more; the orders stay."""
        self.ib.cancelMktData(self.contract)

    def on_update(self, ticker: Ticker) -> None:
        if self.entered or not ticker.last > self.level:
            return
        self.entered = True
        price = ticker.ask
        entry, target, stop = self.ib.bracketOrder(
            "BUY", self.size, price, price + self.risk, price - self.risk
        )
        entry.orderRef = "breakout"
        for order in (entry, target, stop):
            self.ib.placeOrder(self.contract, order)
