"""Sends historical requests when IB's rules allow it, and again when they can be answered later."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar, final

from attrs import define, field
from ib_async import IB, Contract

from ibkit.errors import (
    ConnectionLost,
    GatewayError,
    NotConnected,
    PacingViolation,
    RequestTimeout,
)

from ._history_pacer import HistoryPacer, HistoryPacing, Question, series_of
from ._questions import contract_key

T = TypeVar("T")

OnWait = Callable[[float], object]

_SHARED = "_ibkit_history_gate"
_LATER = (PacingViolation, RequestTimeout, ConnectionLost, NotConnected)


@final
@define(eq=False)
class HistoryGate:
    """The one count of historical requests on an IB, and those who wait for a place in it."""

    pacer: HistoryPacer = field(factory=HistoryPacer)
    _waiting: deque[asyncio.Future[None]] = field(factory=deque, init=False)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold one of the places, in the order of arrival."""
        await self._enter()
        try:
            yield
        finally:
            self._leave()

    def admit(self) -> None:
        """Let in who waits, as far as there is room."""
        while self._waiting and self.pacer.has_room:
            turn = self._waiting.popleft()
            if not turn.done():
                self.pacer.open += 1
                turn.set_result(None)

    async def _enter(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self.admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was let in just then
                self._leave()
            raise

    def _leave(self) -> None:
        self.pacer.open -= 1
        self.admit()


def gate_of(ib: IB) -> HistoryGate:
    """The gate of this IB: downloads, back-fills of streams and live bars share it."""
    gate = vars(ib).get(_SHARED)
    if not isinstance(gate, HistoryGate):
        gate = vars(ib)[_SHARED] = HistoryGate()
    return gate


@final
class Asking:
    """
    Asks, in turn.

    Args:
        gate: Counts the requests.
        backoff: Seconds to wait before each further attempt, after a pacing violation, a
            timeout or the loss of the connection, of TWS's to the farm too. When they are used
            up the error is raised.
    """

    def __init__(self, gate: HistoryGate, backoff: Sequence[float]) -> None:
        self.gate = gate
        self.backoff = tuple(backoff)
        # Who waits for the rules about small bars must not take the places of others.
        self._in_line = asyncio.Semaphore(int(self.pacing.at_once))

    @property
    def pacing(self) -> HistoryPacing:
        """The rules."""
        return self.gate.pacer.pacing

    async def ask(
        self, question: Question, send: Callable[[], Awaitable[T]], waiting: OnWait
    ) -> T | None:
        """Send when it may be sent. None is IB's word that it has no data."""
        for wait in self.backoff:
            try:
                return await self._once(question, send, waiting)
            except _LATER as error:
                if isinstance(error, PacingViolation):
                    self.gate.pacer.violated(_now(), wait)
            except GatewayError as error:
                if not is_passing(error):
                    raise
            waiting(wait)
            await asyncio.sleep(wait)
        return await self._once(question, send, waiting)

    async def _once(
        self, question: Question, send: Callable[[], Awaitable[T]], waiting: OnWait
    ) -> T | None:
        if not question.is_paced:
            async with self.gate.place():
                return await _answer(send)
        async with self._in_line:
            return await self._paced(question, send, waiting)

    async def _paced(
        self, question: Question, send: Callable[[], Awaitable[T]], waiting: OnWait
    ) -> T | None:
        pacer = self.gate.pacer
        while True:
            while (at := pacer.next_time(question, now := _now())) > now:
                waiting(at - now)
                await asyncio.sleep(at - now)
            async with self.gate.place():
                if pacer.next_time(question, now := _now()) <= now:
                    pacer.sent(question, now)
                    return await _answer(send)


async def _answer(send: Callable[[], Awaitable[T]]) -> T | None:
    try:
        return await send()
    except GatewayError as error:
        if not is_no_data(error):
            raise
        return None


def question_of(
    contract: Contract, what: str, identity: object, *, is_paced: bool = True
) -> Question:
    """A request as the pacing rules see it. A Contract is no key itself (traps B22)."""
    key = contract_key(contract)
    weight = 2 if what == "BID_ASK" else 1
    series = series_of(contract.conId, contract.exchange, what) if contract.conId else (key, what)
    return Question((key, what, identity), series, weight, is_paced)


def is_no_data(error: GatewayError) -> bool:
    """Whether IB says that it has none. The same code stands for pacing and missing rights.

    >>> is_no_data(GatewayError(162, "HMDS query returned no data: ESM5@CME Trades"))
    True
    >>> is_no_data(GatewayError(162, "No market data permissions for CME FUT"))
    False
    """
    return error.code == 162 and "returned no data" in error.text.lower()


def is_passing(error: GatewayError) -> bool:
    """Whether IB says that TWS has lost the farm of history, to which it connects again by itself.

    >>> is_passing(GatewayError(162, "HMDS server disconnect occurred.  Attempting reconnection"))
    True
    >>> is_passing(GatewayError(162, "No market data permissions for CME FUT"))
    False
    """
    return error.code == 162 and "disconnect occurred" in error.text.lower()


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
