"""What a hostile or broken client can do to the gateway: nothing, to anybody else."""

import asyncio
import contextlib
import gc
import struct
import tracemalloc

import pytest
from ib_async import IB

from cards import card
from ibkit.sim import Limits, Scenario, SimGateway
from ibkit.sim._transport import _server
from ibkit.testing import plug_in, run_virtual
from sim_client import MONDAY, connected

HELLO = b"API\0" + struct.pack(">I", 9) + b"v157..178"


def framed(text):
    payload = text.replace(",", "\0").encode()
    return struct.pack(">I", len(payload)) + payload


class Client(asyncio.Protocol):
    def __init__(self):
        self.data = b""
        self.lost = False

    def data_received(self, data):
        self.data += data

    def connection_lost(self, exc):
        self.lost = True


def run(test, **options):
    async def main():
        async with connected(**options) as (gateway, ib):
            client = Client()
            transport = gateway.connect(client)
            result = await test(gateway, client, transport)
            others_live = await asyncio.wait_for(ib.reqCurrentTimeAsync(), 5)
            assert others_live is not None
            return result

    return run_virtual(main())


@card("HOS-01", "issue: hostility")
@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\0" * 64,
        b"API\0\xff\xff\xff\xff",
        b"API\0" + struct.pack(">I", 3_000_000),
        HELLO + struct.pack(">I", 0x7FFFFFFF),
        HELLO + struct.pack(">i", -5),
        HELLO + struct.pack(">I", 2_000_000),
        b"API\0" + struct.pack(">I", 5) + b"hello",
        b"API\0" + struct.pack(">I", 7) + b"v100..1",
        b"API\0" + struct.pack(">I", 8) + b"v10..150",
    ],
)
def test_garbage_drops_that_client_and_nobody_else(garbage):
    async def test(gateway, client, transport):
        transport.write(garbage)
        await asyncio.sleep(1)
        return client.lost, gateway.truth.clients

    assert run(test) == (True, (3,))


@card("HOS-02", "5 C")
def test_an_unknown_message_id_is_answered_and_the_session_lives():
    async def test(gateway, client, transport):
        transport.write(HELLO)
        await asyncio.sleep(0.1)
        for text in ("71,2,9,,", "9999,1,2,3,", "notanumber,1,", "49,1,"):
            transport.write(framed(text))
        await asyncio.sleep(0.5)
        return client.lost, client.data.count(b"\x00505\x00"), b"49\x001\x00" in client.data

    assert run(test) == (False, 2, True)


@card("HOS-03", "8 C")
@pytest.mark.parametrize(
    "text",
    [
        "9,8,abc,",
        "9,8,77,xyz,,,,,,,,,,,,0,,,",
        "1,11,77,0,ES",
        "3,-5,0,ES,FUT,,x",
        "20,77,",
        "7,3,",
    ],
)
def test_an_invalid_field_is_an_error_of_that_request(text):
    async def test(gateway, client, transport):
        transport.write(HELLO)
        await asyncio.sleep(0.1)
        transport.write(framed("71,2,9,,"))
        transport.write(framed(text))
        await asyncio.sleep(0.5)
        return client.lost, b"\x00320\x00" in client.data

    assert run(test) == (False, True)


@card("HOS-04", "issue: hostility")
def test_a_client_that_never_says_hello_is_dropped():
    async def test(gateway, client, transport):
        await asyncio.sleep(31)
        return client.lost

    assert run(test)


@card("HOS-05", "issue: hostility")
def test_a_flood_far_above_the_rate_is_dropped_and_memory_stays_bounded():
    async def test(gateway, client, transport):
        transport.write(HELLO)
        await asyncio.sleep(0.1)
        transport.write(framed("71,2,9,,"))
        await asyncio.sleep(0.1)
        transport.write(framed("49,1,") * 20_000)
        await asyncio.sleep(1)
        return client.lost

    assert run(test)


@card("HOS-06", "issue: hostility")
def test_a_client_that_does_not_read_is_dropped():
    async def test(gateway, client, transport):
        transport.write(HELLO)
        await asyncio.sleep(0.1)
        transport.write(framed("71,2,9,,"))
        await asyncio.sleep(0.1)
        transport.pause_reading()
        session = next(s for s in gateway._floor.sessions if s.client_id == 9)
        for _ in range(40):
            session.send_frame(b"x" * 1_000_000)
            gateway._flush()
        await asyncio.sleep(1)
        return gateway.truth.clients

    assert run(test) == (3,)


@card("HOS-07", "issue: hostility")
def test_ten_thousand_connects_in_a_row_leave_nothing_behind():
    async def test(gateway, client, transport):
        for _ in range(10_000):
            gateway.connect(Client()).close()
            await asyncio.sleep(0)
        await asyncio.sleep(1)
        return len(gateway._floor.sessions), len(gateway._server.connections)

    sessions, connections = run(test)

    assert (sessions, connections) == (2, 2)


