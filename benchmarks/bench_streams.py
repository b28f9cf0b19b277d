"""What streams cost beside a handler written by hand on bare ib_async, over real sockets.

The sender is a process of its own, which speaks just enough of the protocol. Bare and kit take
turns, and each pair gives one ratio. Time is the processor's time of the receiving process, so
that other programs of this machine do not count; throughput is messages by that time.

The time of a tick for 10 and for 1000 lines is compared once every line has ticked, with reads of
at most ten ticks, each of another line: in large reads each of few lines has many ticks, which a
consumer reads at one go. What grows is the way to memory that no longer fits the nearest caches: to
what is kept of a line, and to what asyncio keeps of a waiting task. It grows with whatever else
uses those caches, and when ticks trickle, so that the processor does something else between two
reads; so it does for a handler on bare ib_async.

    python benchmarks/bench_streams.py            everything
    python benchmarks/bench_streams.py quick      fewer messages and pairs
"""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import statistics
import struct
import sys
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from ib_async import IB, Contract, Ticker
from report import Row, write

from ibkit._ib._pacer import Pacing
from ibkit._ib._requests import Requests
from ibkit._ib._sender import Sender
from ibkit.streams import Buffer, Quote, Stream, StreamLimits, StreamManager

QUICK = "quick" in sys.argv
MESSAGES = 20_000 if QUICK else 200_000
PAIRS = 3 if QUICK else 7
MANY = 100_000 if QUICK else 1_000_000
CYCLES = 1000 if QUICK else 10_000
LINES = 100
SMALL_READ = 190
"""Bytes of ten sizes; a price takes 28."""
FIRST_ID = 10_001
"""All request ids have five digits, so that messages are as long for many lines as for few."""
TURNS_BEFORE = 8
EVERY = Buffer(MESSAGES, "drop-oldest")
NEWEST = Buffer(1, "conflate")
LIMITS = StreamLimits(lines=10**6, minimum_hold=0)
NO_PACING = Pacing(limit=10**9, waiting=10**6)
MEGABYTE = 2**20


# -- the sender, in its own process


def frame(*fields: object) -> bytes:
    text = "".join(f"{field}\0" for field in fields).encode()
    return struct.pack(">I", len(text)) + text


