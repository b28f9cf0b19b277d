"""What quotes and orders cost a client, by library, on the same gateway and over TCP.

Each client is a process of its own; the processor time of it is measured, for each quote that the
gateway moved and for each limit order from sending it to its acknowledgement. ib_insync and the
official ibapi are measured where they are installed. They do not do the same: ibapi calls a
method, ib_async and ib_insync keep a ticker and a trade, ibkit checks, paces, watches and keeps a
truth besides.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import statistics
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from report import Row, write

from ibkit.sim import Limits, Scenario, SimGateway

QUOTES, ORDERS, REPEATS = 4_000, 150, 3
LIBRARIES = ("ibapi", "ib_insync", "ib_async", "ibkit")

# -- clients: each subscribes to a contract, reads its bid, and places orders when told to


async def of_ib_async(port: int, con_id: int, module: str = "ib_async") -> None:
    library: Any = importlib.import_module(module)
    ib = library.IB()
    await ib.connectAsync("127.0.0.1", port, clientId=1, timeout=60)
    contract = library.Contract(conId=con_id, exchange="CME")
    ib.reqMktData(contract)
    ib.pendingTickersEvent += lambda tickers: [ticker.bid for ticker in tickers]

    async def place() -> None:
        trades = [ib.placeOrder(contract, library.LimitOrder("BUY", 1, 900)) for _ in range(ORDERS)]
        while not all(trade.orderStatus.status == "Submitted" for trade in trades):  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    await obey(place)
    ib.disconnect()


async def of_ibkit(port: int, con_id: int) -> None:
    import ibkit
    from ibkit.orders import Limit, single

    async with ibkit.open_desk(port=port) as desk:
        contract = (await desk.contracts.resolve_async(con_id)).contract

        async def read() -> None:
            async for quote in desk.streams.quotes(contract, keep=0):
                quote.bid  # noqa: B018 - as a program would

        async def place() -> None:
            plan = single("BUY", 1, Limit(900))
            work = (desk.orders.place_async(contract, plan, timeout=60) for _ in range(ORDERS))
            await asyncio.gather(*work)

        reading = asyncio.ensure_future(read())
        await obey(place)
        reading.cancel()


def of_ibapi(port: int, con_id: int) -> None:
    from ibapi.client import EClient
    from ibapi.contract import Contract
    from ibapi.order import Order
    from ibapi.wrapper import EWrapper

    class Program(EWrapper, EClient):
        def __init__(self) -> None:
            EClient.__init__(self, self)
            self.begun, self.bid, self.working = threading.Event(), 0.0, set[int]()

        def nextValidId(self, orderId: int) -> None:  # noqa: N802,N803
            self.first = orderId
            self.begun.set()

        def tickPrice(self, reqId: int, tickType: int, price: float, attrib: Any) -> None:  # noqa: N802,N803
            if tickType == 1:
                self.bid = price

        def orderStatus(self, orderId: int, status: str, *_: Any) -> None:  # noqa: N802,N803
            if status == "Submitted":
                self.working.add(orderId)

    program = Program()
    program.connect("127.0.0.1", port, 1)
    threading.Thread(target=program.run, daemon=True).start()
    program.begun.wait(30)
    contract = Contract()
    contract.conId, contract.exchange = con_id, "CME"
    program.reqMktData(1, contract, "", False, False, [])  # noqa: FBT003

    async def place() -> None:
        for n in range(ORDERS):
            order = Order()
            order.action, order.orderType, order.totalQuantity, order.lmtPrice = (
                "BUY",
                "LMT",
                1,
                900,
            )
            program.placeOrder(program.first + n, contract, order)
        while len(program.working) < ORDERS:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    asyncio.run(obey(place))
    program.disconnect()


async def obey(place: Callable[[], Awaitable[None]]) -> None:
    """Do what the parent says until it is silent: tell the time used, place orders."""
    loop = asyncio.get_running_loop()
    while word := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        if word == "orders":
            await place()
        print(time.process_time(), flush=True)


def child(library: str, port: int, con_id: int) -> None:
    if library == "ibapi":
        of_ibapi(port, con_id)
    elif library == "ibkit":
        asyncio.run(of_ibkit(port, con_id))
    else:
        asyncio.run(of_ib_async(port, con_id, library))


# -- the gateway


async def measured(library: str) -> tuple[float, float]:
    """Return microseconds of the client's processor for a quote, and for an order."""
    limits = Limits(messages_per_second=100_000)
    async with SimGateway(scenario=Scenario(limits=limits)) as gateway:
        gateway.market.quote("ES", bid=5000, ask=5000.25)
        pipe = asyncio.subprocess.PIPE
        con_id = gateway.market.instrument("ES").con_id
        arguments = (__file__, library, str(gateway.port), str(con_id))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdin=pipe, stdout=pipe
        )
        assert process.stdin is not None
        assert process.stdout is not None

        async def ask(word: str) -> float:
            process.stdin.write(f"{word}\n".encode())
            return float(json.loads(await process.stdout.readline()))

        while not any(one.kind == "quotes" for one in gateway.truth.subscriptions):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        begun = await ask("cpu")
        for n in range(QUOTES):
            gateway.market.quote("ES", bid=4990 + n % 7, ask=5000 + n % 5)
            if n % 10 == 0:
                await asyncio.sleep(0.002)
        await asyncio.sleep(1)
        quoted = await ask("cpu")
        ordered = await ask("orders")
        process.stdin.write(b"\n")
        await process.wait()
    return (quoted - begun) / QUOTES * 1e6, (ordered - quoted) / ORDERS * 1e6


def main() -> None:
    rows = []
    for library in LIBRARIES:
        if importlib.util.find_spec(library) is None:
            print(f"{library} is not installed")
            continue
        quotes, orders = zip(
            *(asyncio.run(asyncio.wait_for(measured(library), 120)) for _ in range(REPEATS)),
            strict=True,
        )
        for what, found in (("a quote", quotes), ("an order", orders)):
            name = f"{library}, us of CPU for {what}"
            rows.append(Row(name, statistics.median(found), min(found), max(found), ""))
    write("clients", sorted(rows, key=lambda row: row.what.rpartition(" ")[2], reverse=True))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
