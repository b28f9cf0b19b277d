"""Every order of the day, by key and by perm id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from ibkit.sim._engine._order import Order
from ibkit.sim._engine._terms import OrderKey

UNBOUND = OrderKey(0, 0)
"""The key of a manual order. Any number of them may share it."""


@final
class Orders:
    """Held and live orders, and the ones that ended today.

    A held order that was cancelled counts as ended too, with perm id 0: it never reached IB.
    """

    __slots__ = ("_by_key", "_by_perm_id", "ended", "live")

    def __init__(self) -> None:
        self._by_key: dict[OrderKey, Order] = {}
        self._by_perm_id: dict[int, Order] = {}
        self.live: dict[Order, None] = {}
        """Transmitted and not ended, oldest first."""
        self.ended: dict[Order, None] = {}

    def add(self, order: Order) -> None:
        """Know an order by its key."""
        if order.key != UNBOUND:
            self._by_key[order.key] = order

    def accept(self, order: Order) -> None:
        """Know an order by its perm id, as live."""
        self._by_perm_id[order.perm_id] = order
        self.live[order] = None

    def rename(self, order: Order, key: OrderKey) -> None:
        """Give a manual order a key."""
        order.key = key
        self.add(order)

    def end(self, order: Order) -> None:
        """Count an order as ended."""
        self.live.pop(order, None)
        self.ended[order] = None

    def revive(self, order: Order) -> None:
        """Count a rejected order as live again."""
        self.ended.pop(order, None)
        self.live[order] = None

    def get(self, key: OrderKey) -> Order | None:
        """Return the order of a key."""
        return self._by_key.get(key)

    def by_perm_id(self, perm_id: int) -> Order:
        """Return an order. An unknown perm id raises `KeyError`."""
        return self._by_perm_id[perm_id]

    def find_perm_id(self, perm_id: int) -> Order | None:
        """Return an order, or ``None``."""
        return self._by_perm_id.get(perm_id)

    def live_with_id(self, order_id: int) -> list[Order]:
        """Return the live orders of any client that have this order id."""
        return [order for order in self.live if order.key.order_id == order_id]

    def held(self) -> Iterator[Order]:
        """Return the orders that wait to be transmitted."""
        return (order for order in self._by_key.values() if not order.perm_id)

    def forget_ended_keys(self) -> None:
        """Let the ids of ended orders be used again, as a restart of the gateway does."""
        for order in self.ended:
            if self._by_key.get(order.key) is order:
                del self._by_key[order.key]

    def forget_ended(self) -> None:
        """Forget what ended, as a new day does."""
        for order in self.ended:
            self._by_perm_id.pop(order.perm_id, None)
            if self._by_key.get(order.key) is order:
                del self._by_key[order.key]
        self.ended.clear()
