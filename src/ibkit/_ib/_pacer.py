"""Who may send now: lanes and a window of messages, with the time as an argument.

ib_async sends at most 45 messages a second and keeps the rest in one silent queue, in which a
cancel waits behind data requests (ib_async client.py 323-352; traps B9). So the queue is kept
here, where orders do not stand in it, and ib_async is given only what it can send at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import IntEnum
from typing import Generic, TypeVar

from attrs import define, field, frozen

from ibkit.errors import LimitReached

T = TypeVar("T")

# Windows are compared with a strict `>` by ib_async: come a little later than exactly then.
MARGIN = 0.001


class Lane(IntEnum):
    """Who goes first. Orders and cancels never wait."""

    ORDER = 0
    STATE = 1
    DATA = 2
    HISTORY = 3


@frozen(kw_only=True)
class Pacing:
    """
    How fast to send.

    *limit* messages in *period* seconds is ib_async's own limit (TWS allows 50 a second by
    default). *reserve* of them are kept free for orders and cancels. At most *waiting*
    requests stand in the queue; one more raises `LimitReached`.
    """

    limit: int = 45
    period: float = 1.0
    reserve: int = 10
    waiting: int = 10_000


@define(eq=False)
class Ticket(Generic[T]):
    """A place in a lane."""

    lane: Lane
    item: T
    entered: float
    cancelled: bool = False


@frozen(kw_only=True)
class PacerStatistics:
    """What went through the pacer and what waits in it."""

    sent: Mapping[str, int]
    """Messages per lane since the start."""
    waiting: Mapping[str, int]
    longest_wait: float
    """Seconds, of those that were let through."""


@define(eq=False)
class Pacer(Generic[T]):
    """Lets items through in the order of lanes, and within a lane in the order of arrival."""

    pacing: Pacing = field(factory=Pacing)
    _window: deque[float] = field(factory=deque, init=False)
    _lanes: dict[Lane, deque[Ticket[T]]] = field(init=False)
    _sent: dict[Lane, int] = field(init=False)
    _waiting: int = field(default=0, init=False)
    _longest: float = field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        self._lanes = {lane: deque() for lane in Lane}
        self._sent = dict.fromkeys(Lane, 0)

    def note(self, lane: Lane, now: float) -> None:
        """Count a message that was sent without asking: an order or a cancel."""
        self._window.append(now)
        self._sent[lane] += 1

    def enter(self, lane: Lane, item: T, now: float) -> Ticket[T]:
        """Queue an item; `release` hands it out when its turn has come."""
        if self._waiting >= self.pacing.waiting:
            raise LimitReached("waiting requests", self.pacing.waiting)
        ticket = Ticket(lane, item, now)
        self._lanes[lane].append(ticket)
        self._waiting += 1
        return ticket

    def leave(self, ticket: Ticket[T]) -> None:
        """Give a place up. It is skipped when its turn comes."""
        if not ticket.cancelled:
            ticket.cancelled = True
            self._waiting -= 1

    def release(self, now: float, backlog: int = 0) -> T | None:
        """
        Take the next item that may be sent now, or nothing.

        *backlog* is what ib_async itself holds back; while there is any, nothing is added.
        """
        ticket = self._next()
        if ticket is None or (ticket.lane and (backlog or self._free(now) <= 0)):
            return None
        self._lanes[ticket.lane].popleft()
        self._waiting -= 1
        ticket.cancelled = True  # its place is gone: leaving twice is harmless
        self._longest = max(self._longest, now - ticket.entered)
        self.note(ticket.lane, now)
        return ticket.item

    def next_time(self, now: float, backlog: int = 0) -> float | None:
        """When to call `release` again, or nothing when nobody waits."""
        ticket = self._next()
        if ticket is None:
            return None
        if ticket.lane is Lane.ORDER or (not backlog and self._free(now) > 0):
            return now
        return self._room(now) if self._free(now) <= 0 else now + self.pacing.period / 10

    def statistics(self) -> PacerStatistics:
        """Take a picture."""
        waiting = {
            lane.name: sum(not t.cancelled for t in tickets)
            for lane, tickets in self._lanes.items()
        }
        return PacerStatistics(
            sent={lane.name: count for lane, count in self._sent.items()},
            waiting=waiting,
            longest_wait=self._longest,
        )

    def _next(self) -> Ticket[T] | None:
        for tickets in self._lanes.values():
            while tickets and tickets[0].cancelled:
                tickets.popleft()
            if tickets:
                return tickets[0]
        return None

    def _free(self, now: float) -> int:
        while self._window and now - self._window[0] > self.pacing.period:
            self._window.popleft()
        return self.pacing.limit - self.pacing.reserve - len(self._window)

    def _room(self, now: float) -> float:
        """When the oldest message that stands in the way leaves the window."""
        return self._window[-self._free(now)] + self.pacing.period + MARGIN
