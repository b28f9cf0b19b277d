"""What the same job costs a client, by library, on the same gateway and over TCP.

Each client is a process of its own, of which the processor time is measured: to log in and have the
quotes of twenty lines, for each quote that the gateway then moves, for each of many limit orders
until all are acknowledged, and for a market order until the program knows that it has filled. The
libraries take turns, and each turn gives one ratio to the bare ib_async of the same turn.

They do not do the same: ibapi calls a method, ib_async and ib_insync keep a ticker and a trade,
ezib_async asks for the details of each contract too, ibkit besides checks, paces, watches, keeps
a truth, and begins with all that an earlier run of the program may have left. ibapi is what IB last
put on PyPI, ibapi-latest a copy of its newer releases by other hands.

    python benchmarks/bench_clients.py            everything
    python benchmarks/bench_clients.py quick      fewer of all
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from neighbours import CLIENTS, Client, environment_of
from report import Row, write

from ibkit.sim import Limits, Scenario, SimGateway

QUICK = "quick" in sys.argv
TURNS, QUOTES, ORDERS, FILLS = (2, 400, 20, 4) if QUICK else (5, 4_000, 100, 20)
PATIENCE = 120
ROOTS = (
    "ES", "NQ", "RTY", "MES", "MNQ", "6E", "6J", "6B", "ZN", "ZB",
    "ZC", "ZS", "ZW", "LE", "CL", "NG", "RB", "GC", "SI", "HG",
)  # fmt: skip
BARE = "ib_async"


class Cost(NamedTuple):
    """What one turn of one client took of the processor, in microseconds; the wait in real time."""

    start: float
    quote: float
    order: float
    fill: float
    wait: float


WHAT = {
    "start": ("Log in, and have twenty lines", "ms of CPU", 1e3),
    "quote": ("A quote", "us of CPU", 1),
    "order": ("A limit order, acknowledged", "us of CPU", 1),
    "fill": ("A market order, filled", "us of CPU", 1),
    "wait": ("The same, until the program knows", "ms", 1e3),
}
"""Field of a cost -> its title, its unit, and how many microseconds that is."""


class Child:
    """The process of a client. It says how much of the processor it has used after each word."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.used = 0.0

    async def heard(self) -> object:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            assert self.process.stderr is not None
            said = (await self.process.stderr.read()).decode().strip().splitlines()
            raise ChildProcessError(said[-1] if said else "it ended without a word")
        return json.loads(line)

    async def do(self, words: str) -> tuple[float, float]:
        """Return microseconds of the processor since the last word, and microseconds of waiting."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{words}\n".encode())
        used, took = await self.heard()  # type: ignore[misc]  # what told.py prints
        spent, self.used = used - self.used, used
        return spent * 1e6, took * 1e6


async def turn(client: Client, environment: Mapping[str, str]) -> tuple[str, Cost]:
    """Run one client on a fresh gateway; return its version and its costs."""
    generous = Scenario(limits=Limits(messages_per_second=100_000))
    async with SimGateway(scenario=generous) as gateway:
        names = [f"{one.con_id}@{one.exchange}" for one in map(gateway.market.instrument, ROOTS)]
        move(gateway, 0)
        pipe = subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("clients") / client.program),
            str(gateway.port),
            *names,
            env=environment,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
        )
        try:
            child = Child(process)
            version = str(await child.heard())
            return version, await costs(gateway, child)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def costs(gateway: SimGateway, child: Child) -> Cost:
    await child.do("cpu")
    start, _ = await child.do("connect")
    await asyncio.sleep(1)
    await child.do("cpu")
    for n in range(0, QUOTES, len(ROOTS)):
        move(gateway, n)
        await asyncio.sleep(0.01)
    await asyncio.sleep(1)
    quotes, _ = await child.do("cpu")
    fills = [await child.do(f"fill {('BUY', 'SELL')[n % 2]}") for n in range(FILLS)]
    fill, wait = (statistics.median(kind) for kind in zip(*fills, strict=True))
    await asyncio.sleep(1.5)  # for the limit of messages that a client keeps by itself
    await child.do("cpu")
    order, _ = await child.do(f"place {ORDERS}")
    return Cost(start, quotes / QUOTES, order / ORDERS, fill, wait)


def move(gateway: SimGateway, n: int) -> None:
    """Move every line once."""
    for root in ROOTS:
        gateway.market.quote(root, bid=4990 + n % 7, ask=5000 + n % 9)


async def all_turns() -> tuple[dict[str, list[Cost]], list[str]]:
    """Return the costs by library and version, and what cannot be measured with the reason."""
    found: dict[str, list[Cost]] = {}
    failed: dict[Client, str] = {}
    for _ in range(TURNS):
        for client in CLIENTS:
            if client not in failed:
                answer = await attempt(client)
                if isinstance(answer, str):
                    failed[client] = answer
                else:
                    version, cost = answer
                    found.setdefault(f"{client.name} {version}", []).append(cost)
    return found, [f"{client.name}: {why}" for client, why in failed.items()]


async def attempt(client: Client) -> tuple[str, Cost] | str:
    """Return the version and the costs of one turn, or why there are none."""
    try:
        return await asyncio.wait_for(turn(client, environment_of(client)), PATIENCE)
    except subprocess.CalledProcessError as error:
        said = (error.stderr or "").strip().splitlines() or [str(error)]
        return f"cannot be installed: {said[-1]}"
    except (ChildProcessError, asyncio.TimeoutError) as error:
        return f"does not do it: {error or 'no answer'}"


def rows(found: Mapping[str, list[Cost]], field: str) -> list[Row]:
    """Return the costs of the bare library, and those of the others by it."""
    _, unit, worth = WHAT[field]
    bare = next(name for name in found if name.startswith(f"{BARE} "))
    base = [getattr(cost, field) for cost in found[bare]]
    made = [row(f"{bare}, {unit}", [one / worth for one in base])]
    for name, spent in found.items():
        if name != bare:
            pairs = zip(spent, base, strict=False)  # a library that broke off has fewer
            ratios = [getattr(cost, field) / one for cost, one in pairs]
            made.append(row(f"{name} / {BARE}", ratios))
    return made


def row(what: str, numbers: list[float]) -> Row:
    return Row(what, statistics.median(numbers), min(numbers), max(numbers), "")


def main() -> None:
    found, notes = asyncio.run(all_turns())
    for field, (title, _, _) in WHAT.items():
        last = "\n".join(f"* {note}" for note in notes) if field == "wait" else ""
        write(title, rows(found, field), last)


if __name__ == "__main__":
    main()
