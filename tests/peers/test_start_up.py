"""Other people's clients connect unmodified: the official ibapi, and ib_insync.

`nox -s peers` installs them.
"""

from __future__ import annotations

import asyncio
import importlib.util
import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.peers, pytest.mark.tcp, pytest.mark.timeout(60)]


def needs(package: str) -> pytest.MarkDecorator:
    reason = f"{package} is not installed: nox -s peers"
    return pytest.mark.skipif(importlib.util.find_spec(package) is None, reason=reason)


class Official:
    """The official client, with its thread; what it hears comes by name."""

    def __init__(self, port: int, client_id: int) -> None:
        from ibapi.client import EClient
        from ibapi.wrapper import EWrapper

        heard = self.heard = queue.Queue[tuple[str, tuple[Any, ...]]]()

        class Wrapper(EWrapper):
            def __getattribute__(self, name: str) -> Any:
                if name.startswith("_") or not callable(getattr(EWrapper, name, None)):
                    return super().__getattribute__(name)
                return lambda *args: heard.put((name, args))

        self.client = EClient(Wrapper())
        self.client.connect("127.0.0.1", port, client_id)
        self.thread = threading.Thread(target=self.client.run, daemon=True)
        self.thread.start()

    def hear(self, *names: str) -> tuple[Any, ...]:
        """Return the arguments of the next callback of that name, or of one of several."""
        while True:
            callback, arguments = self.heard.get(timeout=10)
            if callback in names:
                return arguments

    def close(self) -> None:
        self.client.disconnect()
        self.thread.join(timeout=10)


@pytest.fixture
def official(port: int) -> Iterator[Official]:
    client = Official(port, client_id=7)
    yield client
    client.close()


@needs("ibapi")
def test_the_official_client_starts_up(official: Official) -> None:
    (accounts,) = official.hear("managedAccounts")
    (order_id,) = official.hear("nextValidId")

    assert accounts == "DU1000001"
    assert order_id >= 1
    assert official.client.serverVersion() == 178


@needs("ibapi")
def test_the_official_client_finds_a_future(official: Official) -> None:
    from ibapi.contract import Contract

    official.hear("nextValidId")
    wanted = Contract()
    wanted.symbol, wanted.secType, wanted.exchange, wanted.currency = "ES", "FUT", "CME", "USD"
    official.client.reqContractDetails(1, wanted)
    request, details = official.hear("contractDetails")
    (ended,) = official.hear("contractDetailsEnd")

    assert request == ended == 1
    assert details.contract.localSymbol.startswith("ES")
    assert details.contract.conId > 0


@needs("ibapi")
def test_the_official_client_sees_its_positions_end(official: Official) -> None:
    official.hear("nextValidId")
    official.client.reqPositions()

    assert official.hear("positionEnd") == ()


@needs("ibapi")
def test_the_official_client_trades(official: Official) -> None:
    from ibapi.contract import Contract
    from ibapi.order import Order

    (order_id,) = official.hear("nextValidId")
    stock, order = Contract(), Order()
    stock.symbol, stock.secType, stock.exchange, stock.currency = "AAPL", "STK", "SMART", "USD"
    order.action, order.orderType, order.totalQuantity = "BUY", "MKT", 10
    official.client.placeOrder(order_id, stock, order)
    _, contract, execution = official.hear("execDetails")
    *status, _, _, _, _, _, _, _ = official.hear("orderStatus")
    (report,) = official.hear("commissionReport", "commissionAndFeesReport")

    assert (contract.conId, execution.side, execution.shares) == (265598, "BOT", 10)
    assert status == [order_id, "Filled", 10, 0]
    assert report.execId == execution.execId


@needs("ibapi")
def test_the_official_client_gets_quotes_bars_and_errors(official: Official) -> None:
    from ibapi.contract import Contract

    official.hear("nextValidId")
    apple, nothing = Contract(), Contract()
    apple.conId, apple.exchange = 265598, "SMART"
    nothing.symbol, nothing.secType, nothing.exchange = "NOPE", "STK", "SMART"
    official.client.reqMktData(1, apple, "", False, False, [])
    official.client.reqHistoricalData(2, apple, "", "2 D", "1 hour", "TRADES", 0, 1, False, [])
    official.client.reqContractDetails(3, nothing)
    request, kind, price, _ = official.hear("tickPrice")
    bar_request, bar = official.hear("historicalData")
    error_request, _, code, *_ = next(
        heard for heard in iter(lambda: official.hear("error"), None) if heard[0] == 3
    )

    assert (request, bar_request, error_request, code) == (1, 2, 3, 200)
    assert kind in {1, 2, 4, 6, 7, 9, 14}
    assert price > 0
    assert bar.high >= bar.low > 0


@pytest.fixture
def thread_loop() -> None:
    """The loop that a blocking program finds; an earlier test may have closed the thread's."""
    asyncio.set_event_loop(asyncio.new_event_loop())


@needs("ib_insync")
@pytest.mark.usefixtures("thread_loop")
@pytest.mark.filterwarnings("default")  # it is no longer maintained
def test_ib_insync_starts_up(port: int) -> None:
    import ib_insync

    ib = ib_insync.IB()
    ib.connect("127.0.0.1", port, clientId=8, timeout=10)
    try:
        details = ib.reqContractDetails(ib_insync.Future("ES", exchange="CME", currency="USD"))

        assert ib.managedAccounts() == ["DU1000001"]
        assert ib.client.serverVersion() == 176  # the highest it knows
        assert all(one.contract.localSymbol.startswith("ES") for one in details)
        assert details
    finally:
        ib.disconnect()


@needs("ib_insync")
@pytest.mark.usefixtures("thread_loop")
@pytest.mark.filterwarnings("default")
def test_ib_insync_brackets_an_order(port: int) -> None:
    import ib_insync

    ib = ib_insync.IB()
    ib.connect("127.0.0.1", port, clientId=9, timeout=10)
    try:
        (apple,) = ib.qualifyContracts(ib_insync.Stock("AAPL", "SMART", "USD"))
        trades = [
            ib.placeOrder(apple, order) for order in ib.bracketOrder("BUY", 10, 9000, 9500, 1)
        ]
        while not trades[0].isDone() or trades[1].orderStatus.status != "Submitted":
            assert ib.waitOnUpdate(timeout=5)
        bars = ib.reqHistoricalData(apple, "", "1 D", "30 mins", "TRADES", useRTH=False)
        ib.reqGlobalCancel()
        while not all(trade.isDone() for trade in trades):
            assert ib.waitOnUpdate(timeout=5)

        assert [t.orderStatus.status for t in trades] == ["Filled", "Cancelled", "Cancelled"]
        assert [p.position for p in ib.positions()] == [10]
        assert len(bars) > 10
    finally:
        ib.disconnect()
