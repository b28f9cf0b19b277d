import asyncio
import contextlib
import struct

import pytest

from ibkit.sim import TranscriptRecorder
from ibkit.testing import run_virtual

pytestmark = pytest.mark.tcp

HELLO = b"API\0" + struct.pack(">I", 9) + b"v157..178"
WELCOME = struct.pack(">I", 8) + b"178\x00now\0"
ACCOUNTS = struct.pack(">I", 14) + b"15\x001\0U1234567\0"


async def behave(reader, writer):
    """Be a TWS that greets, names an account, and closes on the next request."""
    with contextlib.suppress(asyncio.IncompleteReadError):  # some tests only come and go
        await reader.readexactly(len(HELLO))
        writer.write(WELCOME)
        await reader.readexactly(4)
        writer.write(ACCOUNTS)
    writer.close()


def run(test):
    async def main():
        async with await asyncio.start_server(behave, "127.0.0.1", 0) as upstream:
            return await test(upstream.sockets[0].getsockname())

    return run_virtual(main())


def lines(path):
    return [line.partition(" ")[2] for line in path.read_text().splitlines()[1:]]


@pytest.mark.parametrize(("scrub", "account"), [(True, "DU9000001"), (False, "U1234567")])
def test_both_sides_hear_each_other_and_it_is_written_down(tmp_path, scrub, account):
    path = tmp_path / "t.txt"

    async def test(address):
        async with TranscriptRecorder(path, address, scrub=scrub) as recorder:
            reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port)
            writer.write(HELLO)
            welcome = await reader.readexactly(len(WELCOME))
            writer.write(b"\0\0\0\x0561\x001\0")
            rest = await reader.read()
            writer.close()
            return welcome, rest

    assert run(test) == (WELCOME, ACCOUNTS)
    assert lines(path) == [
        "1 > Hello versions=v157..178",
        "1 < Welcome version=178 time=now",
        "1 > ReqPositions",
        f"1 < ManagedAccounts accounts_list={account}",
        "1 < Closed",
    ]


def test_a_tws_that_is_not_there_closes_the_client(tmp_path, caplog):
    async def main():
        async with TranscriptRecorder(tmp_path / "t.txt", ("127.0.0.1", 1)) as recorder:
            reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port)
            answer = await reader.read()
            writer.close()
            return answer

    assert run_virtual(main()) == b""
    assert "127.0.0.1:1 cannot be reached" in caplog.text


def test_the_stop_ends_what_is_open(tmp_path):
    async def test(address):
        recorder = await TranscriptRecorder(tmp_path / "t.txt", address).start()
        reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port)
        writer.write(HELLO)
        await reader.readexactly(len(WELCOME))
        await recorder.stop()
        await recorder.stop()
        answer = await reader.read()
        writer.close()
        return answer

    assert run(test) == b""


def test_a_port_that_is_taken_leaves_nothing_open(tmp_path):
    async def test(address):
        recorder = TranscriptRecorder(tmp_path / "t.txt", address, port=address[1])
        with pytest.raises(OSError, match="Choose another port"):
            await recorder.start()
        with pytest.raises(RuntimeError, match="start it first"):
            _ = recorder.port

    run(test)


def test_it_does_not_start_twice_at_a_time(tmp_path):
    async def test(address):
        async with TranscriptRecorder(tmp_path / "t.txt", address) as recorder:
            with pytest.raises(RuntimeError, match="is running"):
                await recorder.start()

    run(test)


@pytest.mark.parametrize("upstream", ["127.0.0.1:7497", ("127.0.0.1", "7497"), None])
def test_a_tws_is_a_host_and_a_port(tmp_path, upstream):
    with pytest.raises(ValueError, match=r"upstream: got .*; wanted host and port"):
        TranscriptRecorder(tmp_path / "t.txt", upstream)
