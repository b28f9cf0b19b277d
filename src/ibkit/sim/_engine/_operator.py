"""What is done to the broker from outside the API: by hand in TWS, by the exchange, by a fault."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import final

from ibkit.sim._engine import _cancelling, _checks, _ending, _placing
from ibkit.sim._engine._activation import dispatch, settle
from ibkit.sim._engine._check import Answer, first_failure
from ibkit.sim._engine._correcting import correct
from ibkit.sim._engine._events import Event, OrderBound, StatusReported
from ibkit.sim._engine._filling import UNKNOWN, fill
from ibkit.sim._engine._lifecycle import PRE_SUBMITTED, Gate
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._orders import UNBOUND
from ibkit.sim._engine._terms import OrderKey, OrderTerms, Place
from ibkit.sim._engine._traps import Rejection
from ibkit.sim._engine._world import World

Begin = Callable[[dt.datetime], None]
Finish = Callable[[], list[Event]]
BINDER = 0
"""The client to which manual orders are bound."""


@final
class Operator:
    """Doors beside the API. Every method with *now* returns events, like `Broker.apply`.

    Orders are named by `perm_id`; an unknown one, or one that has ended, raises `KeyError`.
    """

    def __init__(self, world: World, begin: Begin, finish: Finish) -> None:
        self._world, self._begin, self._finish = world, begin, finish
        self.auto_bind = False
        """Bind manual orders to client 0 as they are placed (``reqAutoOpenOrders(true)``)."""

    # -- by hand in TWS

    def place(self, con_id: int, exchange: str, terms: OrderTerms, now: dt.datetime) -> list[Event]:
        """Place a manual order: key (0, 0) until it is bound.

        `ValueError`: no such instrument, or terms that TWS would not take from a person either.
        """
        self._begin(now)
        command = Place(key=UNBOUND, con_id=con_id, exchange=exchange, terms=terms)
        draft = _placing.draft_of(self._world, command, None)
        if draft.instrument is None:
            raise ValueError(f"con_id: got {con_id}, which is no instrument of this gateway")
        if failure := first_failure(_checks.BY_HAND, draft):
            raise ValueError(f"terms: refused with {failure.code}: {failure.text}")
        order = _placing.create(self._world, draft, draft.instrument)
        if self.auto_bind:
            self._bind(order)
        _placing.transmit(self._world, [order])
        if self.auto_bind:
            self._world.tell(OrderBound(order.perm_id, order.key))
        return self._finish()

    def cancel(self, perm_id: int, now: dt.datetime) -> list[Event]:
        """Cancel any order by hand."""
        order = self._live(perm_id, now)
        if _cancelling.can_cancel(order):
            _cancelling.cancel_by_user(self._world, order)
        return self._done()

    def bind(self, now: dt.datetime) -> list[Event]:
        """Bind every unbound manual order to client 0: `OrderBound` each, then the order."""
        self._begin(now)
        for order in [order for order in self._world.orders.live if order.key == UNBOUND]:
            self._bind(order)
            self._world.tell(OrderBound(order.perm_id, order.key))
            self._world.show(order)
        return self._finish()

    # -- by the exchange, or by a fault

    def fill(
        self, perm_id: int, quantity: Decimal, price: Decimal, now: dt.datetime
    ) -> list[Event]:
        """Fill an order, whatever the market says. `ValueError`: it is held for locating."""
        order = self._live(perm_id, now)
        if order.gate is Gate.LOCATE:
            raise ValueError(f"perm_id: got {perm_id}, an order that is held; release it first")
        fill(self._world, order, quantity, price, liquidity=UNKNOWN)
        return self._done()

    def reject(
        self, perm_id: int, reason: str, now: dt.datetime, *, error_first: bool = False
    ) -> list[Event]:
        """Reject a live order: Inactive and 201, or 201 and Inactive."""
        order = self._live(perm_id, now)
        _ending.rejected(self._world, order, reason, error_first=error_first)
        return self._done()

    def cancel_unasked(self, perm_id: int, reason: str, now: dt.datetime) -> list[Event]:
        """Let the exchange cancel a live order: Cancelled and 202 with *reason*."""
        order = self._live(perm_id, now)
        _ending.cancelled(self._world, order, reason=reason)
        return self._done()

    def hold(self, perm_id: int, now: dt.datetime) -> list[Event]:
        """Hold an order for locating securities: 404, Inactive with whyHeld ``locate``."""
        order = self._live(perm_id, now)
        self._world.markets.book(order.con_id).leave(order)
        self._world.agenda.drop(order, "gate")
        _placing.locate(self._world, order)
        return self._done()

    def release(self, perm_id: int, now: dt.datetime) -> list[Event]:
        """Let an order work that was held for locating securities. Others stay as they are."""
        order = self._live(perm_id, now)
        if order.gate is Gate.LOCATE:
            order.step(PRE_SUBMITTED)
            self._world.show(order)
            dispatch(self._world, order, self._world.models.latency.submit)
        return self._done()

    def notice(self, perm_id: int, code: int, text: str, now: dt.datetime) -> list[Event]:
        """Send an error text about a live order that changes nothing (10349, 10311, 399, 2109)."""
        self._world.warn(self._live(perm_id, now), code, text)
        return self._finish()

    def report(self, perm_id: int, now: dt.datetime, *, status: str | None = None) -> list[Event]:
        """Send an orderStatus once more; with *status*, a false one. The order stays as it is."""
        self._begin(now)
        view = self._world.orders.by_perm_id(perm_id).view()
        self._world.tell(StatusReported(view._replace(status=status or view.status)))
        return self._finish()

    def correct_execution(
        self,
        exec_id: str,
        now: dt.datetime,
        *,
        price: Decimal | None = None,
        quantity: Decimal | None = None,
    ) -> list[Event]:
        """Correct an execution of today: the same trade again with the next correction number."""
        self._begin(now)
        execution = self._world.executions.get(exec_id)
        correct(self._world, execution, price=price, quantity=quantity)
        return self._finish()

    def bust(self, exec_id: str, now: dt.datetime) -> list[Event]:
        """Take an execution back: a correction to quantity 0."""
        return self.correct_execution(exec_id, now, quantity=Decimal(0))

    # -- traps for what comes next

    def reject_next(self, reason: str, *, error_first: bool = False) -> None:
        """Reject the next new order with 201."""
        self._world.traps.rejections.append(Rejection(reason, error_first))

    def refuse_next(self, code: int, text: str) -> None:
        """Refuse the next new order with an error only; it never exists."""
        self._world.traps.refusals.append(Answer(code, text))

    @property
    def refusals(self) -> int:
        """How many orders and changes are still to be refused as it was arranged."""
        return len(self._world.traps.refusals) + len(self._world.traps.modifies)

    def refuse_next_modify(self, code: int, text: str) -> None:
        """Refuse the next modification; the order stays as it is."""
        self._world.traps.modifies.append(Answer(code, text))

    def notice_next(self, code: int, text: str) -> None:
        """Send a notice with the next accepted order."""
        self._world.traps.notices.append(Answer(code, text))

    def hold_next(self) -> None:
        """Hold the next accepted order for locating securities."""
        self._world.traps.holds += 1

    # -- inside

    def _live(self, perm_id: int, now: dt.datetime) -> Order:
        self._begin(now)
        order = self._world.orders.by_perm_id(perm_id)
        if not order.is_live:
            raise KeyError(perm_id)
        return order

    def _done(self) -> list[Event]:
        settle(self._world)
        return self._finish()

    def _bind(self, order: Order) -> None:
        bound_id = self._world.identities.bound_id()
        self._world.orders.rename(order, OrderKey(BINDER, bound_id))
