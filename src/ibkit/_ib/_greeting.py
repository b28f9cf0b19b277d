"""Why a connection could not be made, and what to do: from what was seen, to words.

Pure: the shell (`_dial`) notes facts, this file makes a `ConnectionFailed` of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import frozen

from ibkit.errors import ConnectionFailed


class Ending(Enum):
    """How an attempt ended."""

    REFUSED = "refused"
    NO_HOST = "no host"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no answer"
    SILENT = "silent"
    DROPPED = "dropped"
    DROPPED_LATER = "dropped later"
    NO_LOGIN = "no login"
    STRANGER = "stranger"
    TOO_OLD = "too old"
    ID_IN_USE = "id in use"
    TOLD = "told"
    NOT_SYNCED = "not synced"
    READ_ONLY = "read only"
    LOST = "lost"


@frozen(kw_only=True)
class Address:
    """
    Where a link goes.

    >>> print(Address(host="127.0.0.1", port=7497, client_id=1))
    127.0.0.1:7497 as client 1
    """

    host: str
    port: int
    client_id: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port} as client {self.client_id}"


_API = "API > Settings: 'Enable ActiveX and Socket Clients', and the port"
_PORTS = "7497 TWS paper, 7496 TWS live, 4002 Gateway paper, 4001 Gateway live"

_WORDS: Mapping[Ending, tuple[str, str]] = {
    Ending.REFUSED: (
        "nothing listens on this port",
        f"Start TWS or IB Gateway and log in; check {_API} (defaults: {_PORTS})",
    ),
    Ending.NO_HOST: ("the host name is unknown", "Check the host; 127.0.0.1 is this machine"),
    Ending.UNREACHABLE: (
        "the host cannot be reached ({detail})",
        "Check the host, the network and the firewall",
    ),
    Ending.NO_ANSWER: (
        "the host did not answer within {seconds:g} s",
        "Check the host, the network, the firewall, and API > Settings > 'localhost only'",
    ),
    Ending.SILENT: (
        "the connection was accepted, and nothing was said within {seconds:g} s",
        "Look whether TWS shows a dialog or is still starting, and whether this is its port",
    ),
    Ending.DROPPED: (
        "the connection was accepted and closed at once",
        "Add this machine to API > Settings > 'Trusted IPs', or answer the dialog of TWS",
    ),
    Ending.DROPPED_LATER: (
        "TWS closed the connection during the login",
        "Client id {client_id} may be in use: choose another one, or end the program that holds it",
    ),
    Ending.NO_LOGIN: (
        "TWS answered, and did not finish the login within {seconds:g} s",
        "TWS may be waiting for its own login, for a dialog to be answered, or for IB; try again",
    ),
    Ending.STRANGER: (
        "this is not TWS: it says {detail}",
        f"Another program has this port. Check the port (defaults: {_PORTS})",
    ),
    Ending.TOO_OLD: (
        "TWS is too old: its server version is {detail}",
        "Update TWS or IB Gateway",
    ),
    Ending.ID_IN_USE: (
        "client id {client_id} is already in use",
        "Choose another client_id, or end the program that holds it",
    ),
    Ending.TOLD: ("TWS says: {detail}", "{remedy}"),
    Ending.NOT_SYNCED: (
        "connected, but {detail}",
        "TWS may be busy or not connected to IB; try again, or restart it",
    ),
    Ending.READ_ONLY: (
        "the API is in read-only mode and gives no orders",
        "Switch off API > Settings > 'Read-Only API', or connect with readonly=True",
    ),
    Ending.LOST: (
        "the connection was lost",
        "TWS may be restarting; connect again",
    ),
}

_FINAL = frozenset({Ending.TOO_OLD})
"""Trying again without a change is of no use."""


@frozen(kw_only=True)
class Failure:
    """How an attempt failed."""

    ending: Ending
    detail: str = ""
    remedy: str = ""
    seconds: float = 0.0
    code: int | None = None

    @property
    def is_final(self) -> bool:
        """Whether trying again without a change is of no use."""
        return self.ending in _FINAL

    def error(self, address: Address) -> ConnectionFailed:
        """Say it in words."""
        reason, remedy = _WORDS[self.ending]
        facts = {
            "detail": self.detail,
            "remedy": self.remedy,
            "seconds": self.seconds,
            "client_id": address.client_id,
        }
        return ConnectionFailed(
            str(address), reason.format_map(facts), remedy.format_map(facts), self.code
        )


_LONGEST_GREETING = 4096


def stranger(data: bytes) -> str | None:
    """
    Tell whether the first bytes are not those of TWS, and what they are.

    TWS sends a length and two texts, the first of which is a number.

    >>> stranger(b"HTTP/1.1 400 Bad Request")
    "'HTTP/1.1 400 Bad Request'"
    >>> stranger(bytes([0, 0, 0, 8]) + b"178" + bytes(1) + b"now" + bytes(1))
    """
    if len(data) < 4:
        return None if data[:1] in {b"", b"\0"} else _shown(data)
    size = int.from_bytes(data[:4], "big")
    if size > _LONGEST_GREETING:
        return _shown(data)
    message = data[4 : 4 + size]
    if len(message) == size and not message.split(b"\0")[0].isdigit():
        return _shown(data)
    return None


def _shown(data: bytes) -> str:
    return repr(data[:40].decode("latin-1").strip())
