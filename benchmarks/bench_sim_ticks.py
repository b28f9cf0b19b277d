"""What ticks cost the simulator, and the ib_async client in another process that gets them by TCP.

Both are measured over the same seconds and so over the same ticks: the ratio of their CPU times is
the ratio per tick, however busy the machine is.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import statistics
import sys
import time
from typing import Any

from report import Row, write

from ibkit.sim import Limits, Scenario, SimGateway

SECONDS = 2.0
PAIRS = 5
SPEEDS = {1: 400, 100: 8, 1000: 1}
"""Lines -> simulated seconds per second, so that there are some thousand ticks per second."""

START = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
"""A Monday, 10:00 in New York: the same market in every run."""


# -- the client, in its own process


async def client(port: int, con_ids: list[int]) -> None:
    from ib_async import IB, Contract

    ib = IB()
    await ib.connectAsync("127.0.0.1", port, clientId=1, timeout=30)
    for con_id in con_ids:
        ib.reqMktData(Contract(conId=con_id))
    loop = asyncio.get_running_loop()
    while word := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        answer = time.process_time() if word == "cpu" else len(ib.pendingTickers())
        print(json.dumps(answer), flush=True)
    ib.disconnect()


# -- the simulator


class Child:
    """The client process, spoken to by lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout, self.process = process.stdin, process.stdout, process

    async def ask(self, word: str) -> Any:
        self._stdin.write(f"{word}\n".encode())
        return json.loads(await self._stdout.readline())

    async def end(self) -> None:
        self._stdin.write(b"\n")
        await self.process.wait()


async def start(gateway: SimGateway, con_ids: list[int]) -> Child:
    arguments = [str(gateway.port), json.dumps(con_ids)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, *arguments, stdin=pipe, stdout=pipe
    )
    child = Child(process)
    while len([s for s in gateway.truth.subscriptions if s.kind == "quotes"]) < len(con_ids):  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    await asyncio.sleep(1)
    return child


def instruments(gateway: SimGateway, count: int) -> list[int]:
    """The con ids of liquid stocks, then of futures of every month that is listed."""
    market = gateway._floor.market
    now = gateway.clock.now()
    from ibkit.products import PRODUCTS
    from ibkit.sim._market import Question

    found: dict[int, None] = {}
    for product in PRODUCTS:
        question = Question(sec_type="FUT", symbol=product.symbol, exchange=product.exchange)
        listed = market.listings.find(question, now.date())
        if isinstance(listed, list):
            found.update({each.con_id: None for each in listed})
    return list(found)[:count]


async def ratios(lines: int) -> tuple[list[float], list[float]]:
    """Return simulator / client CPU, pair by pair; and the simulator's load, in processors."""
    limits = Limits(lines=lines, messages_per_second=100_000)
    gateway = SimGateway(scenario=Scenario(limits=limits), speed=SPEEDS[lines], start=START)
    found, loads = [], []
    async with gateway:
        child = await start(gateway, instruments(gateway, lines))
        for _ in range(PAIRS):
            theirs, ours, began = await child.ask("cpu"), time.process_time(), time.monotonic()
            await asyncio.sleep(SECONDS)
            ours = time.process_time() - ours
            theirs = await child.ask("cpu") - theirs
            found.append(ours / theirs)
            loads.append(ours / (time.monotonic() - began))
        await child.end()
    return found, loads


def main() -> None:
    rows = []
    for lines in SPEEDS:
        found, loads = asyncio.run(ratios(lines))
        what = f"CPU per tick, simulator / client, {lines} line{'s' if lines > 1 else ''}"
        rows.append(Row(what, statistics.median(found), min(found), max(found), "below 1"))
        rows.append(
            Row(
                "processors in use by the simulator",
                statistics.median(loads),
                min(loads),
                max(loads),
                "",
            )
        )
    write("ticks", rows)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(client(int(sys.argv[1]), json.loads(sys.argv[2])))
    else:
        main()
