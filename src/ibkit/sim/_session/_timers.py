"""What is due when. A heap of calls; the shell outside arms one real timer for the first."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable
from typing import final

from attrs import define

Action = Callable[[dt.datetime], None]

FEW = 1000


@final
@define(eq=False)
class Timer:
    """One call that is due at a moment. Cancelled timers are skipped when they come up."""

    due: dt.datetime
    action: Action | None

    def cancel(self) -> None:
        """Never call it. Cancelling twice, or too late, does nothing."""
        self.action = None


@final
class Timers:
    """Timers in order of their time, and of their creation where times are equal."""

    def __init__(self) -> None:
        self._heap: list[tuple[dt.datetime, int, Timer]] = []
        self._count = 0
        self._most = FEW
        """When the heap is longer, those that were cancelled are thrown out."""

    def __len__(self) -> int:
        return sum(timer.action is not None for _, _, timer in self._heap)

    def at(self, due: dt.datetime, action: Action) -> Timer:
        """Call *action* with the time when it is *due*."""
        self._count += 1
        timer = Timer(due, action)
        heapq.heappush(self._heap, (due, self._count, timer))
        if len(self._heap) > self._most:
            self._heap = [entry for entry in self._heap if entry[2].action is not None]
            heapq.heapify(self._heap)
            self._most = max(FEW, 2 * len(self._heap))
        return timer

    def every(self, period: dt.timedelta, start: dt.datetime, action: Action) -> Repeater:
        """Call *action* one *period* after *start*, and then every *period*."""
        return Repeater(self, period, start, action)

    def next_due(self) -> dt.datetime | None:
        """When the next live timer is due."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, now: dt.datetime) -> None:
        """Call everything that is due at *now* or before, earliest first."""
        while (due := self.next_due()) is not None and due <= now:
            timer = heapq.heappop(self._heap)[2]
            assert timer.action is not None  # `next_due` has thrown the cancelled ones out
            timer.action(timer.due)


@final
class Repeater:
    """A timer that sets itself again until it is cancelled."""

    def __init__(
        self, timers: Timers, period: dt.timedelta, start: dt.datetime, action: Action
    ) -> None:
        self._timers, self._period, self._action = timers, period, action
        self._timer = timers.at(start + period, self._tick)

    def cancel(self) -> None:
        """Stop repeating."""
        self._timer.cancel()

    def _tick(self, due: dt.datetime) -> None:
        self._timer = self._timers.at(due + self._period, self._tick)
        self._action(due)
