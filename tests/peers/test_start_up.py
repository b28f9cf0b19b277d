"""Other people's clients connect unmodified: the official ibapi, and ib_insync.

`nox -s peers` installs them.
"""

from __future__ import annotations

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

    def hear(self, name: str) -> tuple[Any, ...]:
        """Return the arguments of the next callback of that name."""
        while True:
            callback, arguments = self.heard.get(timeout=10)
            if callback == name:
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


@needs("ib_insync")
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
