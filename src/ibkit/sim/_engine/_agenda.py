"""What is to happen later."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Callable
from typing import final

from ibkit.sim._engine._order import Order

SMALL = 64


@final
class Timer:
    """One thing to do at one moment."""

    __slots__ = ("action", "dead", "when")

    def __init__(self, when: dt.datetime, action: Callable[[], None]) -> None:
        self.when, self.action, self.dead = when, action, False


@final
class Agenda:
    """Timers in the order of time, then of rank, then of setting."""

    __slots__ = ("_heap", "_numbers", "_sweep_at")

    def __init__(self) -> None:
        self._heap: list[tuple[dt.datetime, int, int, Timer]] = []
        self._numbers = itertools.count()
        self._sweep_at = SMALL

    def add(self, when: dt.datetime, action: Callable[[], None], *, rank: int = 0) -> Timer:
        """Do *action* at *when*; at the same moment the lower rank goes first."""
        timer = Timer(when, action)
        heapq.heappush(self._heap, (when, rank, next(self._numbers), timer))
        if len(self._heap) > self._sweep_at:
            self._sweep()
        return timer

    def set(
        self,
        order: Order,
        name: str,
        when: dt.datetime,
        action: Callable[[], None],
        *,
        rank: int = 0,
    ) -> None:
        """Set a timer of an order in the place of its earlier one of the same name."""
        self.drop(order, name)
        order.timers[name] = self.add(when, action, rank=rank)

    def drop(self, order: Order, name: str) -> None:
        """Forget one timer of an order."""
        timer = order.timers.pop(name, None)
        if timer is not None:
            timer.dead = True

    def drop_all(self, order: Order) -> None:
        """Forget every timer of an order."""
        for timer in order.timers.values():
            timer.dead = True
        order.timers.clear()

    def next_due(self) -> dt.datetime | None:
        """Return when the next timer is due."""
        heap = self._heap
        while heap and heap[0][3].dead:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def take(self, now: dt.datetime) -> Timer | None:
        """Take the next timer that is due by *now*."""
        due = self.next_due()
        if due is None or due > now:
            return None
        timer = heapq.heappop(self._heap)[3]
        timer.dead = True
        return timer

    def _sweep(self) -> None:
        self._heap = [entry for entry in self._heap if not entry[3].dead]
        heapq.heapify(self._heap)
        self._sweep_at = max(SMALL, 2 * len(self._heap))
