"""A bare ib_async client, what it sends, and words put into the gateway's mouth."""

from __future__ import annotations

import struct

import pytest
from ib_async import IB, Contract

from ibkit.sim import SimGateway
from sim_client import future


class Wire:
    """The socket of a client, seen and spoken into."""

    def __init__(self, ib: IB) -> None:
        self.ib = ib
        self.sent: list[list[str]] = []
        self._send = ib.client.conn.sendMsg
        ib.client.conn.sendMsg = self._note

    def _note(self, message: bytes) -> None:
        self.sent.append(message[4:].decode().split("\0")[:-1])
        self._send(message)

    def requests(self, number: int) -> list[list[str]]:
        """What was sent of a kind, by the number of its message."""
        return [fields for fields in self.sent if fields[0] == str(number)]

    def say(self, *messages: tuple[object, ...]) -> None:
        """Let the messages arrive in one packet."""
        texts = ["".join(f"{field}\0" for field in fields).encode() for fields in messages]
        packet = b"".join(struct.pack(">I", len(text)) + text for text in texts)
        self.ib.client.conn.data_received(packet)

    def rewrite(self, old: bytes, new: bytes) -> None:
        """Put other words of the same length into what arrives."""
        assert len(old) == len(new)
        connection = self.ib.client.conn
        receive = connection.data_received
        connection.data_received = lambda data: receive(data.replace(old, new))


@pytest.fixture
def wire(ib: IB) -> Wire:
    return Wire(ib)


@pytest.fixture
def es(gateway: SimGateway, ib: IB) -> Contract:
    """The front month of ES, in a market that stands still at 5000."""
    gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
    return future(gateway)
