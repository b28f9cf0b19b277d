"""Bytes and time on their way to the floor, in memory and in virtual time."""

import asyncio
import datetime as dt
import struct

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._transport import Connection, LoopClock, Server, connect_pair
from ibkit.sim._transport._server import OUTGOING_LIMIT
from ibkit.testing import VirtualLoop, run_virtual

HELLO = b"API\0" + struct.pack(">I", 9) + b"v157..178"
LOG_IN = struct.pack(">I", 8) + b"71\x002\x004\0\0"
TIME = struct.pack(">I", 5) + b"49\x001\0"


class Client(asyncio.Protocol):
    def __init__(self):
        self.chunks = []
        self.lost = None

    @property
    def data(self):
        return b"".join(self.chunks)

    def data_received(self, data):
        self.chunks.append(data)

    def connection_lost(self, exc):
        self.lost = type(exc).__name__


class Tap:
    def __init__(self):
        self.seen = []

    def opened(self, connection):
        self.seen.append("opened")

    def passed(self, connection, way, data):
        self.seen.append((way, data))

    def closed(self, connection, way):
        self.seen.append(("closed", way))


@pytest.fixture
def run(talk):
    """Run a test with a server, and a way to connect to it."""

    def run(test):
        async def main():
            loop = asyncio.get_running_loop()
            server = Server(talk.floor, LoopClock(loop, talk.now))

            def connect():
                client = Client()
                return client, connect_pair(client, Connection(server), loop)

            try:
                return await test(server, connect)
            finally:
                await server.stop()

        return run_virtual(main())

    return run


async def pass_on():
    await asyncio.sleep(0.01)


def test_what_arrives_is_answered(run):
    async def test(server, connect):
        client, transport = connect()
        transport.write(HELLO + LOG_IN + TIME)
        await pass_on()
        return client.data

    assert b"49\x001\x00" in run(test)


def test_time_wakes_the_floor(run, talk):
    async def test(server, connect):
        seen = []
        talk.floor.timers.at(talk.now + dt.timedelta(seconds=5), seen.append)
        server.flush()
        await asyncio.sleep(4.9)
        before = list(seen)
        await asyncio.sleep(0.2)
        return before, len(seen)

    assert run(test) == ([], 1)


def test_a_client_that_goes_is_gone_from_the_floor(run, talk):
    async def test(server, connect):
        _, transport = connect()
        transport.close()
        await pass_on()
        return len(server.connections), len(talk.floor.sessions)

    assert run(test) == (0, 0)


@pytest.mark.parametrize(("piece", "chunks"), [(0, 1), (7, 6)])
def test_output_may_be_sent_in_pieces(run, piece, chunks):
    async def test(server, connect):
        server.piece = piece
        client, transport = connect()
        transport.write(HELLO)
        await pass_on()
        return len(client.chunks), client.data

    count, data = run(test)

    assert count == chunks
    assert data == wire.welcome(178, "20260302 10:00:00 US/Eastern")


def test_pieces_keep_their_order_when_the_fault_ends(run):
    async def test(server, connect):
        server.piece = 1
        client, transport = connect()
        transport.write(HELLO + LOG_IN)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        server.piece = 0
        transport.write(TIME)
        await pass_on()
        reader = wire.FrameReader()
        reader.feed(b"API\0")
        return [payload.split(b"\0")[0] for payload in reader.feed(client.data)]

    assert run(test) == [b"178", b"15", b"9", b"4", b"4", b"4", b"49"]


def test_what_is_left_of_the_pieces_goes_out_before_the_connection_closes(run):
    async def test(server, connect):
        server.piece = 1
        client, transport = connect()
        transport.write(HELLO)
        await asyncio.sleep(0)
        server.close_all("over")
        await pass_on()
        return client.data, client.lost

    assert run(test) == (wire.welcome(178, "20260302 10:00:00 US/Eastern"), "NoneType")


