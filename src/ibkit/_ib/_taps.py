"""What TWS says about orders, fills and positions, as it says it.

ib_async makes trades of these messages and loses some of what they say on the way: a status that
it overwrites, fields of openOrder that it ignores, a commission before its execution (traps
B2, B10, B11). A tap hears each message whole, before ib_async does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, final

from attrs import define
from ib_async import IB, CommissionReport, Contract, Execution, Order, OrderState

from . import _compat as compat  # attrs needs the name _compat for itself
from ._health import HealthRecord, name_of


class StatusMessage(NamedTuple):
    """An orderStatus message."""

    order_id: int
    status: str
    filled: float
    remaining: float
    average_fill_price: float
    perm_id: int
    parent_id: int
    last_fill_price: float
    client_id: int
    why_held: str
    market_cap_price: float = 0.0


@final
@define(eq=False, repr=False)
class Taps:
    """
    Listens to the messages of one IB.

    Each method returns a function that takes the listener off. A listener is a plain function;
    what it raises is recorded, and the message goes on to ib_async all the same.
    """

    ib: IB
    health: HealthRecord

    def open_order(
        self, listener: Callable[[int, Contract, Order, OrderState], object]
    ) -> Callable[[], None]:
        """Hear openOrder: order id, contract, the order as TWS has it, its state."""
        return self._tap("openOrder", listener)

    def open_orders_end(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Hear the end of an answer to either open-orders request."""
        return self._tap("openOrderEnd", listener)

    def order_status(self, listener: Callable[[StatusMessage], object]) -> Callable[[], None]:
        """Hear orderStatus."""

        def hear(*fields: object) -> None:
            listener(StatusMessage(*fields))  # type: ignore[arg-type]  # in the order of ib_async

        return self._tap("orderStatus", hear, listener)

    def execution(
        self, listener: Callable[[int, Contract, Execution], object]
    ) -> Callable[[], None]:
        """Hear execDetails: request id (-1 for a live fill), contract, execution."""
        return self._tap("execDetails", listener)

    def commission(self, listener: Callable[[CommissionReport], object]) -> Callable[[], None]:
        """Hear commissionReport; unset numbers are still 1.797e308."""
        return self._tap("commissionReport", listener)

    def completed_order(
        self, listener: Callable[[Contract, Order, OrderState], object]
    ) -> Callable[[], None]:
        """Hear completedOrder."""
        return self._tap("completedOrder", listener)

    def position(
        self, listener: Callable[[str, Contract, float, float], object]
    ) -> Callable[[], None]:
        """Hear position: account, contract, size, average cost."""
        return self._tap("position", listener)

    def error(self, listener: Callable[[int, int, str, str], object]) -> Callable[[], None]:
        """Hear every error: id, code, text, and the advanced reason of a rejection."""
        return self._tap("error", listener)

    def order_sent(self, listener: Callable[[int, Contract, Order], object]) -> Callable[[], None]:
        """Hear of every order that was handed to the socket, new or changed: id, terms."""
        return compat.after_sending(self.ib, "placeOrder", self._safely("placeOrder", listener))

    def cancel_sent(self, listener: Callable[[int], object]) -> Callable[[], None]:
        """Hear of every cancel that was handed to the socket, by order id."""

        def hear(order_id: int, *_: object) -> None:
            listener(order_id)

        return compat.after_sending(self.ib, "cancelOrder", self._safely("cancelOrder", hear))

    def _tap(
        self,
        name: str,
        hear: Callable[..., object],
        listener: Callable[..., object] | None = None,
    ) -> Callable[[], None]:
        return compat.intercept(self.ib, name, self._safely(name, hear, listener))

    def _safely(
        self,
        name: str,
        hear: Callable[..., object],
        listener: Callable[..., object] | None = None,
    ) -> Callable[..., bool]:
        context = f"tap {name_of(listener or hear)} of {name}"

        def safely(*fields: object) -> bool:
            try:
                hear(*fields)
            except Exception as error:  # noqa: BLE001 - whatever a listener raises is recorded
                self.health.failed(context, error)
            return False

        return safely
