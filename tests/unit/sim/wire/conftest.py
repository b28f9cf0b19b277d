"""Other people's clients as the oracle: what they send is decoded, what is encoded they read.

`ask` decodes a request as ib_async, ib_insync and ibapi send it; `hear` gives the calls that
their decoders make of an answer. Both go through all server versions that the client speaks.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import enum
import importlib.util
from types import SimpleNamespace
from typing import ClassVar

import pytest

from ibkit.sim._wire import FrameReader, encode
from ibkit.sim._wire._requests import read_request

VERSIONS = range(157, 179)
UNSET = 1.7976931348623157e308
UNSET_INT = 2**31 - 1


class TooOld(Exception):
    """ibapi does not ask a server of that version."""


class Recorder:
    """A wrapper that notes each call made to it."""

    def __init__(self):
        self.calls = []
        self.ib = SimpleNamespace(TimezoneTWS="")
        self.defaultTimezone = dt.timezone.utc

    def __getattr__(self, name):
        def note(*args):
            self.calls.append((name, *args))

        return note


def plain(value):
    """Take a client's objects apart: ibapi's have no equality."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "__dict__") and not isinstance(value, enum.Enum):
        return plain(list(vars(value).items()))
    return value


class Complaints:
    """A logger for decoders that log what they cannot read instead of raising it."""

    def exception(self, text, *args):
        raise AssertionError(text)

    error = exception


class AsyncPeer:
    """ib_async, or ib_insync, which it comes from."""

    def __init__(self, name, versions):
        self.name = name
        self.versions = versions
        self.module = importlib.import_module(name)
        self.client = importlib.import_module(f"{name}.client").Client
        self.decoder = importlib.import_module(f"{name}.decoder").Decoder

    def make(self, kind, **attributes):
        return getattr(self.module, kind)(**attributes)

    def tags(self, **tags):
        return [self.module.TagValue(tag, value) for tag, value in tags.items()]

    def payload(self, version, method, *args):
        sent = []
        client = self.client.__new__(self.client)
        client.isConnected = lambda: True
        client.serverVersion = lambda: version
        client.clientId, client.optCapab = 9, "caps"
        client.sendMsg = lambda text: sent.append(text.encode())
        getattr(client, method)(*args)
        (payload,) = sent
        return payload

    def read(self, version, payload):
        recorder = Recorder()
        decoder = self.decoder(recorder, version)
        decoder.logger = Complaints()
        fields = payload.decode().split("\0")
        assert fields.pop() == ""
        decoder.interpret(fields)
        return recorder.calls


class OfficialPeer:
    """ibapi, the client of Interactive Brokers."""

    name = "ibapi"
    versions = VERSIONS
    kinds: ClassVar = {
        "Contract": "contract",
        "ComboLeg": "contract",
        "DeltaNeutralContract": "contract",
        "Order": "order",
        "OrderComboLeg": "order",
        "OrderCancel": "order_cancel",
        "ExecutionFilter": "execution",
        "ScannerSubscription": "scanner",
        "SoftDollarTier": "softdollartier",
        "WshEventData": "common",
        "PriceCondition": "order_condition",
        "TimeCondition": "order_condition",
        "MarginCondition": "order_condition",
        "ExecutionCondition": "order_condition",
        "VolumeCondition": "order_condition",
        "PercentChangeCondition": "order_condition",
    }

    def __init__(self):
        self.client = importlib.import_module("ibapi.client").EClient
        self.decoder_module = importlib.import_module("ibapi.decoder")

    def make(self, kind, **attributes):
        made = getattr(importlib.import_module(f"ibapi.{self.kinds[kind]}"), kind)()
        for name, value in attributes.items():
            assert hasattr(made, name) or kind == "SoftDollarTier", f"{kind}.{name}"
            setattr(made, name, value)
        return made

    def tags(self, **tags):
        tag_value = importlib.import_module("ibapi.tag_value").TagValue
        return [tag_value(tag, value) for tag, value in tags.items()]

    def payload(self, version, method, *args):
        frames, complaints = [], Recorder()
        client = self.client(complaints)
        client.isConnected = lambda: True
        client.serverVersion_ = version
        client.extraAuth = True
        client.clientId, client.optCapab = 9, "caps"
        client.conn = SimpleNamespace(sendMsg=frames.append)
        getattr(client, method)(*args)
        if any(call[0] == "error" and call[3] == 503 for call in complaints.calls):
            raise TooOld
        assert not complaints.calls
        (message,) = frames
        return message[4:]

    def read(self, version, payload):
        recorder = Recorder()
        decoder = self.decoder_module.Decoder(recorder, version)
        decoder.discoverParams()
        number, _, rest = payload.partition(b"\0")
        fields = rest.split(b"\0")
        assert fields.pop() == b""
        decoder.interpret(fields, int(number))
        return recorder.calls


PEERS = [name for name in ("ib_async", "ib_insync", "ibapi") if importlib.util.find_spec(name)]


@pytest.fixture(scope="session")
def peers():
    return PEERS


@pytest.fixture(scope="session", params=PEERS)
def peer(request):
    if request.param == "ibapi":
        return OfficialPeer()
    return AsyncPeer(request.param, VERSIONS if request.param == "ib_async" else range(157, 177))


@pytest.fixture(scope="session")
def ib_async_peer():
    """For what one client's frames can show."""
    return AsyncPeer("ib_async", VERSIONS)


@pytest.fixture(scope="session")
def is_official(peer):
    return peer.name == "ibapi"


@pytest.fixture(scope="session")
def ask_at(peer):
    """Decode what the client sends at one version; no field may be left over."""

    def ask_at(version, method, *args):
        request, left_over = read_request(peer.payload(version, method, *args), version)

        assert left_over == 0, f"{method} at {version} leaves {left_over} fields unread"
        return request

    return ask_at


@pytest.fixture(scope="session")
def ask(peer, ask_at):
    """Decode what the client sends, which must be the same request at all its versions."""

    def ask(method, *args):
        requests = set()
        for version in peer.versions:
            with contextlib.suppress(TooOld):
                requests.add(ask_at(version, method, *args))

        assert len(requests) == 1
        return requests.pop()

    return ask


@pytest.fixture(scope="session")
def hear_at(peer):
    """Give the calls that the client makes of an answer at one version."""

    def hear_at(version, answer):
        reader = FrameReader()
        reader.feed(b"API\0")
        (payload,) = reader.feed(encode(answer, version))
        return peer.read(version, payload)

    return hear_at


@pytest.fixture(scope="session")
def hear(peer, hear_at):
    """Give the calls that the client makes of an answer, the same at all its versions."""

    def hear(answer):
        calls = [hear_at(version, answer) for version in peer.versions]
        first = calls[0]

        assert first, "the client made nothing of it"
        assert all(plain(others) == plain(first) for others in calls), "versions differ"
        return first

    return hear


@pytest.fixture(scope="session")
def contract(peer):
    """Make the client's contract with every field that requests carry."""
    return peer.make(
        "Contract",
        conId=495512563,
        symbol="ES",
        secType="FUT",
        lastTradeDateOrContractMonth="20250620",
        strike=12.5,
        right="C",
        multiplier="50",
        exchange="CME",
        primaryExchange="GLOBEX",
        currency="USD",
        localSymbol="ESM5",
        tradingClass="ESX",
        includeExpired=True,
        secIdType="ISIN",
        secId="US0378331005",
    )
