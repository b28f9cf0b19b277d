"""Orders of a roll: sent, changed and cancelled apart from any group."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import final

from ib_async import Contract, Order, OrderStatus, Trade

from ibkit._ib._events import Subscriptions
from ibkit._ib._link_table import LinkState
from ibkit._ib._requests import Requests
from ibkit.errors import ConnectionLost, FateUnknown, OrderRejected, RequestTimeout
from ibkit.orders._keeper import Keeper
from ibkit.orders._legs import Limit
from ibkit.orders._observe import rejected
from ibkit.state import Owner, TrueOrder
from ibkit.state._ledger import same_terms
from ibkit.state._order import copy_of

ANSWER = 10.0
"""Seconds that TWS has to answer."""
_LOST = frozenset({LinkState.DOWN, LinkState.CLOSED})


@final
class RollHands:
    """What a roll may do with orders while the desk leaves the groups on its contracts alone."""

    def __init__(self, keeper: Keeper, requests: Requests) -> None:
        self._keeper, self._requests = keeper, requests
        self._state = keeper.state
        self._news = asyncio.Event()
        self._listening = Subscriptions(requests.health)
        for event in (self._state.order_changed, self._state.fill_changed):
            self._listening.add(event, self._stir)
        self._listening.add(self._state.link.changed, self._stir)

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()

    @property
    def client_id(self) -> int:
        """Whose orders these are."""
        return self._state.ledger.client_id

    # -- looking

    async def orders_async(self) -> list[Trade]:
        """
        Every order that is known, with the terms that TWS has shown; those of other clients too.

        Asks which of them work. Raises as requests do.
        """
        return [_as_trade(order) for order in await self.known_async()]

    async def known_async(self) -> list[TrueOrder]:
        """The same, as the ledger has them."""
        self._news.clear()
        await self.settled_async()
        listed = {trade.order.permId for trade in await self._requests.all_open_orders_async()}
        known = self._state.ledger.all()
        return [o for o in known if o.owner is Owner.OURS or o.is_done or o.perm_id in listed]

    async def changed_async(self, timeout: float) -> None:
        """Wait until something has changed since the last look, or for so many seconds."""
        waiting = asyncio.ensure_future(self._news.wait())
        try:  # wait_for would swallow a cancellation that comes with the news, before Python 3.12
            await asyncio.wait({waiting}, timeout=timeout)
        finally:
            waiting.cancel()

    async def settled_async(self, timeout: float = 60.0) -> None:
        """
        Wait until it is certain of each order of this client what TWS has of it.

        Raises `ConnectionLost` when the connection does not come back, `RequestTimeout`.
        """
        if self._state.link.is_up and not self._doubtful():
            return
        if self._state.link.is_up:
            self._state.ask_again()
        await self._until(
            lambda: self._state.link.is_up and not self._doubtful(), timeout, "orders in doubt"
        )

    def _doubtful(self) -> list[TrueOrder]:
        known = self._state.ledger.all()
        return [o for o in known if o.owner is Owner.OURS and not (o.is_done or o.certain)]

    # -- acting

    def reserve_ids(self, count: int) -> int:
        """The first of *count* consecutive order ids."""
        return self._keeper.outbox.reserve(count)

    async def send_async(self, contract: Contract, orders: Sequence[Order]) -> None:
        """
        Send new orders, and wait until TWS has answered each.

        Raises `OrderRejected`; `FateUnknown` when no answer came, so that nobody knows.
        """
        self._state.link.require_up("sending the orders of a roll")
        for order in orders:
            self._keeper.outbox.send(contract, order)
        ids = [order.orderId for order in orders]
        await self._answered(
            lambda: all((o := self._own(one)) and o.status for one in ids), orders[0].orderRef
        )
        for one in ids:
            order_now = self._own(one)
            if order_now is not None and order_now.is_done and not order_now.filled:
                raise _rejection(order_now)

    async def change_async(
        self, order_id: int, *, remaining: Decimal | None = None, limit: Decimal | None = None
    ) -> None:
        """
        Change how much of a working order remains, or its limit. One that has ended stays so.

        Raises as `send_async`.
        """
        self._state.link.require_up("changing an order of a roll")
        before = self._own(order_id)
        if before is None or before.is_done:
            return
        size = None if remaining is None else before.filled + remaining
        leg = None if limit is None else Limit(limit)
        wanted = self._keeper.outbox.change(before.contract, before, leg=leg, size=size)

        def answered() -> bool:
            now = self._own(order_id)
            return now is None or now.is_done or (now.wanted is None and now.certain)

        await self._answered(answered, before.order_ref)
        after = self._own(order_id)
        if after is not None and not after.is_done and not same_terms(wanted, after.order):
            raise _rejection(after)

    async def cancel_async(self, order_id: int) -> None:
        """Cancel a working order, and wait until it has ended. Raises as `send_async`."""
        self._state.link.require_up("cancelling an order of a roll")
        before = self._own(order_id)
        if before is None or before.is_done:
            return
        self._keeper.outbox.cancel(before)

        def ended() -> bool:
            now = self._own(order_id)
            return now is None or now.is_done

        await self._answered(ended, before.order_ref)

    # -- inside

    def _own(self, order_id: int) -> TrueOrder | None:
        ledger = self._state.ledger
        return ledger.by_order_id(ledger.client_id, order_id)

    async def _answered(self, predicate: Callable[[], bool], what: str) -> None:
        try:
            await self._until(lambda: predicate() or self._is_lost(), ANSWER, what)
        except RequestTimeout as error:
            for order in self._unanswered():
                self._state.doubt(order)
            raise FateUnknown(what) from error
        if not predicate():
            raise FateUnknown(what)

    def _is_lost(self) -> bool:
        return self._state.link.state in _LOST

    def _unanswered(self) -> list[TrueOrder]:
        ours = [o for o in self._state.ledger.all() if o.owner is Owner.OURS and not o.is_done]
        return [o for o in ours if not o.status or o.wanted is not None or o.cancelling]

    async def _until(self, predicate: Callable[[], bool], timeout: float, what: str) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        while not predicate():
            self._news.clear()
            left = until - loop.time()
            if left <= 0:
                if self._is_lost():
                    raise ConnectionLost("a roll")
                raise RequestTimeout(what, timeout)
            await self.changed_async(left)

    def _stir(self, _: object) -> None:
        self._news.set()


def _as_trade(order: TrueOrder) -> Trade:
    """A trade as ib_async has it, with the truth of the ledger."""
    status = "Submitted"
    if order.is_done:
        status = "Filled" if order.status == "Filled" else "Cancelled"
    terms = copy_of(order.order)
    terms.orderId, terms.clientId, terms.permId = order.order_id, order.client_id, order.perm_id
    return Trade(
        order.contract,
        terms,
        OrderStatus(
            orderId=order.order_id,
            status=status,
            filled=float(order.filled),
            remaining=float(order.remaining),
            permId=order.perm_id,
            clientId=order.client_id,
        ),
    )


def _rejection(order: TrueOrder) -> OrderRejected:
    notice = order.refused or (order.messages[-1] if order.messages else None)
    if notice is None:
        return OrderRejected(0, f"it is {order.status}, and TWS does not say why", order.order_ref)
    return rejected(notice, order.order_ref)
