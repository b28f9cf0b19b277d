"""One consumer of a line: what it has not read, and how it ends."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import define, frozen

from ._buffers import Unread
from ._decisions import Holder
from ._events import Closed, Gap, Resumed, Started, StreamEvent
from ._lifecycle import StreamEvents

if TYPE_CHECKING:
    from ._line import Line
    from ._plans import Plan

T = TypeVar("T")


@frozen
class End:
    """How a stream ended."""

    reason: str
    error: Exception | None = None
    """What every later read raises; ``None`` if iteration just ends."""
    by_owner: bool = False


@define(eq=False)
class Consumer(Generic[T]):
    """What the line keeps for one stream. It does not hold the stream itself."""

    holder: Holder
    unread: Unread[T]
    events: StreamEvents
    plan: Plan[T] | None = None
    line: Line | None = None
    """What it reads, and where; both change when it follows a roll."""
    end: End | None = None
    is_started: bool = False
    gap: Gap | None = None
    """The gap it has been told of that is not over."""

    def tell(self, event: StreamEvent) -> None:
        """Pass on what happened to the stream."""
        self.events.emit(event)

    def tell_flow(self, at: dt.datetime) -> None:
        """Say that data flows: for the first time, or again."""
        gap, self.gap = self.gap, None
        if gap is not None:
            self.tell(Resumed(gap, at))
        elif not self.is_started:
            self.tell(Started(at))
        self.is_started = True

    def tell_gap(self, gap: Gap) -> None:
        """Say that data is missing, to one that has had some."""
        if self.is_started and self.gap is None:
            self.gap = gap
            self.tell(gap)

    def finish(self, end: End) -> None:
        """End it, once. What is unread stays, unless its owner closed it."""
        if self.end is not None:
            return
        self.end = end
        if end.by_owner:
            self.unread.queue.clear()
        self.events.emit(Closed(end.reason))
        self.unread.wake()
