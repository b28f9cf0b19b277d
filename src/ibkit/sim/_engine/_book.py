"""The orders of one instrument, kept so that a tick finds what it moves and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import final

from ibkit.sim._engine._lazy_heap import Entry, LazyHeap
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._trigger_methods import Source

TRIGGER, ADJUST, CONDITION = "trigger", "adjust", "condition"


@final
class Book:
    """Resting limits by price, unpriced orders by time, watches and trails by level.

    Entries live as long as their order's stamp, so leaving the book is ``order.stamp += 1``.
    """

    __slots__ = ("_limits", "_trails", "_watches", "opening", "pegs", "unpriced", "watched")

    def __init__(self) -> None:
        self._limits = {True: LazyHeap(), False: LazyHeap()}
        self._watches: dict[tuple[Source, bool], LazyHeap] = {}
        self._trails: dict[tuple[Source, bool], LazyHeap] = {}
        self.unpriced: dict[Order, None] = {}
        """Orders that take any price, oldest first."""
        self.pegs: dict[Order, None] = {}
        """Orders whose limit follows the quote."""
        self.opening: dict[Order, None] = {}
        """Orders that wait for the first tick of a session."""
        self.watched: set[Source] = set()
        """The prices for which anything waits, or ever did."""

    # -- limits

    def rest(self, order: Order) -> None:
        """Keep a working order."""
        if order.limit is None:
            self.unpriced[order] = None
        else:
            self._limits[order.is_buy].push(-order.limit if order.is_buy else order.limit, order)

    def best_limit(self, *, is_buy: bool) -> Entry | None:
        """Return the order that is filled first on its side."""
        return self._limits[is_buy].first()

    def take_limit(self, *, is_buy: bool) -> None:
        """Take out what `best_limit` has returned."""
        self._limits[is_buy].pop()

    # -- watches

    def watch(
        self, order: Order, level: Decimal, seen: Iterable[Source], purpose: str, *, rising: bool
    ) -> None:
        """Wake an order when a price reaches *level*."""
        for source in seen:
            self.watched.add(source)
            heap = self._watches.setdefault((source, rising), LazyHeap())
            heap.push(level if rising else -level, order, purpose)

    def woken(self, source: Source, price: Decimal, *, rising: bool) -> Entry | None:
        """Take the next watch that *price* has reached."""
        heap = self._watches.get((source, rising))
        first = heap.first() if heap else None
        if heap is None or first is None or first.key > (price if rising else -price):
            return None
        return heap.pop()

    # -- trails

    def follow(self, order: Order, seen: Iterable[Source]) -> None:
        """Move an order's stop when a price gets better than its best. No best yet: any price."""
        for source in seen:
            key = Decimal("-Infinity")
            if order.best is not None:
                key = -order.best if order.is_buy else order.best
            self.watched.add(source)
            self._trails.setdefault((source, order.is_buy), LazyHeap()).push(key, order)

    def dragged(self, source: Source, price: Decimal, *, is_buy: bool) -> Order | None:
        """Take the next trailing order that *price* moves."""
        heap = self._trails.get((source, is_buy))
        first = heap.first() if heap else None
        if heap is None or first is None or first.key >= (-price if is_buy else price):
            return None
        return heap.pop().order

    # -- leaving

    def leave(self, order: Order) -> None:
        """Forget an order."""
        order.stamp += 1
        self.unpriced.pop(order, None)
        self.pegs.pop(order, None)
        self.opening.pop(order, None)
