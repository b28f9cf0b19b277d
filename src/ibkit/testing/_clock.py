"""Virtual time: an event loop that jumps over every wait.

When nothing is ready to run and nothing real (a socket, a thread) is under way, the loop sets its
clock to the next deadline instead of waiting for it. Each pass also moves the clock by a
microsecond: ib_async's throttle compares elapsed time with a strict ``>`` (client.py, `sendMsg`),
and a clock that stood exactly on its deadline would re-arm it for ever.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Executor
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, TypeVar, final

from typing_extensions import TypeVarTuple, Unpack

from ibkit.errors import PlanError
from ibkit.testing._stuck import VirtualTimeError, describe_handles, describe_tasks

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

_TICK = 1e-6
_FOR_EVER = 3e10
_ORIGIN = 1_000.0  # not zero: programs write `if last_time:`

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=timezone.utc)
"""Where virtual time starts unless told otherwise: 09:00 in Chicago, the markets open."""


class _Selector(selectors.DefaultSelector):
    """Asks the loop how long to wait; the loop may answer by moving its clock instead."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return self.loop.pass_time(timeout, super().select)


def _is_aware(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None


def _goes_forward(value: object) -> bool:
    return isinstance(value, (int, float)) and 0 <= value < _FOR_EVER


@final
class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop whose clock jumps to the next deadline when it is idle.

    It runs on any thread, and anywhere a loop or a loop factory is accepted:
    ``asyncio.Runner(loop_factory=VirtualLoop)``, anyio's ``backend_options``, a pytest-asyncio
    policy. `run_virtual` and `virtual_time` also make the clocks that ib_async reads agree with it.

    Sockets and threads are real. While a thread of an executor works, time stands still; while a
    socket is open, the loop listens to it for *io_grace* real seconds before each jump, so that an
    answer on its way comes before the timeout that waits for it.

    Args:
        start: What `now` tells at the beginning. Timezone-aware.
        max_passes: How many passes in a row may find something to run without any time going by,
            before the loop is taken to spin.
        max_jumps: How often the clock may jump, before the program is taken never to end.
        patience: For how many real seconds the loop waits for a socket or a thread when there is
            nothing else to wait for.
        io_grace: See above.

    Raises:
        PlanError: When *start* is naive.
        VirtualTimeError: From whatever runs the loop, when the program spins, never ends, or
            waits for something that cannot come. It names the tasks concerned.

    >>> import asyncio
    >>> loop = VirtualLoop()
    >>> loop.run_until_complete(asyncio.sleep(3600))
    >>> loop.now().isoformat(timespec="seconds")
    '2026-03-02T16:00:00+00:00'
    >>> loop.close()
    """

    def __init__(
        self,
        *,
        start: datetime = MONDAY,
        max_passes: int = 100_000,
        max_jumps: int = 1_000_000,
        patience: float = 5.0,
        io_grace: float = 0.02,
    ) -> None:
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)
        if not _is_aware(start):
            self.close()
            raise PlanError("start", start, "virtual time starts at an aware datetime")
        self._start = start
        self._max_passes, self._max_jumps = max_passes, max_jumps
        self._patience, self._io_grace = patience, io_grace
        self._time = _ORIGIN
        self._passes = self._jumps = 0
        self._failure: Exception | None = None
        self._given_up = False
        self._working: set[asyncio.Future[Any]] = set()
        self._known_threads = set(threading.enumerate())
        self._sockets = selector.get_map()
        self._own_sockets = len(self._sockets)  # the pipe that wakes the loop

    def time(self) -> float:
        """Return the virtual time in seconds, from an arbitrary origin."""
        return self._time

    def now(self, tz: tzinfo = timezone.utc) -> datetime:
        """Return the virtual date and time, in the zone *tz*."""
        return (self._start + timedelta(seconds=self._time - _ORIGIN)).astimezone(tz)

    def advance(self, seconds: float) -> None:
        """Let *seconds* go by, and everything happen that is due. The blocking way to sleep."""
        if not _goes_forward(seconds):
            raise PlanError("seconds", seconds, "time goes forward, by a number of seconds")
        self.run_until_complete(asyncio.sleep(seconds))

    def run_until_complete(self, future: Generator[Any, None, _T] | Awaitable[_T]) -> _T:
        """Run until *future* is done; refuse with advice when the loop runs already."""
        if self.is_running():
            if asyncio.iscoroutine(future):
                future.close()  # nobody shall look for an await that was forgotten
            raise RuntimeError(
                "This event loop is already running: a blocking call was made in a coroutine or "
                "an event handler. Await its twin instead: `ib.qualifyContractsAsync(...)` for "
                "`ib.qualifyContracts(...)`, `asyncio.sleep(...)` for `ib.sleep(...)`"
            )
        return super().run_until_complete(future)

    def fail(self, error: Exception) -> None:
        """End the run with *error* at the next pass, whoever may swallow it before."""
        if not self._given_up:
            self._failure = self._failure or error

    def give_up(self) -> None:
        """Cancel every task, and let no later `fail` end a run: only tear-down comes now."""
        self._given_up, self._failure, self._passes = True, None, 0
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.call_soon(self.stop)  # a run that was broken off has left its own stop behind
        self.run_forever()

    def take_failure(self) -> Exception | None:
        """Return what `fail` was told and no pass has raised yet, and forget it."""
        failure, self._failure = self._failure, None
        return failure

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[_Ts]], _T], *args: Unpack[_Ts]
    ) -> asyncio.Future[_T]:
        """Run *func* in a thread; time stands still meanwhile."""
        future = super().run_in_executor(executor, func, *args)
        self._working.add(future)
        future.add_done_callback(self._working.discard)
        return future

    def pass_time(
        self,
        timeout: float | None,
        select: Callable[[float], list[tuple[selectors.SelectorKey, int]]],
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Stand in for waiting *timeout* seconds: poll what is real, then move the clock."""
        self._time += _TICK
        if failure := self.take_failure():
            raise failure
        if timeout is not None and timeout <= 0:
            self._count_pass()
            return select(0)
        self._passes = 0
        events = select(self._real_wait(idle=timeout is None))
        if events:
            return events
        if timeout is None:
            raise self._nothing_left()
        if self._working:
            raise self._thread_too_slow()
        self._jump(timeout)
        return []

    def _real_wait(self, *, idle: bool) -> float:
        """For how long something real may still happen that comes before the clock's move."""
        if self._working or (idle and (self._has_sockets() or self._has_threads())):
            return self._patience
        return self._io_grace if self._has_sockets() else 0.0

    def _has_sockets(self) -> bool:
        return len(self._sockets) > self._own_sockets

    def _has_threads(self) -> bool:
        return any(thread not in self._known_threads for thread in threading.enumerate())

    def _jump(self, seconds: float) -> None:
        self._time += seconds
        self._jumps += 1
        if self._jumps > self._max_jumps:
            self._jumps = 0
            raise VirtualTimeError(
                f"the clock jumped {self._max_jumps} times, to {self.now():%Y-%m-%d %H:%M:%S}, "
                "and the program has not ended",
                "Something recurs for ever while something else never comes. Give the wait a "
                "timeout, or raise max_jumps.",
                describe_tasks(self) + describe_handles(self, "_scheduled"),
            )

    def _count_pass(self) -> None:
        self._passes += 1
        if self._passes > self._max_passes:
            self._passes = 0
            raise VirtualTimeError(
                f"the loop ran {self._max_passes} passes and no time went by",
                "Something polls with sleep(0) or re-arms itself at once. Let it wait for an "
                "event or for some time, or raise max_passes.",
                describe_handles(self, "_ready"),
            )

    def _nothing_left(self) -> VirtualTimeError:
        listened = f", and no word on a socket for {self._patience:g} real seconds"
        return VirtualTimeError(
            "everything waits, and nothing is left that could wake it: no timer, no thread"
            + (listened if self._has_sockets() else ", no socket"),
            "Look at what should have set the event or sent the answer.",
            describe_tasks(self),
        )

    def _thread_too_slow(self) -> VirtualTimeError:
        return VirtualTimeError(
            f"{len(self._working)} call(s) in threads took more than {self._patience:g} real "
            "seconds, for which virtual time stood still",
            "Real work must be short in a test; or raise patience.",
            describe_tasks(self),
        )
