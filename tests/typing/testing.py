"""Read by type checkers, never run."""

from datetime import datetime

from typing_extensions import assert_type

from ibkit.testing import VirtualLoop, VirtualTimeError, run_virtual, virtual_time


async def answer() -> int:
    return 42


assert_type(run_virtual(answer()), int)

with virtual_time() as loop:
    assert_type(loop, VirtualLoop)
    assert_type(loop.now(), datetime)

run_virtual(answer(), loop=VirtualLoop(max_jumps=10), modules=["my_strategy"])
run_virtual(answer)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def attributes(error: VirtualTimeError) -> None:
    assert_type(error.problem, str)
