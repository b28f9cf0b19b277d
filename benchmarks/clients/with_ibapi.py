"""The official client of IB, with its thread."""

from __future__ import annotations

import os
import threading
from typing import Any

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.order import Order
from ibapi.wrapper import EWrapper
from told import Line, told


class Official(EWrapper, EClient):
    def __init__(self) -> None:
        EClient.__init__(self, self)
        self.heard = threading.Condition()
        self.next_id = 0
        self.bids: dict[int, float] = {}
        self.states: dict[int, str] = {}

    # -- what it is told, in its own thread

    def nextValidId(self, orderId: int) -> None:  # noqa: N802,N803
        with self.heard:
            self.next_id = orderId
            self.heard.notify_all()

    def tickPrice(self, reqId: int, tickType: int, price: float, attrib: Any) -> None:  # noqa: N802,N803
        if tickType == 1:
            with self.heard:
                self.bids[reqId] = price
                self.heard.notify_all()

    def orderStatus(self, orderId: int, status: str, *_: Any) -> None:  # noqa: N802,N803
        with self.heard:
            self.states[orderId] = status
            self.heard.notify_all()


class Program:
    """Waits for the thread; nothing else runs in this one."""

    def __init__(self) -> None:
        self.client = Official()

    async def connect(self, port: int, lines: list[Line]) -> None:
        client = self.client
        client.connect("127.0.0.1", port, 1)
        threading.Thread(target=client.run, daemon=True).start()
        self.until(lambda: client.next_id)
        self.contracts = [contract(line) for line in lines]
        for number, one in enumerate(self.contracts, 1):
            client.reqMktData(number, one, "", False, False, [])  # noqa: FBT003
        self.until(lambda: len(client.bids) == len(lines))

    def until(self, true: Any) -> None:
        with self.client.heard:
            assert self.client.heard.wait_for(true, timeout=60)

    async def place(self, count: int) -> None:
        sent = [self.send("BUY", "LMT", 900) for _ in range(count)]
        states = self.client.states
        self.until(lambda: all(states.get(number) == "Submitted" for number in sent))

    async def fill(self, side: str) -> None:
        sent = self.send(side, "MKT")
        self.until(lambda: self.client.states.get(sent) == "Filled")

    def send(self, side: str, kind: str, price: float | None = None) -> int:
        order = Order()
        order.action, order.orderType, order.totalQuantity = side, kind, 1
        if price is not None:
            order.lmtPrice = price
        number, self.client.next_id = self.client.next_id, self.client.next_id + 1
        self.client.placeOrder(number, self.contracts[0], order)
        return number

    async def close(self) -> None:
        self.client.disconnect()


def contract(line: Line) -> Contract:
    made = Contract()
    made.conId, made.exchange = line
    return made


if __name__ == "__main__":
    told(Program, os.environ.get("IBKIT_BENCH_DISTRIBUTION", "ibapi"))
