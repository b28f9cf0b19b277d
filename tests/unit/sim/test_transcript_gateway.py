import asyncio
import struct

import pytest

from ibkit.sim import TranscriptError, TranscriptGateway
from ibkit.sim._transcript import fields_of
from ibkit.testing import run_virtual

HELLO = b"API\0" + struct.pack(">I", 9) + b"v157..178"

DAY = """ibkit-transcript 1
0 1 < Welcome version=176 time="20260302 10:00:00 MET"
0 1 > StartApi client_id=3
0 1 < NextValidId order_id=5
60 1 < Closed
1 1 > ReqMktData req_id=7 symbol=ES
2 1 < TickPrice req_id=7 price=5000
2 1 < TickPrice req_id=7 price=5001
2 1 < TickPrice req_id=7 price=5002
4 1 < TickPrice req_id=7 price=5003
0 2 < Welcome version=176 time=second
"""


def frame(*fields):
    payload = "".join(f"{field}\0" for field in fields).encode()
    return struct.pack(">I", len(payload)) + payload


class Client(asyncio.Protocol):
    def __init__(self):
        self.data = b""
        self.lost = False

    def data_received(self, data):
        self.data += data

    def connection_lost(self, exc):
        self.lost = True

    @property
    def heard(self):
        found, rest = [], self.data
        while rest:
            (length,) = struct.unpack(">I", rest[:4])
            found.append(fields_of(rest[4 : 4 + length]))
            rest = rest[4 + length :]
        return found

    @property
    def prices(self):
        return [fields[4] for fields in self.heard if fields[0] == "1"]


@pytest.fixture
def run(tmp_path):
    def run(test, text=DAY, **options):
        (tmp_path / "day.txt").write_text(text)

        async def main():
            gateway = TranscriptGateway(tmp_path / "day.txt", **{"port": None, **options})
            async with gateway:
                return await test(gateway)

        return run_virtual(main())

    return run


def connected(gateway, hello=HELLO):
    client = Client()
    transport = gateway.connect(client)
    transport.write(hello)
    return client, transport


QUOTES = frame(1, 11, 99, 0, "ES")
LOG_IN = frame(71, 2, 8, "")


def test_the_recorded_version_and_time_are_announced(run):
    async def test(gateway):
        client, _ = connected(gateway)
        await asyncio.sleep(0.1)
        return client.heard

    assert run(test) == [("176", "20260302 10:00:00 MET")]


def test_answers_come_in_their_order_after_their_delays(run):
    async def test(gateway):
        client, transport = connected(gateway)
        transport.write(LOG_IN + QUOTES)
        await asyncio.sleep(0.9)
        early = client.prices
        await asyncio.sleep(0.2)
        middle = client.prices
        await asyncio.sleep(2)
        return early, middle, client.prices

    assert run(test) == ([], ["5000", "5001", "5002"], ["5000", "5001", "5002", "5003"])


def test_a_transcript_may_be_played_faster(run):
    async def test(gateway):
        client, transport = connected(gateway)
        transport.write(LOG_IN + QUOTES)
        await asyncio.sleep(0.31)
        return len(client.prices)

    assert run(test, speed=10) == 4


def test_a_cancel_ends_what_is_still_to_come(run):
    async def test(gateway):
        client, transport = connected(gateway)
        transport.write(LOG_IN + QUOTES)
        await asyncio.sleep(2)
        transport.write(frame(2, 2, 99))
        await asyncio.sleep(5)
        return len(client.prices)

    assert run(test) == 3


def test_the_server_closes_where_the_recorded_one_did(run):
    async def test(gateway):
        client, transport = connected(gateway)
        transport.write(LOG_IN)
        await asyncio.sleep(59)
        before = client.lost
        await asyncio.sleep(2)
        return before, client.lost

    assert run(test) == (False, True)


def test_each_connection_meets_the_next_one_and_then_the_first_again(run):
    async def test(gateway):
        clients = [connected(gateway)[0] for _ in range(3)]
        await asyncio.sleep(0.1)
        return [client.heard[0][1] for client in clients]

    assert run(test) == ["20260302 10:00:00 MET", "second", "20260302 10:00:00 MET"]


@pytest.mark.parametrize(
    "hello",
    [
        b"API\0" + struct.pack(">I", 9) + b"v157..170",
        b"API\0" + struct.pack(">I", 9) + b"v177..178",
        b"API\0" + struct.pack(">I", 5) + b"hello",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_who_does_not_speak_its_version_is_closed(run, hello):
    async def test(gateway):
        client, _ = connected(gateway, hello)
        await asyncio.sleep(0.1)
        return client.lost, client.data

    assert run(test) == (True, b"")


def test_who_says_nothing_is_closed(run):
    async def test(gateway):
        client, _ = connected(gateway, b"")
        await asyncio.sleep(31)
        return client.lost

    assert run(test)


def test_nothing_is_left_when_a_client_goes(run):
    async def test(gateway):
        _, transport = connected(gateway)
        transport.write(LOG_IN + QUOTES)
        await asyncio.sleep(0.1)
        transport.close()
        await asyncio.sleep(0.1)
        loop = asyncio.get_running_loop()
        return [handle for handle in loop._scheduled if not handle.cancelled()]

    assert run(test) == []


def test_the_stop_ends_every_connection(run):
    async def test(gateway):
        client, _ = connected(gateway)
        await gateway.stop()
        await gateway.stop()
        await asyncio.sleep(0.1)
        with pytest.raises(ConnectionRefusedError):
            gateway.connect(Client())
        return client.lost

    assert run(test)


def test_a_transcript_that_cannot_be_read_is_an_error_before_anything_starts(tmp_path):
    (tmp_path / "bad.txt").write_text("ibkit-transcript 1\n0 1 < Nothing\n")

    with pytest.raises(TranscriptError, match=r"bad\.txt:2: no message"):
        TranscriptGateway(tmp_path / "bad.txt")


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "day.txt").write_bytes(b"\xff\xfe")

    with pytest.raises(TranscriptError, match=r"day\.txt:1: is no text"):
        TranscriptGateway(tmp_path / "day.txt")


def test_a_speed_is_above_0(tmp_path):
    with pytest.raises(ValueError, match="speed"):
        TranscriptGateway(tmp_path / "day.txt", speed=0)


def test_it_does_not_start_twice_at_a_time_and_has_no_port_without_one(run):
    async def test(gateway):
        with pytest.raises(RuntimeError, match="is running"):
            await gateway.start()
        with pytest.raises(RuntimeError, match="does not listen"):
            _ = gateway.port

    run(test)
