"""What went wrong in handlers and background tasks: logged, counted, and there to be read.

aeventkit 2.1.0 hands an exception of a handler to an error event that nobody listens to
(eventkit event.py 109-117; traps B30), so a typo in an ``on_fill`` is invisible. Everything
that ibkit calls or runs for somebody ends here instead.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timezone
from typing import final

from attrs import define, field, frozen

from ._compat import blocking_loop

log = logging.getLogger("ibkit")

_MOST_CONTEXTS = 200
_OTHERS = "others"


def utc_now() -> datetime:
    """The clock of a shell when no other is given."""
    return datetime.now(timezone.utc)


@frozen(kw_only=True)
class HandlerFailure:
    """One exception that a handler or a background task let out."""

    context: str
    """Which handler, of which event."""
    error: str
    time: datetime
    exception: BaseException = field(repr=False, eq=False)


@frozen(kw_only=True)
class Health:
    """
    How the handlers and background tasks of one connection are doing.

    ``handler_errors == 0`` means that none has failed since the start.

    >>> record = HealthRecord()
    >>> record.current().handler_errors
    0
    """

    handler_errors: int
    last_error: HandlerFailure | None
    errors_by_handler: Mapping[str, int]
    running_tasks: int
    """Coroutine handlers and background tasks that have not ended."""


def name_of(handler: object) -> str:
    """Name a callable for a log line.

    >>> name_of(print), name_of(functools.partial(print, 1))
    ('print', 'print')
    """
    while isinstance(handler, functools.partial):
        handler = handler.func
    name = getattr(handler, "__qualname__", None) or type(handler).__qualname__
    module = getattr(handler, "__module__", None) or type(handler).__module__
    return name if module in {"builtins", None} else f"{module}.{name}"


@final
@define(eq=False, repr=False)
class HealthRecord:
    """Collects failures and runs tasks whose failures it collects."""

    clock: Callable[[], datetime] = utc_now
    _counts: Counter[str] = field(factory=Counter, init=False)
    _last: HandlerFailure | None = field(default=None, init=False)
    _tasks: set[asyncio.Future[object]] = field(factory=set, init=False)

    def current(self) -> Health:
        """Take a picture."""
        return Health(
            handler_errors=self._counts.total(),
            last_error=self._last,
            errors_by_handler=dict(self._counts),
            running_tasks=len(self._tasks),
        )

    def failed(self, context: str, error: BaseException) -> None:
        """Log and count an exception. Repeats are logged the 1st, 2nd, 4th, 8th... time."""
        known = context in self._counts or len(self._counts) < _MOST_CONTEXTS
        self._counts[context if known else _OTHERS] += 1
        count = self._counts[context if known else _OTHERS]
        self._last = HandlerFailure(
            context=context, error=repr(error), time=self.clock(), exception=error
        )
        if count & (count - 1) == 0:
            log.error("%s failed (%d times): %r", context, count, error, exc_info=error)

    def spawn(self, work: Awaitable[object], context: str) -> asyncio.Future[object]:
        """
        Run an awaitable on the running loop, hold on to it, and record how it fails.

        eventkit would use the loop of the policy, which under uvloop or a Runner is another
        one that never runs (eventkit util.py 19; traps B31). Outside of any loop the work
        waits for the loop on which ib_async's blocking calls run.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = blocking_loop()
        task: asyncio.Future[object] = asyncio.ensure_future(work, loop=loop)
        self._tasks.add(task)
        task.add_done_callback(functools.partial(self._ended, context))
        return task

    def cancel_tasks(self) -> None:
        """Cancel what still runs."""
        for task in list(self._tasks):
            task.cancel()

    def _ended(self, context: str, task: asyncio.Future[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed(context, error)
