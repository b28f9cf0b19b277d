"""A heap of orders whose old entries are dropped when they come up."""

from __future__ import annotations

import heapq
from decimal import Decimal
from typing import NamedTuple, final

from ibkit.sim._engine._order import Order

SMALL = 64


class Entry(NamedTuple):
    """An order at a price. Compared by key, then by time priority."""

    key: Decimal
    sequence: int
    number: int
    stamp: int
    order: Order
    purpose: str


@final
class LazyHeap:
    """Lowest key first; O(log n) to add, O(1) to look. An entry dies with its order's stamp."""

    __slots__ = ("_added", "_entries", "_sweep_at")

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._added = 0
        self._sweep_at = SMALL

    def push(self, key: Decimal, order: Order, purpose: str = "") -> None:
        """Add an order under its present stamp."""
        self._added += 1
        entry = Entry(key, order.sequence, self._added, order.stamp, order, purpose)
        heapq.heappush(self._entries, entry)
        if len(self._entries) > self._sweep_at:
            self._sweep()

    def first(self) -> Entry | None:
        """Return the first living entry."""
        entries = self._entries
        while entries:
            entry = entries[0]
            if entry.order.stamp == entry.stamp:
                return entry
            heapq.heappop(entries)
        return None

    def pop(self) -> Entry:
        """Take the entry that `first` has returned."""
        return heapq.heappop(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _sweep(self) -> None:
        self._entries = [entry for entry in self._entries if entry.order.stamp == entry.stamp]
        heapq.heapify(self._entries)
        self._sweep_at = max(SMALL, 2 * len(self._entries))
