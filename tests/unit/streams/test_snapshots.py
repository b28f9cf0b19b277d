import asyncio

import pytest

from ibkit.errors import RequestTimeout, StreamBroken
from ibkit.streams import StreamManager
from ibkit.streams._buffers import Buffer
from ibkit.streams._decisions import PoolStatistics
from ibkit.streams._snapshots import last_of, time_for


@pytest.mark.parametrize(
    ("count", "used", "limit", "seconds"),
    [(1, 0, 100, 15), (100, 0, 100, 15), (101, 0, 100, 30), (10, 99, 100, 150), (7, 0, None, 15),
     (3, 100, 100, 45), (0, 0, 100, 15)],
)  # fmt: skip
def test_as_much_time_as_they_need_to_take_turns(count, used, limit, seconds):
    assert time_for(count, PoolStatistics(used=used, limit=limit, waiting=0)) == seconds


def stream_of(wire, es):
    return StreamManager(wire.ib, requests=wire.requests).quotes(es, buffer=Buffer())


def test_the_last_value_before_the_end(on_wire, es):
    async def test(wire):
        stream = stream_of(wire, es)
        wire.quote(1)
        wire.later(1, lambda: wire.error(1, 10180, "expired"))
        return (await last_of(stream, 5)).ask

    assert on_wire(test) == 5001


def test_an_end_that_does_not_come(on_wire, es):
    async def test(wire):
        stream = stream_of(wire, es)
        wire.quote(1)
        with pytest.raises(RequestTimeout, match="within 5 s"):
            await last_of(stream, 5)
        return stream.is_closed

    assert on_wire(test) is False


def test_an_end_without_a_value(on_wire, es):
    async def test(wire):
        stream = stream_of(wire, es)
        stream._line.is_started = True
        wire.later(1, lambda: wire.error(1, 10180, "expired"))
        with pytest.raises(RequestTimeout, match="TWS ended it without a value"):
            await last_of(stream, 5)

    on_wire(test)


def test_an_end_with_an_error(on_wire, es):
    async def test(wire):
        stream = stream_of(wire, es)
        wire.later(1, lambda: wire.error(1, 200, "No security definition"))
        await asyncio.sleep(0)
        with pytest.raises(StreamBroken):
            await last_of(stream, 5)

    on_wire(test)
