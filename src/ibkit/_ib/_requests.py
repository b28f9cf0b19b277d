"""Every request that ibkit makes, with a deadline, a typed result and typed errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypeVar, final, overload

from attrs import define, field, frozen
from ib_async import (
    IB,
    AccountValue,
    Contract,
    ContractDescription,
    ContractDetails,
    DepthMktDataDescription,
    ExecutionFilter,
    Fill,
    HistoricalSchedule,
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    OptionChain,
    Order,
    OrderState,
    PortfolioItem,
    Position,
    PriceIncrement,
    Trade,
)

from ibkit.errors import GatewayError, NotConnected, PlanError, RequestTimeout

from . import _compat as compat, _questions as questions
from ._bar_columns import BarColumns
from ._codes import CODES, Codes, Notice
from ._events import SafeEvent, Subscriptions
from ._flight import GRACE, Ask, Flight
from ._flights import Flights
from ._health import HealthRecord
from ._sender import Sender
from ._what_if import Preview, WhatIf, read_state, what_if_order

T = TypeVar("T")


@frozen(kw_only=True)
class AccountUpdates:
    """What TWS holds of one account."""

    values: list[AccountValue]
    portfolio: list[PortfolioItem]


@final
@define(eq=False, repr=False)
class Requests:
    """
    Asks TWS, with an end to every question.

    Each method raises `NotConnected` when there is no connection, `RequestTimeout` after
    *timeout* seconds without an answer or a further row of it, `GatewayError` (or
    `PacingViolation`) when TWS refuses, and `ConnectionLost` when the connection ends
    meanwhile, by whoever's wish. An empty list means that TWS has none.

    The same question asked twice at once is sent once.
    """

    ib: IB
    sender: Sender = field()
    health: HealthRecord = field(factory=HealthRecord)
    codes: Codes = CODES
    timeout: float = 10.0
    notices: SafeEvent[Notice] = field(init=False)
    """What TWS says that belongs to no request of ours."""
    _flights: Flights = field(init=False)
    _previews: dict[int, Preview] = field(factory=dict, init=False)
    _listening: Subscriptions = field(init=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)

    @sender.default
    def _own_sender(self) -> Sender:
        return Sender(self.ib)

    def __attrs_post_init__(self) -> None:
        self.notices = SafeEvent("notices", self.health)
        self._flights = Flights(self.ib, self.sender, self.codes)
        self._listening = Subscriptions(self.health)
        self._listening.add(self.ib.disconnectedEvent, self._disconnected)
        self._listening.add(self.ib.errorEvent, self._error_done)
        listeners: dict[str, Callable[..., bool]] = {
            "error": self._error,
            "openOrder": self._open_order,
            "accountSummary": self._summary_row,
            "accountUpdateMulti": self._value_row,
        }
        for name, listener in listeners.items():
            self._listening.on_close(compat.intercept(self.ib, name, listener))
        taken = compat.intercept_message(self.ib, compat.HISTORICAL_BARS, self._bars)
        self._listening.on_close(taken)

    def close(self) -> None:
        """End every request and let go of the IB."""
        self._flights.end_all("the requests were closed")
        self._listening.close()

    async def ask(self, ask: Ask[T], timeout: float | None = None) -> T:
        """Ask a question of one's own."""
        if not compat.is_ready(self.ib):
            raise NotConnected(str(ask))
        self._refuse_other_loops()
        flight = self._flights.join(ask)
        try:
            await _arrival(flight, self.timeout if timeout is None else timeout)
        finally:
            self._flights.leave(flight)
        result: T = flight.result()
        return result

    # --- contracts ------------------------------------------------------------

    async def contract_details_async(
        self, contract: Contract, *, timeout: float | None = None
    ) -> list[ContractDetails]:
        """Ask for the contracts that fit. None at all is `GatewayError` 200."""
        return list(await self.ask(questions.contract_details(contract), timeout))

    async def matching_symbols_async(
        self, pattern: str, *, timeout: float | None = None
    ) -> list[ContractDescription]:
        """Ask for stocks and indices whose symbol or name begins like this."""
        return list(await self.ask(questions.matching_symbols(pattern), timeout))

    async def market_rule_async(
        self, rule_id: int, *, timeout: float | None = None
    ) -> list[PriceIncrement]:
        """Ask for the price increments of a market rule."""
        return list(await self.ask(questions.market_rule(rule_id), timeout))

    async def option_chains_async(
        self,
        symbol: str,
        security_type: str,
        con_id: int,
        *,
        exchange: str = "",
        timeout: float | None = None,
    ) -> list[OptionChain]:
        """Ask for the expirations and strikes listed on an underlying."""
        ask = questions.option_chains(symbol, exchange, security_type, con_id)
        return list(await self.ask(ask, timeout))

    async def depth_exchanges_async(
        self, *, timeout: float | None = None
    ) -> list[DepthMktDataDescription]:
        """Ask which exchanges offer market depth."""
        return list(await self.ask(questions.depth_exchanges(), timeout))

    # --- state ----------------------------------------------------------------

    async def current_time_async(self, *, timeout: float | None = None) -> datetime:
        """Ask for the time of TWS, in whole seconds."""
        return await self.ask(questions.current_time(), timeout)

    async def positions_async(self, *, timeout: float | None = None) -> list[Position]:
        """Ask for the positions of all accounts; those closed today come with size 0."""
        return list(await self.ask(questions.positions(), timeout))

    async def open_orders_async(self, *, timeout: float | None = None) -> list[Trade]:
        """Ask for the working orders of this client id."""
        return list(await self.ask(questions.open_orders(), timeout))

    async def all_open_orders_async(self, *, timeout: float | None = None) -> list[Trade]:
        """Ask for the working orders of every client and of people."""
        return list(await self.ask(questions.all_open_orders(), timeout))

    async def completed_orders_async(
        self, *, api_only: bool = False, timeout: float | None = None
    ) -> list[Trade]:
        """Ask for the orders of the day that are filled or cancelled."""
        return list(await self.ask(questions.completed_orders(api_only=api_only), timeout))

    async def executions_async(
        self, wanted: ExecutionFilter | None = None, *, timeout: float | None = None
    ) -> list[Fill]:
        """Ask for the executions since midnight (TWS: as far as its trade log shows)."""
        return list(await self.ask(questions.executions(wanted or ExecutionFilter()), timeout))

    async def account_updates_async(
        self, account: str, *, timeout: float | None = None
    ) -> AccountUpdates:
        """
        Subscribe to the values and the portfolio of *account*, and wait for the first of them.

        The subscription stays, and ends that of another account (TWS keeps one per client).
        """
        await self.ask(questions.account_updates(account), timeout)
        return AccountUpdates(
            values=self.ib.accountValues(account), portfolio=self.ib.portfolio(account)
        )

    async def account_values_async(
        self,
        account: str,
        *,
        model: str = "",
        follow: bool = False,
        timeout: float | None = None,
    ) -> list[AccountValue]:
        """Ask for the values of an account (or of a model in it), once or to be kept current."""
        ask = questions.account_values(account, model, follow=follow)
        return list(await self.ask(ask, timeout))

    async def account_summary_async(
        self, *, tags: str = questions.SUMMARY_TAGS, timeout: float | None = None
    ) -> list[AccountValue]:
        """Ask for the summary of all accounts, once."""
        return list(await self.ask(questions.account_summary(tags), timeout))

    async def what_if_async(
        self, contract: Contract, order: Order, *, timeout: float | None = None
    ) -> WhatIf:
        """
        Ask what *order* would do to the account; nothing is sent to the market.

        An order that TWS would reject for its margin still gives the numbers, with `rejection`
        filled in; one that is refused at once raises `GatewayError`.
        """
        preview = Preview()
        ask = self._what_if(contract, what_if_order(order), preview)
        try:
            await self.ask(ask, timeout)
        except GatewayError as error:
            if preview.state is None:
                raise
            return read_state(preview.state, error.text)
        finally:
            self._previews.pop(preview.order_id, None)
        assert preview.state is not None
        return read_state(preview.state)

    # --- history --------------------------------------------------------------

    async def historical_bars_async(
        self,
        contract: Contract,
        duration: str,
        bar_size: str,
        what: str = "TRADES",
        *,
        end: datetime | None = None,
        rth: bool = False,
        timeout: float | None = 60.0,
    ) -> BarColumns:
        """
        Ask once for bars, with times in UTC (days as dates): a sequence of ``BarData``.

        No data in the span is `GatewayError` 162, too many requests `PacingViolation`.
        """
        ask = questions.historical_bars(contract, end, duration, bar_size, what, rth=rth)
        return BarColumns(await self.ask(ask, timeout))

    async def historical_schedule_async(
        self,
        contract: Contract,
        days: int,
        *,
        end: datetime | None = None,
        rth: bool = True,
        timeout: float | None = None,
    ) -> HistoricalSchedule:
        """Ask for the trading sessions of the last *days* days."""
        ask = questions.historical_schedule(contract, end, days, rth=rth)
        return await self.ask(ask, timeout)

    async def head_timestamp_async(
        self,
        contract: Contract,
        what: str = "TRADES",
        *,
        rth: bool = False,
        timeout: float | None = None,
    ) -> datetime:
        """Ask since when there are data, in UTC."""
        return await self.ask(questions.head_timestamp(contract, what, rth=rth), timeout)

    @overload
    async def historical_ticks_async(
        self,
        contract: Contract,
        what: Literal["TRADES"],
        *,
        start: datetime | None = ...,
        end: datetime | None = ...,
        count: int = ...,
        rth: bool = ...,
        ignore_size: bool = ...,
        timeout: float | None = ...,
    ) -> list[HistoricalTickLast]: ...
    @overload
    async def historical_ticks_async(
        self,
        contract: Contract,
        what: Literal["BID_ASK"],
        *,
        start: datetime | None = ...,
        end: datetime | None = ...,
        count: int = ...,
        rth: bool = ...,
        ignore_size: bool = ...,
        timeout: float | None = ...,
    ) -> list[HistoricalTickBidAsk]: ...
    @overload
    async def historical_ticks_async(
        self,
        contract: Contract,
        what: Literal["MIDPOINT"],
        *,
        start: datetime | None = ...,
        end: datetime | None = ...,
        count: int = ...,
        rth: bool = ...,
        ignore_size: bool = ...,
        timeout: float | None = ...,
    ) -> list[HistoricalTick]: ...
    async def historical_ticks_async(
        self,
        contract: Contract,
        what: str,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        count: int = 1000,
        rth: bool = False,
        ignore_size: bool = False,
        timeout: float | None = 60.0,
    ) -> list[Any]:
        """
        Ask once for ticks after *start* or before *end* (one of the two).

        TWS sends at most 1000, and more to complete the last second.
        """
        ask = questions.historical_ticks(
            contract, start, end, count, what, rth=rth, ignore_size=ignore_size
        )
        return list(await self.ask(ask, timeout))

    # --- what TWS sends -------------------------------------------------------

    def _what_if(self, contract: Contract, order: Order, preview: Preview) -> Ask[None]:
        def send(client: Any, req_id: int) -> None:
            preview.order_id = req_id
            self._previews[req_id] = preview
            client.placeOrder(req_id, contract, order)

        about = f"{order.action} {order.totalQuantity} {order.orderType} of {contract}"
        return Ask(object(), "the preview of", send, about, contract=contract)

    def _open_order(
        self, order_id: int, contract: Contract, order: Order, state: OrderState
    ) -> bool:
        preview = self._previews.get(order_id) if order.whatIf else None
        flight = self._flights.by_id(order_id)
        if preview is None or flight is None:
            return False
        first = preview.state is None
        if preview.saw(state):
            flight.answer.finish()
        elif first:
            asyncio.get_running_loop().call_later(GRACE, flight.answer.finish)
        return True

    def _bars(self, fields: list[str]) -> bool:
        """Read bars in the place of ib_async, which makes an object of each."""
        flight = self._flights.by_id(int(fields[1]))
        return flight is not None and flight.take(fields)

    def _summary_row(self, req_id: int, account: str, tag: str, value: str, currency: str) -> bool:
        if flight := self._flights.by_id(req_id):
            flight.rows.append(AccountValue(account, tag, value, currency, ""))
        return False

    def _value_row(
        self, req_id: int, account: str, model: str, tag: str, value: str, currency: str
    ) -> bool:
        if flight := self._flights.by_id(req_id):
            flight.rows.append(AccountValue(account, tag, value, currency, model))
        return False

    def _error(self, req_id: int, code: int, text: str, _advanced: str = "") -> bool:
        if not self._flights.heard(req_id, code, text):
            self.notices.emit(self.codes.notice(code, text, req_id, self.health.clock()))
        return False

    def _error_done(self, *_: object) -> None:
        self._flights.was_heard()

    def _refuse_other_loops(self) -> None:
        """ib_async would write to the socket from any thread (client.py 323; traps B35)."""
        running = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = running
        elif self._loop is not running:
            raise PlanError(
                "event loop",
                running,
                f"this IB is used on {self._loop!r}; from another thread write "
                "asyncio.run_coroutine_threadsafe(...) with that loop",
            )

    def _disconnected(self) -> None:
        self._loop = None
        self._flights.end_all("the connection was closed")


async def _arrival(flight: Flight, seconds: float) -> None:
    """Wait for the end of a flight, for as long as rows keep coming."""
    while True:
        rows = len(flight.rows)
        await asyncio.wait((flight.answer,), timeout=seconds)
        if flight.answer.done():
            return
        if len(flight.rows) <= rows:
            raise RequestTimeout(str(flight.ask), seconds, tuple(flight.heard))
