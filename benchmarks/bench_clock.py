"""What virtual time costs: the same program on asyncio's own loop, and on ours."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

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
    print(f"{'virtual / real time':24} {'median':>7} {'min':>7} {'max':>7}")
    for name, program in {"a pass of the loop": spin, "a short timer": tick}.items():
        measured = ratios(program)
        middle = statistics.median(measured)
        print(f"{name:24} {middle:7.2f} {min(measured):7.2f} {max(measured):7.2f}")
    slept = statistics.median(seconds(VirtualLoop, hour) for _ in range(REPEATS))
    print(f"an hour of sleep: {slept * 1e3:.3f} ms")


if __name__ == "__main__":
    main()
