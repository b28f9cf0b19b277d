"""What leaves the order desk: new orders, changes, cancels. All of it in the fast lane."""

from __future__ import annotations

import contextlib
from typing import final

from ib_async import IB, Contract, Order

from ibkit._ib import _compat as compat
from ibkit._ib._sender import Sender
from ibkit.errors import ForeignOrder, PlanError
from ibkit.orders._legs import Leg
from ibkit.orders._modify import modified
from ibkit.orders._numbers import Size
from ibkit.state import OrderLedger, TrueOrder


@final
class Outbox:
    """Sends orders of one connection, and nothing that is not its own."""

    def __init__(self, ib: IB, sender: Sender, ledger: OrderLedger) -> None:
        self._ib, self._sender, self._ledger = ib, sender, ledger

    def reserve(self, count: int) -> int:
        """The first of *count* consecutive order ids."""
        ids = [compat.new_id(self._ib) for _ in range(count)]
        return ids[0]

    def send(self, contract: Contract, order: Order) -> None:
        """Hand an order to the socket now."""
        # ib_async takes notices for cancellations (traps B1), and objects to a change of such an
        # order after it was sent (traps B6).
        with contextlib.suppress(AssertionError):
            self._sender.order(lambda: self._ib.placeOrder(contract, order))

    def change(
        self,
        contract: Contract,
        order: TrueOrder,
        *,
        leg: Leg | None = None,
        size: Size | None = None,
    ) -> Order:
        """Send a change of a live order, and return what was sent."""
        wanted = modified(self.own(order).order, leg=leg, size=size)
        self.send(contract, wanted)
        return wanted

    def cancel(self, order: TrueOrder) -> None:
        """Send a cancel."""
        own = self.own(order)
        wire = Order(orderId=own.order_id, clientId=own.client_id, permId=own.perm_id)
        self._sender.order(lambda: self._ib.cancelOrder(wire))

    def sweep(self, order: TrueOrder) -> None:
        """
        Cancel an order that TWS does not list, and that it may hold untransmitted all the same.

        It holds such orders without showing them (gateway-behaviour 1.2). Where it has none, it
        answers 10147, which concerns nobody.
        """
        reused = self._ledger.by_order_id(order.client_id, order.order_id)
        if order.client_id == self._ledger.client_id and reused in (None, order):
            self._sender.order(lambda: compat.cancel_order(self._ib, order.order_id))

    def own(self, order: TrueOrder | None) -> TrueOrder:
        """Refuse what is not there, and what another client or a person has placed."""
        if order is None:
            raise PlanError("order", None, "an order that was sent")
        client_id = self._ledger.client_id
        if order.client_id != client_id or order.order_id <= 0:
            raise ForeignOrder(
                order.order_id,
                order.client_id,
                f"this connection is client {client_id}; connect with the order's client id",
            )
        return order
