"""A year of 1-minute bars over a real socket: requests, time, and how long the loop stood still.

The gateway runs in a process of its own. The time of a callback is the processor's, so that
other programs of this machine do not count. A full pass of the garbage collector visits all
objects of the program, most of which were there before; ``--freeze`` takes those out.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection

from ib_async import IB, Contract
from report import Row, write
from typing_extensions import Self

from ibkit.history import History
from ibkit.sim import Scenario, SimGateway

NOW = dt.datetime(2026, 3, 2, 15, tzinfo=dt.timezone.utc)


async def _serve(pipe: Connection) -> None:
    async with SimGateway(seed=7, start=NOW, scenario=Scenario(sessions=True)) as gateway:
        pipe.send((gateway.port, gateway.market.instrument("ES").con_id))
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)


def serve(pipe: Connection) -> None:
    asyncio.run(_serve(pipe))


class Watch:
    """The processor time of every callback of the loop."""

    def __init__(self) -> None:
        self.longest: list[tuple[float, str]] = []
        self._run = asyncio.Handle._run

    def __enter__(self) -> Self:
        watch, run = self, self._run

        def timed(handle: asyncio.Handle) -> None:
            began = time.thread_time()
            run(handle)
            spent = time.thread_time() - began
            if spent > 0.005:
                watch.longest.append((spent, str(handle)[:90]))

        asyncio.Handle._run = timed
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.Handle._run = self._run


class Collector:
    """The full passes of the garbage collector."""

    def __init__(self) -> None:
        self.runs, self.longest, self._began = 0, 0.0, 0.0
        gc.callbacks.append(self._on_pass)

    def _on_pass(self, phase: str, info: dict[str, int]) -> None:
        if info["generation"] < 2:
            return
        if phase == "start":
            self._began = time.thread_time()
            return
        self.runs += 1
        self.longest = max(self.longest, time.thread_time() - self._began)


async def download(port: int, con_id: int, *, freeze: bool) -> None:
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, clientId=1)
    es = Contract(secType="FUT", conId=con_id, symbol="ES", exchange="CME", currency="USD")
    history = History(ib)
    await history.bars_async(es, NOW - dt.timedelta(days=2), NOW, "1 min")  # imports, caches
    if freeze:
        gc.freeze()  # what was there before is not ours to be measured
    collector = Collector()
    with Watch() as watch:
        began = time.perf_counter()
        series = await history.bars_async(es, NOW - dt.timedelta(days=365), NOW, "1 min")
        seconds = time.perf_counter() - began
    ib.disconnect()
    for spent, what in sorted(watch.longest, reverse=True)[:5]:
        print(f"{spent * 1000:6.1f} ms  {what}")
    longest = max((spent for spent, _ in watch.longest), default=0.0)
    write(
        "history",
        [
            once("bars", len(series)),
            once("requests", series.requests),
            once("holes", len(series.holes), "0"),
            once("seconds", seconds),
            once("longest callback, ms of CPU", longest * 1000, "at most 20"),
            once("full passes of the collector", collector.runs),
            once("the longest of them, ms of CPU", collector.longest * 1000),
        ],
    )


def once(what: str, number: float, aim: str = "") -> Row:
    return Row(what, number, number, number, aim)


def main() -> None:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    process.start()
    try:
        asyncio.run(download(*ours.recv(), freeze="--freeze" in sys.argv))
    finally:
        ours.send("end")
        process.join()


if __name__ == "__main__":
    main()