LOGIN = HELLO + framed("71,2,7,,")
FEW, MANY = 300, 10_000
"""Connects over TCP: in the usual suite 3 % of those in the deep one."""


async def visit(port, number):
    """Connect, say this or that, and leave in one way or another."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write((b"", HELLO, LOGIN, b"GET / HTTP/1.1\r\n\r\n", LOGIN + b"\xff" * 9)[number % 5])
    if number % 2:
        with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
            await asyncio.wait_for(reader.read(10), 0.05)
    if number % 3:
        writer.transport.abort()
    else:
        writer.close()


async def visited(count):
    """How many sessions and bytes remain after so many visits, and whether others are served."""
    async with SimGateway(start=MONDAY) as gateway:
        ib = IB()
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        for number in range(count // 10):
            await visit(gateway.port, number)
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(count):
            await visit(gateway.port, number)
        await asyncio.sleep(0.3)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        served = await asyncio.wait_for(ib.reqCurrentTimeAsync(), 10)
        left = len(gateway._floor.sessions), len(gateway._server.connections)
        ib.disconnect()
        await asyncio.sleep(0.05)
        return left, grown, served is not None


@card("HOS-08", "issue: hostility")
@pytest.mark.tcp
@pytest.mark.parametrize(
    "count", [FEW, pytest.param(MANY, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def test_visitors_by_tcp_leave_nothing_behind(count):
    left, grown, served = asyncio.run(visited(count))

    assert left == (1, 1)
    assert grown < 2_000_000  # bytes, whatever the count
    assert served


@card("HOS-09", "issue: hostility")
@pytest.mark.tcp
def test_who_does_not_read_by_tcp_is_dropped_and_others_go_on(monkeypatch):
    monkeypatch.setattr(_server, "OUTGOING_LIMIT", 1_000_000)

    async def main():
        async with SimGateway(start=MONDAY) as gateway:
            ib = IB()
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
            _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            writer.transport.pause_reading()
            writer.write(LOGIN)
            await asyncio.sleep(0.2)
            gateway.faults.switch(limits={"messages_per_second": 1_000_000})
            for _ in range(600):
                writer.write(framed("78,7,AAPL,,STK,265598,") * 20)  # some kilobytes each
                await asyncio.sleep(0)
                if gateway.truth.clients == (1,):
                    break
            served = await asyncio.wait_for(ib.reqCurrentTimeAsync(), 10)
            clients = gateway.truth.clients
            writer.transport.abort()
            ib.disconnect()
            await asyncio.sleep(0.05)
            return clients, served is not None

    assert asyncio.run(main()) == ((1,), True)


@card("WHO-09", "4.1 C")
def test_up_to_32_clients_at_a_time():
    async def main():
        async with connected(client_id=0) as (gateway, _):
            more = [plug_in(IB(), gateway) for _ in range(32)]
            for number, ib in enumerate(more[:-1], start=1):
                await ib.connectAsync(clientId=number)
            with pytest.raises((ConnectionError, TimeoutError, asyncio.TimeoutError)):
                await more[-1].connectAsync(clientId=32, timeout=1)
            full = gateway.truth.clients
            more[5].disconnect()
            await asyncio.sleep(0.1)
            await more[-1].connectAsync(clientId=32)
            again = gateway.truth.clients
            for ib in more:
                ib.disconnect()
            await asyncio.sleep(0.1)
            return full, again

    full, again = run_virtual(main())

    assert full == tuple(range(32))
    assert set(again) == {*range(33)} - {6}


@pytest.mark.tcp
def test_a_port_in_use_is_said_clearly():
    async def main():
        async with SimGateway() as gateway:
            with pytest.raises(OSError, match="Choose another port"):
                async with SimGateway(port=gateway.port):
                    pass

    asyncio.run(main())


@pytest.mark.tcp
def test_a_real_socket_serves_a_real_client():
    async def main():
        async with SimGateway(start=MONDAY) as gateway:
            ib = IB()
            await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
            accounts = ib.managedAccounts()
            ib.disconnect()
            await asyncio.sleep(0.05)
            return accounts

    assert asyncio.run(main()) == ["DU1000001"]


def test_a_host_that_is_not_loopback_is_warned_of(caplog):
    gateway = SimGateway(host="0.0.0.0", port=0)

    async def main():
        async with gateway:
            pass

    with (
        pytest.raises(Exception, match=r"0\.0\.0\.0"),
        caplog.at_level("WARNING", logger="ibkit.sim"),
    ):
        asyncio.run(main())

    assert "0.0.0.0" in caplog.text


@pytest.mark.parametrize(
    ("options", "word"),
    [({"speed": 0}, "speed"), ({"start": MONDAY.replace(tzinfo=None)}, "start")],
)
def test_impossible_options_are_refused(options, word):
    with pytest.raises(ValueError, match=word):
        SimGateway(**options)


def test_limits_are_what_a_plain_user_has():
    assert Scenario().limits == Limits(lines=100, tick_by_tick=5, depth=3)
