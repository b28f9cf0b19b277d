"""Those who hold a line or wait for one, and the order in which they are served."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from operator import attrgetter

from attrs import define, field

from ._decisions import NOTHING_MORE, Holder, Request
from ._kinds import Spec
from ._limits import POOLS, Pool


@define(eq=False)
class Entry:
    """One spec with its holders. It waits while it has no request."""

    spec: Spec
    sequence: int
    holders: dict[int, Holder] = field(factory=dict)
    wants: frozenset[int] = NOTHING_MORE
    request: Request | None = None
    opened_at: float = 0.0
    not_before: float = 0.0
    was_evicted: bool = False
    rank: tuple[int, int] | None = None
    """Its place in the queue, while it is in it."""

    @property
    def pools(self) -> tuple[Pool, ...]:
        return POOLS[self.spec.kind]

    @property
    def priority(self) -> int:
        return max(holder.priority for holder in self.holders.values())

    @property
    def evicts(self) -> bool:
        # One that was evicted queues like everybody: two of equal rank would evict each other.
        return not self.was_evicted and any(
            holder.when_full == "evict" for holder in self.holders.values()
        )


class Queue:
    """Entries that wait, by priority, then by arrival.

    An entry is taken out before anything on it changes.
    """

    __slots__ = ("_entries", "evictors", "wanted")

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self.evictors = 0
        self.wanted: Counter[Pool] = Counter()
        """How many wait for each pool."""

    def __iter__(self) -> Iterator[Entry]:
        """Walk a copy, so that the walker may serve whom it meets."""
        return iter(self._entries.copy())

    def __bool__(self) -> bool:
        return bool(self._entries)

    def add(self, entry: Entry) -> None:
        entry.rank = (-entry.priority, entry.sequence)
        self._entries.insert(self._place(entry), entry)
        self.wanted.update(entry.pools)
        self.evictors += entry.evicts

    def remove(self, entry: Entry) -> bool:
        """Take *entry* out; False if it was not there."""
        if entry.rank is None:
            return False
        del self._entries[self._place(entry)]
        entry.rank = None
        self.wanted.subtract(entry.pools)
        self.evictors -= entry.evicts
        return True

    def up_to(self, entry: Entry, pool: Pool) -> int:
        """Count those who want *pool* before *entry*, and itself."""
        return sum(pool in one.pools for one in self._entries[: self._place(entry) + 1])

    def _place(self, entry: Entry) -> int:
        assert entry.rank is not None
        return bisect_left(self._entries, entry.rank, key=attrgetter("rank"))


class Alarms:
    """The times at which something may become possible; each is kept once."""

    __slots__ = ("_heap", "_set")

    def __init__(self) -> None:
        self._heap: list[float] = []
        self._set: set[float] = set()

    def add(self, at: float) -> None:
        if at not in self._set:
            self._set.add(at)
            heapq.heappush(self._heap, at)

    def ring(self, now: float) -> None:
        """Forget what is past."""
        while self._heap and self._heap[0] <= now:
            self._set.discard(heapq.heappop(self._heap))

    @property
    def first(self) -> float | None:
        return self._heap[0] if self._heap else None
