"""The broker of one gateway: the one object that the sessions, the faults and the truth use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Set as AbstractSet
from decimal import Decimal
from typing import final

from ibkit.sim._engine._events import Event, Fill, OrderView
from ibkit.sim._engine._hours import Hours
from ibkit.sim._engine._models import Models
from ibkit.sim._engine._terms import Command, OrderKey, OrderTerms
from ibkit.sim._engine._views import (
    AccountFigures,
    ExecutionFilter,
    Pnl,
    PositionPnl,
    PositionView,
)
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._ticks import MarketTick, Quote
from ibkit.sim._scenario import Scenario


@final
class Operator:
    """Doors beside the API. Every method returns events for the sessions, like `Broker.apply`.

    Orders are named by `perm_id`. An unknown one raises `KeyError`.
    """

    auto_bind: bool = False
    """Bind manual orders to client 0 as they are placed (``reqAutoOpenOrders(true)``)."""

    # by hand in TWS
    def place(self, con_id: int, exchange: str, terms: OrderTerms, now: dt.datetime) -> list[Event]:
        """Place a manual order: key (0, 0) until it is bound."""
        raise NotImplementedError

    def cancel(self, perm_id: int, now: dt.datetime) -> list[Event]:
        """Cancel any order by hand."""
        raise NotImplementedError

    def bind(self, now: dt.datetime) -> list[Event]:
        """Bind every unbound manual order to client 0: negative ids, `OrderBound` each."""
        raise NotImplementedError

    # by the exchange, or by a fault
    def fill(
        self, perm_id: int, quantity: Decimal, price: Decimal, now: dt.datetime
    ) -> list[Event]:
        """Fill an order, whatever the market says."""
        raise NotImplementedError

    def reject(
        self, perm_id: int, reason: str, now: dt.datetime, *, error_first: bool = False
    ) -> list[Event]:
        """Reject a live order: Inactive and 201, or 201 and Inactive."""
        raise NotImplementedError

    def cancel_unasked(self, perm_id: int, reason: str, now: dt.datetime) -> list[Event]:
        """Let the exchange cancel a live order: Cancelled and 202 with *reason*."""
        raise NotImplementedError

    def hold(self, perm_id: int, now: dt.datetime) -> list[Event]:
        """Hold an order for locating securities: 404, Inactive with whyHeld ``locate``."""
        raise NotImplementedError

    def release(self, perm_id: int, now: dt.datetime) -> list[Event]:
        """Let a held order work again."""
        raise NotImplementedError

    def notice(self, perm_id: int, code: int, text: str, now: dt.datetime) -> list[Event]:
        """Send an error text about a live order that changes nothing (10349, 10311, 399, 2109)."""
        raise NotImplementedError

    def report(self, perm_id: int, now: dt.datetime, *, status: str | None = None) -> list[Event]:
        """Send an orderStatus once more; with *status*, a false one. The order stays as it is."""
        raise NotImplementedError

    def correct_execution(
        self,
        exec_id: str,
        now: dt.datetime,
        *,
        price: Decimal | None = None,
        quantity: Decimal | None = None,
    ) -> list[Event]:
        """Correct an execution: the same trade again with the next correction number."""
        raise NotImplementedError

    def bust(self, exec_id: str, now: dt.datetime) -> list[Event]:
        """Take an execution back: a correction to quantity 0."""
        raise NotImplementedError

    # traps for what comes next
    def reject_next(self, reason: str, *, error_first: bool = False) -> None:
        """Reject the next new order with 201."""
        raise NotImplementedError

    def refuse_next(self, code: int, text: str) -> None:
        """Refuse the next new order with an error only; it never exists."""
        raise NotImplementedError

    def refuse_next_modify(self, code: int, text: str) -> None:
        """Refuse the next modification; the order stays as it is."""
        raise NotImplementedError

    def notice_next(self, code: int, text: str) -> None:
        """Send a notice with the next accepted order."""
        raise NotImplementedError

    def hold_next(self) -> None:
        """Hold the next accepted order for locating securities."""
        raise NotImplementedError


@final
class Broker:
    """Exchange, order desk and books of one user. Pure: time is an argument and never goes back.

    Every call first carries out what was due before *now*; its events come first in the result.

    Args:
        scenario: The switches. May be replaced at any time (`scenario` is an attribute).
        instrument: What can be traded, by con id.
        increment: The smallest step of an order's price near a price; `min_tick` by default.
        hours: The trading calendar; `AlwaysOpen` by default.
        quote: The market of an instrument at this moment. Asked when an order comes for an
            instrument whose ticks the broker has not been given (see `working_instruments`).
        models: Fills, slippage, latency, fees, margin, rates; by default those of the scenario.
    """

    scenario: Scenario
    models: Models
    operator: Operator

    def __init__(
        self,
        scenario: Scenario,
        instrument: Callable[[int], Instrument | None],
        *,
        increment: Callable[[Instrument, Decimal], Decimal] | None = None,
        hours: Hours | None = None,
        quote: Callable[[int, dt.datetime], Quote | None] | None = None,
        models: Models | None = None,
    ) -> None:
        raise NotImplementedError

    # -- in

    def apply(self, command: Command, now: dt.datetime) -> list[Event]:
        """Carry out one command of a client."""
        raise NotImplementedError

    def tick(self, tick: MarketTick, now: dt.datetime) -> list[Event]:
        """Let the market move."""
        raise NotImplementedError

    def advance(self, now: dt.datetime) -> list[Event]:
        """Let time pass: expiries, openings, deferred orders, what is on its way."""
        raise NotImplementedError

    def next_deadline(self) -> dt.datetime | None:
        """Return when `advance` has something to do next."""
        raise NotImplementedError

    # -- orders

    def working_instruments(self) -> AbstractSet[int]:
        """Return the instruments whose ticks matter: of live orders, their legs, conditions."""
        raise NotImplementedError

    def orders(self) -> tuple[OrderView, ...]:
        """Return every live transmitted order of every client, manual ones too, oldest first."""
        raise NotImplementedError

    def completed_orders(self) -> tuple[OrderView, ...]:
        """Return the orders that ended today, in the order in which they ended."""
        raise NotImplementedError

    def order(self, key: OrderKey) -> OrderView | None:
        """Return the order of a key, live or ended."""
        raise NotImplementedError

    def order_by_perm_id(self, perm_id: int) -> OrderView | None:
        """Return the order of a perm id, live or ended."""
        raise NotImplementedError

    def next_valid_id(self, client_id: int) -> int:
        """Return the lowest id that a client may use for its next order."""
        raise NotImplementedError

    def raise_order_id(self, client_id: int, order_id: int) -> None:
        """Make a client's later ids exceed *order_id* (after reqAllOpenOrders, 1.1)."""
        raise NotImplementedError

    # -- books

    def executions(self, wanted: ExecutionFilter = ExecutionFilter()) -> tuple[Fill, ...]:
        """Return executions with their commissions, oldest first; corrected ones as corrected."""
        raise NotImplementedError

    def positions(self, account: str = "") -> tuple[PositionView, ...]:
        """Return the positions of one account or of all, closed ones of today with 0."""
        raise NotImplementedError

    def position(self, account: str, con_id: int) -> PositionView | None:
        """Return one position; ``None`` if the account never held it."""
        raise NotImplementedError

    def figures(self, account: str) -> AccountFigures:
        """Return the money of an account. An unknown account raises `KeyError`."""
        raise NotImplementedError

    def pnl(self, account: str) -> Pnl:
        """Return the profit and loss of an account."""
        raise NotImplementedError

    def position_pnl(self, account: str, con_id: int) -> PositionPnl | None:
        """Return the profit and loss of one position."""
        raise NotImplementedError
