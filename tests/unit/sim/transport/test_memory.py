import asyncio

import pytest

from ibkit.sim._transport._memory import connect_pair


class End(asyncio.Protocol):
    def __init__(self):
        self.received = b""
        self.calls = []
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport
        self.calls.append("made")

    def data_received(self, data):
        self.received += data
        self.calls.append(data)

    def eof_received(self):
        self.calls.append("eof")

    def connection_lost(self, exc):
        self.calls.append(("lost", type(exc).__name__ if exc else None))


@pytest.fixture
def ends():
    loop = asyncio.new_event_loop()
    client, server = End(), End()
    connect_pair(client, server, loop)
    yield loop, client, server
    loop.close()


def settle(loop):
    loop.run_until_complete(asyncio.sleep(0))
    for _ in range(5):
        loop.run_until_complete(asyncio.sleep(0))


def test_what_is_written_in_one_pass_arrives_as_one_piece(ends):
    loop, client, server = ends
    client.transport.write(b"ab")
    client.transport.write(b"cd")

    settle(loop)

    assert server.calls == ["made", b"abcd"]


def test_close_delivers_what_was_written_and_then_both_lose_the_connection(ends):
    loop, client, server = ends
    client.transport.write(b"bye")
    client.transport.close()

    settle(loop)

    assert server.calls == ["made", b"bye", "eof", ("lost", None)]
    assert client.calls == ["made", ("lost", None)]


def test_abort_drops_what_is_under_way_and_the_other_end_sees_a_reset(ends):
    loop, client, server = ends
    client.transport.write(b"lost")
    server.transport.abort()

    settle(loop)

    assert server.calls == ["made", ("lost", None)]
    assert client.calls == ["made", ("lost", "ConnectionResetError")]


def test_a_paused_end_receives_when_it_reads_again(ends):
    loop, client, server = ends
    server.transport.pause_reading()
    client.transport.write(b"wait")
    settle(loop)

    assert server.received == b""
    assert client.transport.get_write_buffer_size() == 4

    server.transport.resume_reading()
    settle(loop)

    assert server.received == b"wait"


def test_nothing_can_be_written_after_close(ends):
    loop, client, server = ends
    client.transport.close()
    client.transport.write(b"late")
    settle(loop)

    assert server.received == b""
    assert client.transport.is_closing()
