"""What virtual time costs: the same program on asyncio's own loop, and on ours."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from report import Row, write

from ibkit.testing import VirtualLoop

PASSES = 20_000
REPEATS = 15

Program = Callable[[], Awaitable[None]]


async def spin() -> None:
    """Give way without waiting: each turn is one pass of the loop."""
    for _ in range(PASSES):
        await asyncio.sleep(0)


async def tick() -> None:
    """Wait again and again: as long as the real loop needs for its shortest timers."""
    for _ in range(PASSES // 10):
        await asyncio.sleep(1e-9)


def seconds(make_loop: Callable[[], asyncio.AbstractEventLoop], program: Program) -> float:
    loop = make_loop()
    try:
        began = time.perf_counter()
        loop.run_until_complete(program())
        return time.perf_counter() - began
    finally:
        loop.close()


def ratios(program: Program) -> list[float]:
    """Return virtual / real, pair by pair, so that a busy machine hits both alike."""
    pairs = [
        (seconds(VirtualLoop, program), seconds(asyncio.SelectorEventLoop, program))
        for _ in range(REPEATS)
    ]
    return [virtual / real for virtual, real in pairs]


async def hour() -> None:
    await asyncio.sleep(3600)


def main() -> None:
    programs = {"a pass of the loop": spin, "a short timer": tick}
    rows = [row(f"{name}, virtual / real", ratios(one)) for name, one in programs.items()]
    slept = [seconds(VirtualLoop, hour) * 1e3 for _ in range(REPEATS)]
    write("clock", [*rows, row("an hour of sleep, ms", slept)])


def row(what: str, numbers: list[float]) -> Row:
    return Row(what, statistics.median(numbers), min(numbers), max(numbers), "")


if __name__ == "__main__":
    main()