def traffic(req_ids: list[str], count: int, turns: int = 0) -> bytes:
    """Prices and sizes in turn, each of which changes something, for one line after another."""
    messages = []
    for n in range(count):
        req_id, turn = req_ids[n % len(req_ids)], turns + n // len(req_ids)
        if turn % 2:
            messages.append(frame(2, 6, req_id, (0, 3)[turn // 2 % 2], turn % 90 + 10))
        else:
            price = f"{5000 + turn % 160 / 4:.2f}"
            messages.append(frame(1, 6, req_id, (1, 2)[turn // 2 % 2], price, turn % 9 + 1, 0))
    return b"".join(messages)


class Peer:
    """One client of the sender."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.lines: list[str] = []

    async def serve(self) -> None:
        await self.reader.readexactly(4)
        await self._read()
        self.writer.write(frame(178, "20260302 15:00:00 UTC"))
        try:
            while True:
                self._answer(await self._read())
                await self.writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.writer.close()

    async def _read(self) -> list[str]:
        (size,) = struct.unpack(">I", await self.reader.readexactly(4))
        return (await self.reader.readexactly(size)).decode().split("\0")

    def _answer(self, fields: list[str]) -> None:
        if fields[0] == "71":
            self.writer.write(frame(15, 1, "DU1") + frame(9, 1, FIRST_ID))
        elif fields[0] == "59" and int(fields[2]) < 0:
            self.trickle = asyncio.ensure_future(self._trickle(-int(fields[2])))
        elif fields[0] == "1":
            self.lines.append(fields[2])
        elif fields[0] == "2":
            self.lines.remove(fields[2])
        elif fields[0] == "59":  # stands for "send so many messages"; below zero: trickle
            self.writer.write(traffic(self.lines, int(fields[2])))

    async def _trickle(self, count: int) -> None:
        """Send ten messages at a time, as they come on a day: few lines tick at one moment."""
        lines = list(self.lines)
        for first in range(0, count, 10):
            turned = lines[first % len(lines) :] + lines[: first % len(lines)]
            self.writer.write(traffic(turned, 10, first // len(lines)))
            await asyncio.sleep(0.0005)


async def _send(pipe: Connection) -> None:
    server = await asyncio.start_server(lambda r, w: Peer(r, w).serve(), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
    server.close()


def send(pipe: Connection) -> None:
    asyncio.run(_send(pipe))


# -- the receivers


def contract(number: int) -> Contract:
    return Contract(secType="FUT", conId=number, symbol="ES", exchange="CME", currency="USD")


async def connect(port: int) -> IB:
    ib = IB()
    ib.client.MaxRequests = 0
    await ib.client.connectAsync("127.0.0.1", port, 1)
    return ib


class Receiver:
    """Counts what arrives, and says when all has."""

    left: int
    done: asyncio.Future[None]

    def expect(self, count: int) -> asyncio.Future[None]:
        """Begin again."""
        self.left, self.done = count, asyncio.get_running_loop().create_future()
        return self.done

    def take(self, count: int) -> None:
        self.left -= count
        if self.left <= 0 and not self.done.done():
            self.done.set_result(None)


class Poller(Receiver):
    """Looks at the last line now and then, instead of reading each."""

    def __init__(self, last: Stream[Quote], lines: int) -> None:
        self.last, self.lines, self.sent = last, lines, 0

    def expect(self, count: int) -> asyncio.Future[None]:
        self.sent += count // self.lines
        return asyncio.ensure_future(self._until(self.sent))

    async def _until(self, sent: int) -> None:
        while self.last.unread + self.last.dropped < sent:  # noqa: ASYNC110 - as a poller does
            await asyncio.sleep(0.005)


class Way(NamedTuple):
    """How the messages come."""

    read_size: int = 0
    """Bytes read at once at most; 0 for as many as asyncio will."""
    trickles: bool = False


BURST, SMALL_READS, TRICKLE = Way(), Way(read_size=SMALL_READ), Way(trickles=True)


async def measure(
    ib: IB, receiver: Receiver, lines: int, count: int, copies: int, way: Way
) -> float:
    """Let the sender send, and give the processor's seconds until all is received."""
    if way.read_size:
        ib.client.conn.transport.max_size = way.read_size  # asyncio's name for it
    await asyncio.sleep(0.2)
    before = receiver.expect(TURNS_BEFORE * lines * copies)
    ib.client.reqMarketDataType(TURNS_BEFORE * lines)
    await asyncio.wait_for(before, 60)
    gc.collect()
    done = receiver.expect(count * copies)
    began = time.process_time()
    ib.client.reqMarketDataType(-count if way.trickles else count)
    await asyncio.wait_for(done, 60)
    return time.process_time() - began


async def bare(port: int, lines: int = LINES, count: int = MESSAGES, way: Way = BURST) -> float:
    """A handler on the event of each ticker, which looks at each of its ticks."""
    ib = await connect(port)
    receiver = Receiver()
    bids = {}

    def on_update(ticker: Ticker) -> None:
        for _tick in ticker.ticks:
            bids[ticker.contract.conId] = ticker.bid
        receiver.take(len(ticker.ticks))

    for number in range(1, lines + 1):
        ib.reqMktData(contract(number)).updateEvent += on_update
    seconds = await measure(ib, receiver, lines, count, 1, way)
    ib.disconnect()
    return seconds


def kit(
    buffer: Buffer,
    consumers: int = 1,
    lines: int = LINES,
    count: int = MESSAGES,
    way: Way = BURST,
) -> Callable[[int], Awaitable[float]]:
    """`async for` over every line."""

    async def run(port: int) -> float:
        ib = await connect(port)
        requests = Requests(ib, sender=Sender(ib, NO_PACING))
        streams = StreamManager(ib, limits=LIMITS, requests=requests, stale_after=None)
        opened = [
            streams.quotes(contract(number), buffer=buffer, keep=0)
            for _ in range(consumers)
            for number in range(1, lines + 1)
        ]
        receiver = Receiver()
        bids = {}

        async def consume(stream: Stream[Quote]) -> None:
            dropped = 0
            async for quote in stream:
                bids[quote.con_id] = quote.bid
                receiver.take(1 + stream.dropped - dropped)
                dropped = stream.dropped

        async def consume_every(stream: Stream[Quote]) -> None:
            async for quote in stream:
                bids[quote.con_id] = quote.bid
                receiver.take(1)

        each = consume if buffer is NEWEST else consume_every
        tasks = [asyncio.ensure_future(each(stream)) for stream in opened]
        seconds = await measure(ib, receiver, lines, count, consumers, way)
        assert buffer is NEWEST or not sum(stream.dropped for stream in opened)
        for task in tasks:
            task.cancel()
        streams.close()
        requests.close()
        ib.disconnect()
        return seconds

    return run


def unread(lines: int) -> Callable[[int], Awaitable[float]]:
    """No task for any line: whoever wants to know looks at `Stream.latest`."""

    async def run(port: int) -> float:
        ib = await connect(port)
        requests = Requests(ib, sender=Sender(ib, NO_PACING))
        streams = StreamManager(ib, limits=LIMITS, requests=requests, stale_after=None)
        opened = [streams.quotes(contract(n), buffer=NEWEST, keep=0) for n in range(1, lines + 1)]
        poller = Poller(opened[-1], lines)
        seconds = await measure(ib, poller, lines, MESSAGES, 1, SMALL_READS)
        streams.close()
        requests.close()
        ib.disconnect()
        return seconds

    return run


# -- what is measured


async def pairs(
    what: str, aim: str, port: int, one: Callable[[int], Awaitable[float]],
    other: Callable[[int], Awaitable[float]],
) -> Row:  # fmt: skip
    """The time of *one* over that of *other*, pair by pair, now one first and now the other."""
    ratios = []
    for n in range(PAIRS):
        first, second = (one, other) if n % 2 else (other, one)
        ratio = await first(port) / await second(port)
        ratios.append(ratio if n % 2 else 1 / ratio)
    return Row(what, statistics.median(ratios), min(ratios), max(ratios), aim)


async def throughput(port: int) -> list[Row]:
    await bare(port)
    await kit(EVERY)(port)
    seconds = [await bare(port) for _ in range(3)]
    rate = [MESSAGES / each for each in seconds]
    return [
        Row("bare ib_async, messages per second of processor", statistics.median(rate), min(rate),
            max(rate), "for comparison"),
        await pairs("every tick, 100 lines: throughput / bare", ">= 0.80", port, bare, kit(EVERY)),
        await pairs("conflated: throughput / bare", ">= 0.95", port, bare, kit(NEWEST)),
        await pairs("a second consumer: time / one", "<= 1.30", port, kit(EVERY, 2), kit(EVERY)),
    ]  # fmt: skip


async def flatness(port: int) -> list[Row]:
    few = MESSAGES // 5

    def of(lines: int) -> Callable[[int], Awaitable[float]]:
        return kit(EVERY, lines=lines, way=SMALL_READS)

    def bare_of(lines: int) -> Callable[[int], Awaitable[float]]:
        return lambda port: bare(port, lines, way=SMALL_READS)

    def trickle(lines: int) -> Callable[[int], Awaitable[float]]:
        return kit(EVERY, lines=lines, count=few, way=TRICKLE)

    def bare_trickle(lines: int) -> Callable[[int], Awaitable[float]]:
        return lambda port: bare(port, lines, few, TRICKLE)

    flat, compare = "0.85 to 1.15", "for comparison"
    return [
        await pairs("100 lines: time per tick / 10 lines", flat, port, of(100), of(10)),
        await pairs("1000 lines: time per tick / 10 lines", flat, port, of(1000), of(10)),
        await pairs("the same, bare ib_async", compare, port, bare_of(1000), bare_of(10)),
        await pairs("the same, no task reads them", flat, port, unread(1000), unread(10)),
        await pairs("1000 lines that trickle: time per tick / 10 lines", compare, port,
                    trickle(1000), trickle(10)),
        await pairs("the same, bare ib_async", compare, port,
                    bare_trickle(1000), bare_trickle(10)),
    ]  # fmt: skip


def resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def growth(port: int) -> list[Row]:
    grown = []
    for what, run in (
        (f"{MANY:,} ticks: MB that ibkit grows by", kit(Buffer(1000, "drop-oldest"), lines=100)),
        (f"{MANY:,} ticks: MB that bare ib_async grows by", bare),
    ):
        await run(port)
        before = resident()
        for _ in range(MANY // MESSAGES):
            await run(port)
        grown.append((what, (resident() - before) / MEGABYTE))
    grown += [await cycles_of_kit(port), await cycles_of_bare(port)]
    return [
        Row(what, amount, amount, amount, "< 5" if "ibkit" in what else "for comparison")
        for what, amount in grown
    ]


async def cycles_of_kit(port: int) -> tuple[str, float]:
    ib = await connect(port)
    requests = Requests(ib, sender=Sender(ib, NO_PACING))
    with StreamManager(ib, limits=LIMITS, requests=requests, stale_after=None) as streams:
        amount = await grown_by(lambda number: streams.quotes(contract(number)).close())
    requests.close()
    ib.disconnect()
    return f"{CYCLES:,} subscriptions: MB that ibkit grows by", amount


async def cycles_of_bare(port: int) -> tuple[str, float]:
    ib = await connect(port)

    def cycle(number: int) -> None:
        ib.reqMktData(contract(number))
        ib.cancelMktData(contract(number))

    amount = await grown_by(cycle)
    ib.disconnect()
    return f"{CYCLES:,} subscriptions: MB that bare ib_async grows by", amount


async def grown_by(cycle: Callable[[int], None]) -> float:
    """Do it so often, after a thousand times to warm up; return the growth in megabytes."""
    before = 0
    for number in range(1, CYCLES + 1001):
        cycle(number)
        if number % 50 == 0:
            await asyncio.sleep(0)
        if number == 1000:
            await asyncio.sleep(0.5)
            before = resident()
    await asyncio.sleep(0.5)
    return (resident() - before) / MEGABYTE


async def everything(port: int) -> list[Row]:
    return [*await throughput(port), *await flatness(port), *await growth(port)]


def main() -> None:
    logging.disable(logging.CRITICAL)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=send, args=(theirs,))
    process.start()
    try:
        rows = asyncio.run(everything(ours.recv()))
    finally:
        ours.send("end")
        process.join()
    write("streams", rows)


if __name__ == "__main__":
    main()
