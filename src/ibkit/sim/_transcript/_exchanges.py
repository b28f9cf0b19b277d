"""Which answers of a transcript belong to which request.

An answer with a request id or an order id belongs to the latest request of that id; one without,
to the latest request of the kind that has such answers; everything else to the log-in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, final

from ibkit.sim._transcript._lines import CLOSED, HELLO, WELCOME, Line, TranscriptError, parse

OPEN_ORDERS = ("ReqOpenOrders", "ReqAllOpenOrders", "ReqAutoOpenOrders")
OF_OPEN_ORDERS = ("OpenOrder", "OrderStatus")

WITHOUT_ID: dict[str, tuple[str, ...]] = {
    "NextValidId": ("ReqIds",),
    "ManagedAccounts": ("ReqManagedAccts",),
    "CurrentTime": ("ReqCurrentTime",),
    "Position": ("ReqPositions",),
    "PositionEnd": ("ReqPositions",),
    "OpenOrderEnd": OPEN_ORDERS,
    "CompletedOrder": ("ReqCompletedOrders",),
    "CompletedOrdersEnd": ("ReqCompletedOrders",),
    "UpdateAccountValue": ("ReqAccountUpdates",),
    "UpdatePortfolio": ("ReqAccountUpdates",),
    "UpdateAccountTime": ("ReqAccountUpdates",),
    "AccountDownloadEnd": ("ReqAccountUpdates",),
    "FamilyCodes": ("ReqFamilyCodes",),
    "MktDepthExchanges": ("ReqMktDepthExchanges",),
    "NewsProviders": ("ReqNewsProviders",),
    "UpdateNewsBulletin": ("ReqNewsBulletins",),
    "ScannerParameters": ("ReqScannerParameters",),
    "ReceiveFA": ("RequestFA",),
    "MarketRule": ("ReqMarketRule",),
}
"""Answers without an id -> the requests that have them."""

NO_ORDER = ("NextValidId", "OrderBound")
"""Messages with an order id that does not say to which request they belong."""

LOG_IN = "StartApi"
UNASKED = "-1"


class Key(NamedTuple):
    """An id of one of the two kinds, which may have equal numbers."""

    kind: str
    """``req_id`` or ``order_id``."""
    number: str


class Answer(NamedTuple):
    """An answer, *delay* seconds after the request."""

    delay: float
    line: Line


class Exchange(NamedTuple):
    """A request and what came of it."""

    request: Line
    key: Key | None
    answers: list[Answer]


def key_of(line: Line, version: int) -> Key | None:
    """The id by which a message belongs to a request."""
    if line.name in NO_ORDER:
        return None
    for kind in ("req_id", "order_id"):
        number = line.field(kind, version)
        if number is not None and number != UNASKED:
            return Key(kind, number)
    return None


@final
class Conversation:
    """One connection of a transcript, parted into exchanges.

    A `version` of 0 says that there is no ``Welcome``: nobody can be served with it.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self.exchanges: list[Exchange] = []
        self.version = 0
        self.time = ""
        self._by_key: dict[Key, Exchange] = {}
        self._by_number: dict[str, Exchange] = {}
        self._by_name: dict[str, Exchange] = {}
        self._open_orders: Exchange | None = None
        self._executions: dict[str, Exchange] = {}
        for line in lines:
            self._take(line)

    def of(self, name: str) -> list[Exchange]:
        """The exchanges that a kind of request began, in their order."""
        return [exchange for exchange in self.exchanges if exchange.request.name == name]

    def _take(self, line: Line) -> None:
        if line.name == WELCOME:
            self.version = int(line.fields[0])
            self.time = line.fields[1] if len(line.fields) > 1 else ""
        elif line.way == ">" and line.name not in (HELLO, CLOSED):
            self._begin(line)
        elif line.way == "<":
            self._add(line)

    def _begin(self, line: Line) -> None:
        key = key_of(line, self.version)
        exchange = Exchange(line, key, [])
        self.exchanges.append(exchange)
        self._by_name[line.name] = exchange
        if key is not None:
            self._by_key[key] = self._by_number[key.number] = exchange
        if line.name in OPEN_ORDERS:
            self._open_orders = exchange

    def _add(self, line: Line) -> None:
        home = self._home(line) or self._by_name.get(LOG_IN)
        if home is not None:
            home.answers.append(Answer(max(0.0, line.seconds - home.request.seconds), line))

    def _home(self, line: Line) -> Exchange | None:
        if line.name in WITHOUT_ID:
            found = self._latest(WITHOUT_ID[line.name])
            if line.name == "OpenOrderEnd":
                self._open_orders = None
            return found
        if line.name == "CommissionReport":
            return self._executions.get(line.field("exec_id", self.version) or "")
        if line.name in OF_OPEN_ORDERS and self._open_orders is not None:
            return self._open_orders
        return self._home_by_key(line)

    def _home_by_key(self, line: Line) -> Exchange | None:
        key = key_of(line, self.version)
        if key is None:
            return None
        by_any = self._by_number.get(key.number) if line.name == "ErrMsg" else None
        home = by_any or self._by_key.get(key)
        if home is not None and line.name == "ExecDetails":
            self._executions[line.field("exec_id", self.version) or ""] = home
        return home

    def _latest(self, names: tuple[str, ...]) -> Exchange | None:
        found = [self._by_name[name] for name in names if name in self._by_name]
        return max(found, key=lambda exchange: exchange.request.seconds, default=None)


def load(text: str, file: str) -> list[Conversation]:
    """Read a transcript as conversations, in the order of their connections.

    Raises:
        TranscriptError: A line cannot be read, or nobody is welcomed.

    """
    by_connection: dict[int, list[Line]] = {}
    for line in parse(text, file):
        by_connection.setdefault(line.connection, []).append(line)
    found = [
        conversation
        for conversation in map(Conversation, by_connection.values())
        if conversation.version
    ]
    if not found:
        raise TranscriptError(file, 1, f"no connection has a {WELCOME} line with version=")
    return found
