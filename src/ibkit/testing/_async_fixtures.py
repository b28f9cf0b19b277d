"""Asynchronous fixtures on the loop of their test.

Each lives in one task from set-up to tear-down, so that what it enters (a task group, a timeout)
it also leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from inspect import isasyncgenfunction, ismethod
from typing import Any

import pytest

from ibkit.testing._clock import VirtualLoop


def blocking_fixture(
    func: Callable[..., Any], loop: VirtualLoop, request: pytest.FixtureRequest
) -> Callable[..., Any]:
    """Return a fixture function for pytest that runs *func* on *loop*."""
    bound = _of_instance(func, request.instance)

    def run(**values: Any) -> Any:
        return loop.run_until_complete(bound(**values))

    def hold(**values: Any) -> Any:
        ready: asyncio.Future[Any] = loop.create_future()
        over = asyncio.Event()
        task = loop.create_task(_live(bound(**values), ready, over))
        loop.run_until_complete(asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED))
        if not ready.done():
            return task.result()  # raises what went wrong
        request.addfinalizer(lambda: _end(loop, task, over))
        return ready.result()

    return hold if isasyncgenfunction(func) else run


def _of_instance(func: Callable[..., Any], instance: object) -> Callable[..., Any]:
    """A method of a test class belongs to the instance of this test, not of the collection."""
    if ismethod(func) and isinstance(instance, type(func.__self__)):
        method: Callable[..., Any] = func.__func__.__get__(instance)
        return method
    return func


async def _live(
    values: AsyncIterator[Any], ready: asyncio.Future[Any], over: asyncio.Event
) -> None:
    async for value in values:
        if ready.done():
            raise RuntimeError("an asynchronous fixture yields once; this one yields again")
        ready.set_result(value)
        await over.wait()
    if not ready.done():
        raise RuntimeError("an asynchronous fixture must yield; this one ended before it did")


def _end(loop: VirtualLoop, task: asyncio.Task[None], over: asyncio.Event) -> None:
    over.set()
    loop.run_until_complete(task)
