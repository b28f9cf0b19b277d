"""Make the clocks that ib_async reads agree with virtual time, and refuse real sleeps.

Only the names `time` and `datetime` inside the named modules change, for the time of the block.
Two functions are replaced everywhere, for the thread of the loop: `time.sleep`, since a real sleep
under virtual time is always a mistake, and `asyncio.run`, so that a whole program runs in virtual
time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from ibkit.errors import PlanError
from ibkit.testing._clock import VirtualLoop
from ibkit.testing._stuck import VirtualTimeError

_T = TypeVar("_T")

READERS = (
    "eventkit.ops.create",
    "eventkit.ops.transform",
    "eventkit.util",
    "ib_async.client",
    "ib_async.ib",
    "ib_async.util",
    "ib_async.wrapper",
)
"""The modules of ib_async and eventkit that read a clock; a test compares this with the source."""

OWN_READERS = ("ibkit._ib._health",)
"""The modules of ibkit that do."""

_in_force: list[VirtualLoop] = []


def run_virtual(
    main: Coroutine[Any, Any, _T],
    *,
    loop: VirtualLoop | None = None,
    modules: Iterable[str | ModuleType] = (),
) -> _T:
    """Run *main* in virtual time and return its result: `asyncio.run` without the waiting.

    Args:
        main: The coroutine to run.
        loop: A loop with a start or limits of your own. It is closed at the end.
        modules: Your modules, or their names, whose `time` and `datetime` shall tell virtual
            time too. Those of ib_async always do.

    Raises:
        VirtualTimeError: When the program spins, never ends, waits for something that cannot
            come, or sleeps in real time.

    >>> import asyncio
    >>> async def wait_an_hour():
    ...     await asyncio.sleep(3600)
    ...     return "done"
    >>> run_virtual(wait_an_hour())
    'done'
    """
    if not asyncio.iscoroutine(main):
        raise PlanError("main", main, "a coroutine, as in run_virtual(main())")
    try:
        with virtual_time(loop, modules=modules) as running:
            return running.run_until_complete(main)
    finally:
        main.close()


@contextmanager
def virtual_time(
    loop: VirtualLoop | None = None, *, modules: Iterable[str | ModuleType] = ()
) -> Iterator[VirtualLoop]:
    """Make a `VirtualLoop` the event loop of this thread, for blocking code.

    `ib.sleep`, `ib.run`, `asyncio.run` and every blocking method of ib_async and ibkit run on it.
    At the end unfinished tasks are cancelled, the loop is closed, and every clock is as it was.

    Args:
        loop: See `run_virtual`.
        modules: See `run_virtual`.

    >>> from ib_async import util
    >>> with virtual_time() as loop:
    ...     before = loop.now()
    ...     util.sleep(3600)
    ...     print((loop.now() - before).total_seconds() // 60)
    True
    60.0
    """
    _refuse_nesting()
    if isinstance(modules, str):
        raise PlanError("modules", modules, 'a list of modules or their names, as ["my_strategy"]')
    if not isinstance(loop, VirtualLoop | None):
        raise PlanError("loop", loop, "a VirtualLoop, as VirtualLoop(start=...)")
    loop = VirtualLoop() if loop is None else loop
    asyncio.set_event_loop(loop)
    _in_force.append(loop)
    try:
        with clocks_follow(loop, modules):
            try:
                yield loop
            finally:
                failure = loop.take_failure()
                _finish(loop)
            if failure is not None:  # raised before, and swallowed by somebody
                raise failure
    finally:
        _in_force.remove(loop)
        asyncio.set_event_loop(None)
        loop.close()


def _refuse_nesting() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        if not _in_force:
            return
    raise RuntimeError(
        "virtual time cannot start inside a running event loop or inside virtual time; "
        "await the coroutine here instead"
    )


def _finish(loop: VirtualLoop) -> None:
    """Let what is left end, as `asyncio.run` does."""
    _cancel(loop, asyncio.all_tasks(loop))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())


def _cancel(loop: VirtualLoop, tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            loop.call_exception_handler(
                {"message": "exception while virtual time ended", "exception": error, "task": task}
            )


# --- the clocks ----------------------------------------------------------------


@contextmanager
def clocks_follow(loop: VirtualLoop, modules: Iterable[str | ModuleType]) -> Iterator[None]:
    refuse_sleep = _refuse_sleep(loop)
    replacements = _replacements(loop) | {id(time.sleep): refuse_sleep}
    with ExitStack() as stack:
        for name in (*READERS, *OWN_READERS, *modules):
            module = name if isinstance(name, ModuleType) else import_module(name)
            for attribute, value in list(vars(module).items()):
                if id(value) in replacements:
                    _replace(stack, module, attribute, replacements[id(value)])
        _replace(stack, time, "sleep", refuse_sleep)
        _replace(stack, asyncio, "run", _run_on(loop))
        yield


def _replace(stack: ExitStack, module: ModuleType, attribute: str, value: object) -> None:
    stack.callback(setattr, module, attribute, getattr(module, attribute))
    setattr(module, attribute, value)


def _replacements(loop: VirtualLoop) -> dict[int, object]:
    """Return what stands in for each clock, by the identity of the real one."""
    clock, dates = _TimeModule(loop), _DatetimeModule(loop)
    functions = {id(getattr(time, name)): getattr(clock, name) for name in _TimeModule.READINGS}
    return functions | {
        id(time): clock,
        id(dt): dates,
        id(dt.datetime): dates.datetime,
        id(dt.date): dates.date,
    }


def _refuse_sleep(loop: VirtualLoop) -> Callable[[float], None]:
    thread, sleep = threading.get_ident(), time.sleep

    def refuse(seconds: float) -> None:
        if threading.get_ident() != thread:
            return sleep(seconds)
        error = VirtualTimeError(
            f"time.sleep({seconds!r}) was called under virtual time",
            "It would stop the loop for real. Write `await asyncio.sleep(...)` in a coroutine, "
            "`ib.sleep(...)` in blocking code.",
        )
        loop.fail(error)  # event handlers swallow exceptions
        raise error

    return refuse


def _run_on(loop: VirtualLoop) -> Callable[..., Any]:
    thread, run = threading.get_ident(), asyncio.run

    def run_here(main: Coroutine[Any, Any, _T], **options: Any) -> _T:
        if threading.get_ident() != thread:
            return run(main, **options)
        before = asyncio.all_tasks(loop)
        try:
            return loop.run_until_complete(main)
        finally:
            if not loop.is_running():
                _cancel(loop, asyncio.all_tasks(loop) - before)

    return run_here


class _StandIn:
    """Has what *real* has; isinstance against it is isinstance against *real*."""

    def __init__(self, loop: VirtualLoop, real: Any) -> None:
        self._loop = loop
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._real(*args, **kwargs)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._real)


class _TimeModule(_StandIn):
    READINGS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__(loop, time)
        self.monotonic = self.perf_counter = loop.time

    def time(self) -> float:
        return self._loop.now().timestamp()

    def time_ns(self) -> int:
        return int(self.time() * 1e9)

    def monotonic_ns(self) -> int:
        return int(self.monotonic() * 1e9)

    perf_counter_ns = monotonic_ns


class _Datetime(_StandIn):
    def now(self, tz: dt.tzinfo | None = None) -> dt.datetime:
        now = self._loop.now()
        return now.astimezone(tz) if tz else now.astimezone().replace(tzinfo=None)

    def today(self) -> dt.datetime:
        return self.now()

    def utcnow(self) -> dt.datetime:
        return self._loop.now().replace(tzinfo=None)


class _Date(_StandIn):
    def today(self) -> dt.date:
        return self._loop.now().astimezone().date()


class _DatetimeModule(_StandIn):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__(loop, dt)
        self.datetime = _Datetime(loop, dt.datetime)
        self.date = _Date(loop, dt.date)
