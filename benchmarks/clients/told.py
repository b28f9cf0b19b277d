"""What a client of the benchmark does, told by a word on its standard input."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import NamedTuple, Protocol


class Line(NamedTuple):
    """A contract, by what is enough to ask for it."""

    con_id: int
    exchange: str


class Program(Protocol):
    """A program on one library. Each step returns when the program itself knows that it is done."""

    async def connect(self, port: int, lines: list[Line]) -> None:
        """Log in, and ask for the quotes of every line until each has a bid."""

    async def place(self, count: int) -> None:
        """Send so many limit orders for the first line at once, until all are acknowledged."""

    async def fill(self, side: str) -> None:
        """Send a market order for one of the first line, until it has filled."""

    async def close(self) -> None:
        """Log out."""


def told(make: Callable[[], Program], distribution: str) -> None:
    """Do what the parent says until it closes the pipe. The arguments are the port and lines."""
    port, *lines = sys.argv[1:]
    wanted = [Line(int(con_id), exchange) for con_id, _, exchange in map(_parted, lines)]
    gc.collect()
    gc.freeze()  # a full pass over all that was imported would fall on one step or another
    print(json.dumps(version(distribution)), flush=True)
    asyncio.run(_obey(make(), int(port), wanted))


def _parted(text: str) -> tuple[str, str, str]:
    return text.partition("@")


async def _obey(program: Program, port: int, lines: list[Line]) -> None:
    steps: dict[str, Callable[[str], Awaitable[None]]] = {
        "connect": lambda _: program.connect(port, lines),
        "cpu": lambda _: asyncio.sleep(0),
        "place": lambda count: program.place(int(count)),
        "fill": program.fill,
    }
    loop = asyncio.get_running_loop()
    while words := (await loop.run_in_executor(None, sys.stdin.readline)).split():
        began = time.perf_counter()
        await steps[words[0]](words[-1])
        took = time.perf_counter() - began
        print(json.dumps([time.process_time(), took]), flush=True)
    await program.close()
