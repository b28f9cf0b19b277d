from __future__ import annotations

import asyncio
import pickle

from ibkit.errors import IbkitError
from ibkit.testing import VirtualTimeError
from ibkit.testing._stuck import describe_handles, describe_tasks


def test_the_text_has_the_problem_the_advice_and_who_waits() -> None:
    error = VirtualTimeError("stuck", "Unstick it.", ["one", "two"])

    assert str(error) == "stuck. Unstick it.\n  one\n  two"
    assert isinstance(error, IbkitError)


def test_a_long_list_is_cut() -> None:
    text = str(VirtualTimeError("p", "a", [f"task {n}" for n in range(20)]))

    assert text.count("\n") == 9
    assert text.endswith("and 12 more")


def test_the_place_is_the_innermost_line_outside_asyncio() -> None:
    async def inner() -> None:
        await asyncio.Event().wait()  # the line that is named

    async def outer() -> None:
        await inner()

    async def look() -> tuple[str, ...]:
        task = asyncio.ensure_future(outer())
        await asyncio.sleep(0)
        described = describe_tasks(asyncio.get_running_loop())
        task.cancel()
        return described

    line = inner.__code__.co_firstlineno + 1
    mine = [text for text in asyncio.run(look()) if "outer()" in text]

    assert len(mine) == 1
    assert mine[0].endswith(f"{__file__}:{line}")


def test_callbacks_and_tasks_are_told_apart() -> None:
    def call_me() -> None: ...

    async def other() -> None: ...

    async def look() -> tuple[str, ...]:
        loop = asyncio.get_running_loop()
        loop.call_soon(call_me)
        task = loop.create_task(other())
        described = describe_handles(loop, "_ready")
        await task
        return described

    first, second = asyncio.run(look())

    assert "call_me" in first
    assert second.startswith("Task-")
    assert "other()" in second


def test_an_unknown_queue_is_empty() -> None:
    loop = asyncio.new_event_loop()

    assert describe_handles(loop, "_no_such_queue") == ()
    loop.close()


def test_it_survives_a_process_boundary() -> None:
    error = pickle.loads(pickle.dumps(VirtualTimeError("p", "a", ("w",))))

    assert str(error) == "p. a\n  w"
