"""The events of one stream: kept, iterated, listened to."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator

from typing_extensions import Self, final

from ibkit._ib._events import SafeEvent
from ibkit._ib._health import HealthRecord

from ._events import Closed, StreamEvent

KEPT = 200


@final
class StreamEvents:
    """What happened to a stream, apart from its data, oldest first.

    ``list(stream.events)`` gives the last 200. ``async for event in stream.events`` gives those
    and then each new one, and ends after `Closed`. ``stream.events += handler`` calls a function
    or coroutine function with each new one; what it raises is logged and recorded, not lost.

    >>> events = StreamEvents("quotes ESZ6", HealthRecord())
    >>> events += print
    >>> events.emit(Closed("closed by its owner"))
    Closed(reason='closed by its owner')
    >>> len(events)
    1
    """

    __slots__ = ("_count", "_event", "_health", "_is_over", "_log", "_name", "_waiters")

    def __init__(self, name: str, health: HealthRecord) -> None:
        self._name = name
        self._health = health
        self._log: deque[StreamEvent] = deque(maxlen=KEPT)
        self._count = 0
        self._event: SafeEvent[StreamEvent] | None = None  # made when somebody listens
        self._waiters: list[asyncio.Future[None]] = []
        self._is_over = False

    def __iter__(self) -> Iterator[StreamEvent]:
        return iter(tuple(self._log))

    def __len__(self) -> int:
        return len(self._log)

    def __repr__(self) -> str:
        latest = f", the latest {self._log[-1]}" if self._log else ""
        return f"<StreamEvents of {self._name}: {len(self)}{latest}>"

    async def __aiter__(self) -> AsyncIterator[StreamEvent]:
        seen = self._count - len(self._log)
        while True:
            while seen < self._count:
                oldest = self._count - len(self._log)
                seen = max(seen, oldest)
                event = self._log[seen - oldest]
                seen += 1
                yield event
            if self._is_over:
                return
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters = [*(one for one in self._waiters if not one.done()), waiter]
            await waiter

    def __iadd__(self, handler: Callable[[StreamEvent], object]) -> Self:
        if self._event is None:
            self._event = SafeEvent(f"events of {self._name}", self._health)
        self._event.connect(handler)
        return self

    def __isub__(self, handler: Callable[[StreamEvent], object]) -> Self:
        if self._event is not None:
            self._event.disconnect(handler)
        return self

    def emit(self, event: StreamEvent) -> None:
        """Add an event. Used by the stream itself."""
        self._log.append(event)
        self._count += 1
        self._is_over = self._is_over or isinstance(event, Closed)
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
        if self._event is not None:
            self._event.emit(event)
