"""The shell of the pacer: sends through ib_async in the order that the pacer gives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias, TypeVar, final

from attrs import define, field
from ib_async import IB

from . import _compat as compat  # attrs needs the name _compat for itself
from ._pacer import Lane, Pacer, PacerStatistics, Pacing, Ticket

T = TypeVar("T")
Send: TypeAlias = Callable[[], None]


@final
@define(eq=False, repr=False)
class Sender:
    """
    Paces what is sent to one IB.

    Orders and cancels go through `order` and leave at once; everything else goes through
    `submit` and leaves when the window has room for it.
    """

    ib: IB
    pacing: Pacing = field(factory=Pacing)
    _pacer: Pacer[Send] = field(init=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)
    _timer_loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._pacer = Pacer(self.pacing)

    @property
    def held_back(self) -> int:
        """How many messages ib_async keeps in its queue; 0 means all are on the wire."""
        return compat.backlog(self.ib)

    def order(self, send: Callable[[], T]) -> T:
        """Send an order or a cancel now, and count it."""
        self._pacer.note(Lane.ORDER, compat.blocking_loop().time())
        return send()

    def submit(self, lane: Lane, send: Send) -> Ticket[Send]:
        """Send when it is this one's turn, which is now unless the window is full.

        Raises `LimitReached` when too many wait already.
        """
        loop = compat.blocking_loop()
        ticket = self._pacer.enter(lane, send, loop.time())
        self._pump(loop)
        return ticket

    def leave(self, ticket: Ticket[Send]) -> None:
        """Give up a place in the queue."""
        self._pacer.leave(ticket)

    def statistics(self) -> PacerStatistics:
        """What was sent, what waits, and how long it took."""
        return self._pacer.statistics()

    def _pump(self, loop: asyncio.AbstractEventLoop) -> None:
        while (send := self._pacer.release(loop.time(), self.held_back)) is not None:
            send()
        due = self._pacer.next_time(loop.time(), self.held_back)
        if due is not None and (self._timer is None or self._timer_loop is not loop):
            self._timer = loop.call_at(due, self._again, loop)
            self._timer_loop = loop

    def _again(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        self._pump(loop)
