"""One question to TWS, and the flight on which its answer comes."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Hashable
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, final

from attrs import define, field, frozen
from ib_async import Contract

from ibkit.errors import ConnectionLost, GatewayError

from ._compat import Slot
from ._pacer import Lane, Ticket
from ._sender import Send

T_co = TypeVar("T_co", covariant=True)
MakeError: TypeAlias = Callable[[], Exception]

GRACE = 2.0
"""Seconds to wait for an answer that may not come any more."""


@frozen
class Ask(Generic[T_co]):
    """One question to TWS."""

    key: Hashable
    """Two questions with the same key are one."""
    what: str
    send: Callable[[Any, int], object]
    """Sends it, given ib_async's client (which has no types) and the request id."""
    about: object = None
    slot: str | None = None
    """ib_async's name for the answer, when TWS answers without an id."""
    contract: Contract | None = None
    cancel: Callable[[Any, int], object] | None = None
    """Withdraws it after a deadline."""
    stays: bool = False
    """TWS would keep it open after the answer: it is cancelled then, too."""
    in_rows: bool = False
    """Answered without an id in rows and an end: the tail of another answer would look whole."""
    drain: bool = False
    """Late rows must be swallowed: dropping the slot would do harm (`compat.drain_slot`)."""
    read: Callable[[list[str]], T_co] | None = None
    """Makes the answer of the fields of its one message, in the place of ib_async."""
    lane: Lane = Lane.DATA

    def __str__(self) -> str:
        return f"{self.what} {self.about}" if self.about is not None else self.what


@final
class Answer(asyncio.Future[Any]):
    """What ib_async holds for an answer. It never has an exception, so none goes unretrieved."""

    def __init__(self, flight: Flight) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._flight = flight

    def set_result(self, result: object, /) -> None:
        """Called by ``wrapper._endReq``."""
        if not self._flight.refuses():
            super().set_result(result)

    def set_exception(self, error: Any, /) -> None:
        """Called by ``wrapper.connectionClosed``, and for answers that cannot be read."""
        what = str(self._flight.ask)
        if isinstance(error, ConnectionError):
            self._flight.fail(functools.partial(ConnectionLost, what))
        else:
            text = f"the answer cannot be read: {error}"
            self._flight.fail(functools.partial(GatewayError, -1, text, what))

    def finish(self, result: object = None) -> None:
        """End it now, unless it has ended."""
        if not self.done():
            super().set_result(result)


class AsksAgain(Protocol):
    """Sends the question of a flight once more (`Flights`)."""

    def ask_again(self, flight: Flight) -> None:
        """Open the flight's slot with its rows, and send its question."""


@final
@define(eq=False, repr=False)
class Flight:
    """A question under way and those who wait for it."""

    ask: Ask[Any]
    _asks: AsksAgain
    answer: Answer = field(init=False)
    slot: Slot = -1
    rows: list[Any] = field(factory=list)
    waiters: int = 0
    sent: bool = False
    unsure: bool = False
    """The answer to an earlier question in this slot may be on its way."""
    ticket: Ticket[Send] | None = None
    error: MakeError | None = None
    """Makes the error for one waiter; each gets its own."""
    heard: list[str] = field(factory=list)
    """What TWS said meanwhile that ended nothing."""

    def __attrs_post_init__(self) -> None:
        self.answer = Answer(self)

    def fail(self, error: MakeError) -> None:
        """End with an error, unless it has ended."""
        if not self.answer.done():
            self.error = error
            self.answer.finish()

    def take(self, fields: list[str]) -> bool:
        """Take the fields of the answer. False if ib_async is to read them."""
        if self.ask.read is None:
            return False
        try:
            self.answer.finish(self.ask.read(fields))
        except (ValueError, IndexError, OverflowError) as error:
            text = f"the answer cannot be read: {error}"
            self.fail(functools.partial(GatewayError, -1, text, str(self.ask)))
        return True

    def refuses(self) -> bool:
        """Refuse an answer that may be the tail of a late one, and ask again.

        What lies between two ends is whole, whichever question it answers: so the next answer
        can be taken. ib_async takes the tail of the late one for the whole (traps B15).
        """
        if not self.unsure:
            return False
        self.unsure = False
        self.rows = []
        self._asks.ask_again(self)
        return True

    def result(self) -> Any:
        """The answer, or the error."""
        if self.error is not None:
            raise self.error()
        return self.answer.result()
