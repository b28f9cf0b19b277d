"""What a hostile or broken client can do to the gateway: nothing, to anybody else."""

import asyncio
import struct

import pytest
from ib_async import IB

from cards import card
from ibkit.sim import Limits, Scenario, SimGateway
from ibkit.testing import run_virtual
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
