"""Exceptions that nobody hears of: eventkit keeps those of event handlers to itself."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from eventkit import Event

from ibkit.testing._stuck import VirtualTimeError


class LostError(NamedTuple):
    """An exception, and where it would have been forgotten."""

    where: str
    error: BaseException


@contextmanager
def lost_errors(loop: asyncio.AbstractEventLoop) -> Iterator[list[LostError]]:
    """Collect what event handlers and forgotten tasks raise within the block.

    eventkit 2.1.0 gives the exception of a handler to an ``error_event`` that every event has;
    where nobody listens to that, it is gone (event.py, `Slots.__call__`). Lost connections and
    failures of virtual time are not collected: those are told elsewhere.
    """
    found: list[LostError] = []
    emit, handler = Event.emit, loop.get_exception_handler()
    Event.emit = _listening(emit, found)
    loop.set_exception_handler(_keeping(found))
    try:
        yield found
    finally:
        Event.emit = emit
        loop.set_exception_handler(handler)


def _listening(emit: Callable[..., None], found: list[LostError]) -> Callable[..., None]:
    def heard(event: Event, *args: Any) -> None:
        if event._name == "error" and len(args) == 2 and not len(event):  # noqa: SLF001 - its own
            source, error = args
            if isinstance(error, Exception) and not isinstance(error, VirtualTimeError):
                found.append(LostError(f"a handler of {source.name()}", error))
        emit(event, *args)

    return heard


def _keeping(found: list[LostError]) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    def keep(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        is_ours = "handle" in context or isinstance(context.get("future"), asyncio.Task)
        if is_ours and error and not isinstance(error, ConnectionError | VirtualTimeError):
            found.append(LostError(_who(context), error))
        loop.default_exception_handler(context)

    return keep


def _who(context: dict[str, Any]) -> str:
    task = context.get("future")
    return f"the task {task.get_name()}" if isinstance(task, asyncio.Task) else "a callback"


def report(found: Iterable[LostError]) -> list[str]:
    """Return what to tell the author of the test of each."""
    return [
        f"{where} raised, and nobody heard of it:\n"
        f"{''.join(traceback.format_exception(type(error), error, error.__traceback__))}"
        for where, error in found
    ]
