"""What to say when virtual time cannot go on: who waits, and where."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import CoroutineType
from typing import Any

from attrs import define, field

from ibkit.errors import IbkitError

_ASYNCIO = str(Path(asyncio.__file__).parent)
_SHOWN = 8


@define(eq=False, str=False)
class VirtualTimeError(IbkitError, RuntimeError):
    """Virtual time cannot go on: the program spins, never ends, or waits for nothing."""

    problem: str
    advice: str
    waiting: Sequence[str] = field(default=())
    """The tasks or callbacks concerned, each with the line where it stands."""

    def __str__(self) -> str:
        shown = [f"\n  {line}" for line in self.waiting[:_SHOWN]]
        if len(self.waiting) > _SHOWN:
            shown.append(f"\n  and {len(self.waiting) - _SHOWN} more")
        return f"{self.problem}. {self.advice}{''.join(shown)}"


def describe_tasks(loop: asyncio.AbstractEventLoop) -> tuple[str, ...]:
    """Return a line for each unfinished task of *loop*, in the order of their names."""
    tasks = sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    return tuple(map(_describe_task, tasks))


def describe_handles(loop: asyncio.AbstractEventLoop, queue: str) -> tuple[str, ...]:
    """Return a line for each callback that stands in *queue*, a private queue of asyncio's."""
    return tuple(map(_describe_handle, list(getattr(loop, queue, ()))[:_SHOWN]))


def _describe_handle(handle: object) -> str:
    callback = getattr(handle, "_callback", None)
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):  # as asyncio's own _format_handle does
        return _describe_task(owner)
    return f"callback {handle!r}"


def _describe_task(task: asyncio.Task[Any]) -> str:
    coroutine = task.get_coro()
    name = getattr(coroutine, "__qualname__", repr(coroutine))
    return f"{task.get_name()} {name}(){_place(coroutine)}"


def _place(coroutine: object) -> str:
    """Where the innermost frame stands that is not asyncio's own."""
    place = ""
    while isinstance(coroutine, CoroutineType):
        frame = coroutine.cr_frame
        if frame is not None and not frame.f_code.co_filename.startswith(_ASYNCIO):
            place = f" at {frame.f_code.co_filename}:{frame.f_lineno}"
        coroutine = coroutine.cr_await
    return place