@pytest.mark.parametrize("piece", [0, 1])
def test_a_client_that_does_not_read_is_dropped(run, talk, piece):
    async def test(server, connect):
        client, transport = connect()
        transport.write(HELLO + LOG_IN)
        await pass_on()
        server.piece = piece
        transport.pause_reading()
        (session,) = talk.floor.sessions
        frame = wire.frame(b"x" * 1_000_000)
        for _ in range(OUTGOING_LIMIT // 1_000_000 + 2):
            if session in server.connections:
                session.send_frame(frame)
                server.flush()
        await pass_on()
        return session.closing, client.lost, len(server.connections)

    reason, lost, left = run(test)

    assert "does not read" in reason
    assert (lost, left) == ("ConnectionResetError", 0)


def test_connections_may_be_closed_at_once_or_never_answered(run):
    async def test(server, connect):
        server.refuse_next, server.silent_next = 1, 1
        refused, _ = connect()
        silent, transport = connect()
        served, other = connect()
        transport.write(HELLO)
        other.write(HELLO)
        await pass_on()
        return refused.lost, (silent.lost, silent.data), bool(served.data)

    assert run(test) == ("NoneType", (None, b""), True)


def test_clients_are_cut_one_by_one_or_all(run, talk):
    async def test(server, connect):
        clients = []
        for number in (b"4", b"5"):
            client, transport = connect()
            transport.write(HELLO + LOG_IN.replace(b"4", number))
            clients.append(client)
        await pass_on()
        server.abort(5)
        await pass_on()
        first = [client.lost for client in clients]
        server.abort(None)
        await pass_on()
        return first, [client.lost for client in clients]

    reset = "ConnectionResetError"
    assert run(test) == ([None, reset], [reset, reset])


def test_a_defect_in_the_simulator_drops_the_client_that_met_it_and_nobody_else(
    run, talk, monkeypatch, caplog
):
    def broken(session, request, now):
        raise ZeroDivisionError("a defect")

    async def test(server, connect):
        victim, transport = connect()
        other, other_transport = connect()
        for each in (transport, other_transport):
            each.write(HELLO)
        await pass_on()
        monkeypatch.setattr(talk.floor, "handle", broken)
        transport.write(LOG_IN)
        await pass_on()
        monkeypatch.undo()
        other_transport.write(LOG_IN + TIME)
        await pass_on()
        return victim.lost, other.lost, b"49\x001\x00" in other.data

    assert run(test) == ("ConnectionResetError", None, True)
    assert "a defect of the simulator" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_after_a_defect_in_what_is_due_the_clock_goes_on(talk):
    seen = []

    def broken(now):
        raise ZeroDivisionError

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: seen.append(context["exception"]))
        server = Server(talk.floor, LoopClock(loop, talk.now))
        talk.floor.timers.at(talk.now + dt.timedelta(seconds=1), broken)
        talk.floor.timers.at(talk.now + dt.timedelta(seconds=2), seen.append)
        server.flush()
        await asyncio.sleep(3)
        await server.stop()

    loop = VirtualLoop()
    loop.run_until_complete(main())
    loop.close()

    assert [type(each).__name__ for each in seen] == ["ZeroDivisionError", "datetime"]


def test_nothing_is_armed_after_the_stop(talk):
    async def main():
        loop = asyncio.get_running_loop()
        server = Server(talk.floor, LoopClock(loop, talk.now))
        connect_pair(Client(), Connection(server), loop)
        talk.floor.timers.every(dt.timedelta(seconds=1), talk.now, lambda now: None)
        server.flush()
        await server.stop()
        await server.stop()
        server.flush()
        await asyncio.sleep(0)
        return [handle for handle in loop._scheduled if not handle.cancelled()]

    assert run_virtual(main()) == []


def test_a_server_that_has_stopped_serves_nobody(run):
    async def test(server, connect):
        await server.stop()
        client, _ = connect()
        await pass_on()
        return client.lost, len(server.connections)

    assert run(test) == ("ConnectionResetError", 0)


def test_a_tap_sees_bytes_and_ends_of_connections_that_are_served(run):
    tap = Tap()

    async def test(server, connect):
        server.tap, server.silent_next = tap, 1
        connect()
        client, transport = connect()
        transport.write(HELLO)
        await pass_on()
        transport.close()
        await pass_on()
        return client.data

    welcome = run(test)

    assert tap.seen == ["opened", (">", HELLO), ("<", welcome), ("closed", ">")]


@pytest.mark.tcp
def test_the_stop_does_not_wait_for_clients_that_do_not_read(talk):
    async def main():
        loop = asyncio.get_running_loop()
        server = Server(talk.floor, LoopClock(loop, talk.now))
        port = await server.listen("127.0.0.1", 0)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.transport.pause_reading()
        writer.write(HELLO)
        while not server.connections:
            await asyncio.sleep(0)
        (connection,) = server.connections.values()
        connection.transport.write(b"x" * 8_000_000)
        await asyncio.wait_for(server.stop(), 5)
        writer.close()
        return len(server.connections)

    assert asyncio.run(main()) == 0


@pytest.mark.tcp
def test_the_stop_ends_connections_that_were_never_answered(talk):
    async def main():
        loop = asyncio.get_running_loop()
        server = Server(talk.floor, LoopClock(loop, talk.now))
        server.silent_next = 1
        port = await server.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.01)
        await asyncio.wait_for(server.stop(), 5)
        writer.close()
        return await reader.read()

    assert asyncio.run(main()) == b""
