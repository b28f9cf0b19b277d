"""Sends historical requests when IB's rules allow it, and again when they can be answered later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar, final

from ib_async import IB

from ibkit.errors import (
    ConnectionLost,
    GatewayError,
    NotConnected,
    PacingViolation,
    RequestTimeout,
)

from ._pacing import HistoryPacer, HistoryPacing, Question

T = TypeVar("T")

OnWait = Callable[[float], object]

_SHARED = "_ibkit_history_pacer"
_LATER = (PacingViolation, RequestTimeout, ConnectionLost, NotConnected)


def pacer_of(ib: IB) -> HistoryPacer:
    """The count of requests on this IB, which all who ask through it share."""
    pacer = vars(ib).get(_SHARED)
    if not isinstance(pacer, HistoryPacer):
        pacer = vars(ib)[_SHARED] = HistoryPacer()
    return pacer


@final
class Asking:
    """
    Asks, in turn.

    Args:
        pacer: Counts the requests.
        backoff: Seconds to wait before each further attempt, after a pacing violation, a
            timeout or the loss of the connection. When they are used up the error is raised.
    """

    def __init__(self, pacer: HistoryPacer, backoff: Sequence[float]) -> None:
        self.pacer = pacer
        self.backoff = tuple(backoff)
        self._open = asyncio.Semaphore(int(self.pacing.at_once))

    @property
    def pacing(self) -> HistoryPacing:
        """The rules."""
        return self.pacer.pacing

    async def ask(
        self, question: Question, send: Callable[[], Awaitable[T]], waiting: OnWait
    ) -> T | None:
        """Send when it may be sent. None is IB's word that it has no data."""
        for wait in self.backoff:
            try:
                return await self._once(question, send, waiting)
            except _LATER as error:
                if isinstance(error, PacingViolation):
                    self.pacer.violated(_now(), wait)
            waiting(wait)
            await asyncio.sleep(wait)
        return await self._once(question, send, waiting)

    async def _once(
        self, question: Question, send: Callable[[], Awaitable[T]], waiting: OnWait
    ) -> T | None:
        async with self._open:
            while (at := self.pacer.next_time(question, now := _now())) > now:
                waiting(at - now)
                await asyncio.sleep(at - now)
            self.pacer.sent(question, now)
            try:
                return await send()
            except GatewayError as error:
                if not is_no_data(error):
                    raise
                return None


def is_no_data(error: GatewayError) -> bool:
    """Whether IB says that it has none. The same code stands for pacing and missing rights.

    >>> is_no_data(GatewayError(162, "HMDS query returned no data: ESM5@CME Trades"))
    True
    >>> is_no_data(GatewayError(162, "No market data permissions for CME FUT"))
    False
    """
    return error.code == 162 and "returned no data" in error.text.lower()


async def all_of(work: Iterable[Awaitable[None]]) -> None:
    """Do everything; when something fails, withdraw the rest."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _now() -> float:
    return asyncio.get_running_loop().time()
