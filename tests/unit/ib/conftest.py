"""A scripted TWS in memory, and time that passes when everybody waits.

Coroutine tests of this folder run on a loop whose clock is virtual.
"""

import asyncio
import inspect
import struct

import pytest
from ib_async import IB, util

from ibkit.testing import run_virtual


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    test = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    run_virtual(_without_lost_errors(test))
    return True


async def _without_lost_errors(test):
    """Run a test; what a callback of the loop raises fails it, too."""
    lost = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: lost.append(context))
    await test
    await asyncio.sleep(0)
    assert lost == []


class _Transport:
    def __init__(self, tws):
        self.tws = tws
        self.closed = False

    def write(self, data):
        if not self.closed:
            self.tws.receive(data)

    def write_eof(self):
        pass

    def get_extra_info(self, _name):
        return None

    def close(self):
        if not self.tws.stuck:
            self.abort()

    def abort(self):
        if not self.closed:
            self.closed = True
            util.getLoop().call_soon(self.tws.lost, self)


class FakeTws:
    """What stands at the other end of an IB: real bytes of ib_async, scripted answers."""

    def __init__(self, ib):
        self.ib = ib
        self.client_id = None
        self.sent = []  # every message as a list of fields
        self.times = []  # when each came
        self.connects = 0
        self.refuse = None  # an exception for the next connects
        self.greeting = None  # bytes instead of the version
        self.version = 178
        self.accounts = "DU1"
        self.next_id = 1
        self.hang_up_at = None  # "connect", "greeting" or "login"
        self.stop_at = None  # the same: no further word
        self.stuck = False  # takes no bytes any more: closing waits for it for ever
        self.silent = set()  # requests that get no answer, by number
        self.transport = None
        self.replies = {
            71: self._login,
            61: lambda _: [[62, 1]],
            5: lambda _: [[53, 1]],
            16: lambda _: [[53, 1]],
            99: lambda _: [[102]],
            6: lambda f: [[54, 1, f[3]]],
            76: lambda f: [[74, 1, f[2]]],
            7: lambda f: [[55, 1, f[2]]],
            49: lambda _: [[49, 1, 1767607200]],
            62: lambda f: [[64, 1, f[2]]],
        }
        ib.client.conn.connectAsync = self._connect

    # --- the connection ---

    async def _connect(self, _host, _port):
        await asyncio.sleep(0)
        self.connects += 1
        if self.refuse is not None:
            raise self.refuse
        if self.stop_at == "tcp":
            await asyncio.Event().wait()
        if self.ib.client.conn.transport:  # ib_async waits for the end of the last one
            await self.ib.client.conn.disconnected
        self._buffer, self._greeted = b"", False
        self.transport = _Transport(self)
        self.ib.client.conn.reset()
        self.ib.client.conn.transport = self.transport
        if self.hang_up_at == "connect":
            self.hang_up()

    def lost(self, transport):
        if transport is self.transport:
            self.ib.client.conn.connection_lost(None)

    def hang_up(self):
        """The peer closes the connection."""
        transport = self.transport
        transport.closed = True
        asyncio.get_running_loop().call_soon(self.lost, transport)

    def receive(self, data):
        self._buffer += data
        if not self._greeted and self._buffer.startswith(b"API\0"):
            self._buffer = self._buffer[4:]
        while len(self._buffer) >= 4:
            size = struct.unpack(">I", self._buffer[:4])[0]
            if len(self._buffer) < 4 + size:
                return
            text, self._buffer = self._buffer[4 : 4 + size], self._buffer[4 + size :]
            if not self._greeted:
                self._greet()
            else:
                self._take(text.decode().split("\0")[:-1])

    def _greet(self):
        self._greeted = True
        if self.hang_up_at == "greeting":
            self.hang_up()
        elif self.greeting is not None:
            self.deliver(self.greeting)
        elif self.stop_at != "greeting":
            self.send(self.version, "20260105 09:30:00 US/Eastern")

    def _login(self, fields):
        self.client_id = int(fields[2])
        if self.hang_up_at == "login":
            self.hang_up()
            return []
        if self.stop_at == "login":
            return []
        return [[15, 1, self.accounts], [9, 1, self.next_id]]

    def _take(self, fields):
        self.sent.append(fields)
        self.times.append(asyncio.get_running_loop().time())
        number = int(fields[0])
        if number not in self.silent and number in self.replies:
            for reply in self.replies[number](fields):
                self.send(*reply)

    # --- what TWS says ---

    def deliver(self, data):
        transport = self.transport
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: transport.closed or self.ib.client.conn.data_received(data))

    def send(self, *fields):
        self.deliver(frame(*fields))

    def error(self, req_id, code, text="a text"):
        self.send(4, 2, req_id, code, text, "")

    def numbers(self):
        """The kinds of messages that came, in order."""
        return [int(fields[0]) for fields in self.sent]

    def asked(self, number):
        """The messages of one kind."""
        return [fields for fields in self.sent if int(fields[0]) == number]


def frame(*fields):
    text = "".join(f"{field}\0" for field in fields).encode()
    return struct.pack(">I", len(text)) + text


@pytest.fixture
def ib():
    ib = IB()
    yield ib
    vars(ib).pop("disconnect", None)
    ib.client.connState = ib.client.DISCONNECTED  # its __del__ would disconnect


@pytest.fixture
def tws(ib):
    """A TWS that *ib* is not yet connected to."""
    return FakeTws(ib)


@pytest.fixture
def connected(tws):
    """Connect quickly, without any of ib_async's start-up requests."""

    async def connect():
        tws.ib.wrapper.clientId = 1
        await tws.ib.client.connectAsync("127.0.0.1", 7497, 1, 2)
        tws.sent.clear()
        return tws

    return connect


@pytest.fixture
def details_row():
    """Make one row of contract details at version 178."""

    def row(req_id, con_id=1):
        fields = [10, req_id, "ES", "FUT", "20260320", 0, "", "CME", "USD", "ESH6", "ES", "ES"]
        fields += [con_id, 0.25, 50, "LMT,MKT", "CME", 1, 11004968, "E-mini", "", "202603"]
        fields += ["", "", "", "US/Central", "", "", "", "", 0, 1, "ES", "IND", "26", "20260320"]
        return [*fields, "", 1, 1, 1]

    return row
