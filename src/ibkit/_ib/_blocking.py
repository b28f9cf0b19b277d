"""The blocking twin of a coroutine method.

    class Desk:
        async def front_month_async(self, root: str) -> Future: ...

        front_month = blocking(front_month_async)

The twin takes the same arguments and gives the same result; type checkers and ``help()`` see
both. Inside a running event loop it refuses before anything is done: ib_async raises there
after the coroutine was started, so that half of it happens (traps B32).
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, TypeVar

from typing_extensions import ParamSpec

from ibkit.errors import RunningLoopError

from ._compat import blocking_loop

S = TypeVar("S")
P = ParamSpec("P")
T = TypeVar("T")


def blocking(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], T]:
    """Derive the blocking form of a coroutine method whose name ends in ``_async``."""
    name = method.__name__.removesuffix("_async")

    @functools.wraps(method)
    def twin(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        refuse_running_loop(name)
        return run_blocking(method(self, *args, **kwargs))

    twin.__name__ = name
    twin.__qualname__ = method.__qualname__.removesuffix("_async")
    text = inspect.cleandoc(method.__doc__ or "")
    twin.__doc__ = f"{text}\n\nThe blocking form of `{method.__name__}`.".lstrip()
    return twin


def refuse_running_loop(name: str) -> None:
    """Raise `RunningLoopError` when an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RunningLoopError(name)


def run_blocking(work: Coroutine[Any, Any, T]) -> T:
    """
    Run a coroutine on the loop on which ib_async's own blocking calls run.

    Unlike ``ib_async.util.run`` it does not end when another IB of the program loses its
    connection (traps B34), and an interrupt (Ctrl-C) ends the work instead of leaving it to
    the next blocking call.
    """
    loop = blocking_loop()
    task = loop.create_task(work)
    try:
        return loop.run_until_complete(task)
    finally:
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(task)
