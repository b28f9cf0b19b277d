"""A real ib_async client without a socket: frames go in by hand, and what it sends is kept."""

from __future__ import annotations

import struct

import pytest
from ib_async import IB, Future, util

from ibkit._ib._health import HealthRecord
from ibkit._ib._requests import Requests
from ibkit.testing import VirtualLoop, run_virtual, virtual_time

NAMES = {
    "1": "quotes",
    "2": "cancel quotes",
    "10": "depth",
    "11": "cancel depth",
    "20": "bars",
    "25": "cancel bars",
    "50": "bars_5s",
    "51": "cancel bars_5s",
    "59": "data type",
    "97": "ticks",
    "98": "cancel ticks",
    "9": "details",
}
ID_AT = {"20": 1, "97": 1, "98": 1}


class Wire:
    """The other end of the socket, under the hand of a test."""

    def __init__(self) -> None:
        self.ib = IB()
        self.sent: list[list[str]] = []
        self.loop = util.getLoop()
        assert isinstance(self.loop, VirtualLoop)
        self.health = HealthRecord(clock=self.loop.now)
        self.requests = Requests(self.ib, health=self.health)
        self.log_in()

    def log_in(self) -> None:
        client = self.ib.client
        client.connState, client._apiReady = client.CONNECTED, True
        client._serverVersion = client.decoder.serverVersion = 178
        client._reqIdSeq, client._accounts = 1, ["DU1"]
        client.conn.sendMsg = lambda data: self.sent.append(data[4:].decode().split("\0")[:-1])

    def lose(self) -> None:
        """The socket is closed by the other side."""
        self.ib.client._onSocketDisconnected("")

    def come_back(self) -> None:
        self.log_in()
        self.ib.connectedEvent.emit()

    def feed(self, *messages) -> None:
        """Let messages arrive in one packet."""
        self.ib.client._onSocketHasData(b"".join(self.frame(*message) for message in messages))

    @staticmethod
    def frame(*fields) -> bytes:
        text = "".join(f"{field}\0" for field in fields).encode()
        return struct.pack(">I", len(text)) + text

    def later(self, seconds, do) -> None:
        """Do something while blocking code waits."""
        self.loop.call_later(seconds, do)

    # --- what TWS says ------------------------------------------------------------------

    def quote(self, req_id, bid=5000, ask=5001) -> None:
        self.feed((1, 6, req_id, 1, bid, 3, 0), (1, 6, req_id, 2, ask, 4, 0))

    def trade(self, req_id, price=5000, size=1, second=1_795_185_000) -> None:
        self.feed((99, req_id, 1, second, price, size, 0, "CME", ""))

    def bar(self, req_id, second, price=5000) -> None:
        self.feed((50, 3, req_id, second, price, price, price, price, 7, price, 2))

    def row(self, req_id, position, side, price, operation=0) -> None:
        self.feed((12, 1, req_id, position, operation, side, price, 1))

    def error(self, req_id, code, text="") -> None:
        self.feed((4, 2, req_id, code, text, ""))

    # --- what was sent --------------------------------------------------------------------

    @property
    def words(self) -> list[str]:
        """What was sent, in short: ``quotes 1``, ``cancel quotes 1``."""
        return [self.word(fields) for fields in self.sent]

    @staticmethod
    def word(fields: list[str]) -> str:
        kind = fields[0]
        return f"{NAMES.get(kind, kind)} {fields[ID_AT.get(kind, 2)]}"

    def req_ids(self, kind: str) -> list[int]:
        """The ids under which something was asked for."""
        sent = [word.rsplit(" ", 1) for word in self.words]
        return [int(req_id) for what, req_id in sent if what == kind]

    def news(self) -> list[str]:
        """What was sent since the last call."""
        words, self.sent = self.words, []
        return words


@pytest.fixture
def on_wire():
    """Run a coroutine function of a `Wire` in virtual time, and give its result."""

    def run(test):
        async def main():
            wire = Wire()
            try:
                return await test(wire)
            finally:
                wire.requests.close()

        return run_virtual(main())

    return run


@pytest.fixture
def blocking_wire():
    """A `Wire` for code that blocks, in virtual time."""
    with virtual_time():
        wire = Wire()
        yield wire
        wire.requests.close()


@pytest.fixture
def es():
    return future(1)


def future(con_id, **fields):
    names = {"symbol": "ES", "localSymbol": f"ES{con_id}", "exchange": "CME", "currency": "USD"}
    return Future(conId=con_id, **(names | fields))


@pytest.fixture(name="future")
def _future():
    return future
