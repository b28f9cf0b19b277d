"""`LiveState`: what is true of one connection, now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final, TypeVar, final

from ib_async import IB, Contract, Order

from ibkit._ib._blocking import blocking
from ibkit._ib._events import SafeEvent, Subscriptions
from ibkit._ib._health import log
from ibkit._ib._link import Link
from ibkit._ib._link_table import LinkChanged, LinkState
from ibkit._ib._shared import link_of
from ibkit._ib._sync import COMPLETED
from ibkit._ib._taps import StatusMessage, Taps
from ibkit.errors import IbkitError, RequestTimeout, StateUnknown

from ._announcer import Announcers
from ._contracts import Contracts
from ._fill import FillChange, TrueFill
from ._freshness import READ_ONLY, Level
from ._holdings import Holding, holding
from ._ledger import OrderLedger
from ._order import OrderChange, TrueOrder
from ._pnl import ProfitAndLoss
from ._reconcile import Differences, reconcile
from ._snapshot import Snapshot
from ._sources import account_values_of, place_of, portfolio_of, positions_of
from ._view import Added, Changed, ViewChange
from ._views import AccountView, Fills, Orders, Portfolio, Positions

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

ASK_AGAIN_AFTER = 5.0
"""Seconds between two attempts to have orders in doubt explained."""

_ONLINE = frozenset({LinkState.SYNCING, LinkState.UP, LinkState.BROKER_LOST, LinkState.RESYNCING})


@final
class LiveState:
    """
    Positions, orders, fills and money of one connection: always current, or honestly unknown.

    Stands alone on an ``IB`` of yours (connected or not), or is a part of a `Desk`. Reading
    while the connection is down raises `NotConnected`, and while it synchronises
    `StateUnknown`; see `Level` for what else `freshness` can say.

    Args:
        ib: The client.
        account: The account that the views show; needed when several are managed.
        link: The connection to watch; by default the one that all parts on this ``IB`` share.
    """

    def __init__(self, ib: IB, *, account: str = "", link: Link | None = None) -> None:
        self.ib: IB = ib
        self.link: Link = link or link_of(ib)
        self.is_closed: bool = False
        health = self.link.requests.health
        self.ledger: OrderLedger = OrderLedger(self.link.requests.codes)
        self._positions = Announcers("positions", health, positions_of(ib))
        self._portfolio = Announcers("portfolio", health, portfolio_of(ib))
        self._values = Announcers("account", health, account_values_of(ib))
        self._orders: SafeEvent[ViewChange[int, TrueOrder]] = SafeEvent("orders", health)
        self._fills: SafeEvent[ViewChange[str, TrueFill]] = SafeEvent("fills", health)
        contracts = Contracts(self.link)
        self.positions: Positions = Positions(ib, self.link, account, self._positions.of, contracts)
        self.portfolio: Portfolio = Portfolio(
            ib, self.link, account, self._portfolio.of(account), contracts
        )
        self.orders: Orders = Orders(self.ledger, self.link, self._orders)
        self.fills: Fills = Fills(self.ledger, self.link, self._fills)
        self.account: AccountView = AccountView(ib, self.link, account, self._values.of(account))
        self.pnl: ProfitAndLoss = ProfitAndLoss(ib, self.link, account)
        self.order_changed: SafeEvent[OrderChange] = SafeEvent("order_changed", health)
        """Every change of an order, with the values before and after."""
        self.fill_changed: SafeEvent[FillChange] = SafeEvent("fill_changed", health)
        """Every new, recovered or corrected fill, and every commission."""
        self._not_completed_in: int | None = None
        """The connection in which TWS did not answer when it was asked for completed orders."""
        self._asking: asyncio.Future[IbkitError | None] | None = None
        self._settling: asyncio.Future[object] | None = None
        self._listening = Subscriptions(health)
        self._listen(Taps(ib, health))
        self._link_changed(self.link.state)

    def __repr__(self) -> str:
        freshness = self.orders.freshness
        if freshness.level is Level.UNKNOWN:
            return f"<LiveState {freshness}>"
        orders, fills = self.ledger.all(), len(self.ledger.fills)
        live = sum(not order.is_done for order in orders)
        return f"<LiveState {freshness}; {len(orders)} orders, {live} open; {fills} fills>"

    def close(self) -> None:
        """
        Listen no more, for good. What ib_async keeps can still be read: positions, portfolio and
        account. Orders, fills and P&L are not known from then on, and no view tells changes.
        """
        self.is_closed = True
        self.pnl.close()
        for view in (self.positions, self.portfolio, self.orders, self.fills, self.account):
            view.end()
        self._listening.close()
        if self._settling is not None:
            self._settling.cancel()

    # -- asking

    def require_up(self, what: str) -> None:
        """Raise `NotConnected` or `StateUnknown` unless it is known what goes on from now on."""
        if self.is_closed:
            raise StateUnknown(what, "this state was closed and listens no more; make a new one")
        if self.link.readonly:
            raise StateUnknown(what, READ_ONLY)
        self.link.require_up(what)

    def snapshot(self) -> Snapshot:
        """A frozen copy of everything with its time. Raises as the views do."""
        return Snapshot.of(
            time=self.link.requests.health.clock(),
            positions=self.positions.values(),
            portfolio=self.portfolio.values(),
            orders=self.orders.all,
            fills=self.fills.values(),
            account=self.account.values(),
        )

    async def reconcile_async(self) -> Differences:
        """
        Ask TWS for positions and open orders again, and compare them with what is held here.

        An empty result means that all agrees. TWS is asked about the orders that do not, and
        they are not certain until it has answered. Raises as requests do.
        """
        self.require_up("reconciling")
        requests = self.link.requests
        positions = await requests.positions_async()
        trades = await requests.all_open_orders_async()
        differences = reconcile(
            held={k: v.size for k, v in self._sizes().items()},
            told={place_of(p): holding(p).size for p in positions if p.position},
            ledger=self.ledger.all(),
            listed={trade.order.permId for trade in trades},
        )
        for order in differences.not_listed:
            self.doubt(order)
        return differences

    reconcile: Final = blocking(reconcile_async)

    def _sizes(self) -> Mapping[tuple[str, int], Holding]:
        return {place_of(p): holding(p) for p in self.ib.positions() if p.position}

    # -- listening

    def _listen(self, taps: Taps) -> None:
        on = self._listening

        def catch_up(change: LinkChanged) -> None:
            if change.new is LinkState.UP:
                self._positions.catch_up()
                self._portfolio.catch_up()

        on.add(self.link.changed, catch_up)
        on.add(self.link.changed, self._on_link)
        for announcers in (self._positions, self._portfolio, self._values):
            on.on_close(announcers.close)
        for tap, hear in self._order_taps(taps):
            on.on_close(tap(hear))

    def _order_taps(self, taps: Taps) -> list[tuple[Callable[..., Any], Callable[..., Any]]]:
        ledger = self.ledger

        def open_order(_: int, contract: Any, order: Order, state: Any) -> None:
            if not order.whatIf:
                ledger.open_order(contract, order, state)
                self._publish()

        def order_status(told: StatusMessage) -> None:
            ledger.order_status(
                told.order_id,
                told.status,
                told.filled,
                told.average_fill_price,
                told.perm_id,
                told.client_id,
                told.why_held,
            )
            self._publish()

        def execution(req_id: int, contract: Any, execution: Any) -> None:
            ledger.execution(contract, execution, recovered=req_id >= 0)
            self._publish()

        def then_publish(hear: Callable[..., object]) -> Callable[..., None]:
            def heard(*told: Any) -> None:
                hear(*told)
                self._publish()

            return heard

        def error(order_id: int, code: int, text: str, _: str) -> None:
            ledger.error(order_id, code, text)
            self._publish()

        def sent(order_id: int, contract: Contract, order: Order) -> None:
            if not order.whatIf:
                ledger.sent(order_id, contract, order)
                self._publish()

        return [
            (taps.order_sent, sent),
            (taps.cancel_sent, then_publish(ledger.cancel_sent)),
            (taps.open_order, open_order),
            (taps.order_status, order_status),
            (taps.execution, execution),
            (taps.commission, then_publish(ledger.commission)),
            (taps.completed_order, then_publish(ledger.completed_order)),
            (taps.error, error),
        ]

    def _on_link(self, change: LinkChanged) -> None:
        self._link_changed(change.new, change.old)
        self._publish()

    def _link_changed(self, new: LinkState, old: LinkState | None = None) -> None:
        if new in _ONLINE:
            self.ledger.connected(self.link.address.client_id, self.link.epoch)
        elif old in _ONLINE:
            self.ledger.disconnected()
        if new is LinkState.BROKER_LOST:
            self.ledger.doubt_all()
        if new is LinkState.RESYNCING:
            self.ledger.relist()
        if new is LinkState.UP:
            self.ledger.listed()

    def _publish(self) -> None:
        for change in self.ledger.take_changes():
            if isinstance(change, OrderChange):
                self.order_changed.emit(change)
                if self._orders.is_heard:
                    self._publish_order(change)
            else:
                self.fill_changed.emit(change)
                if self._fills.is_heard:
                    self._publish_fill(change)
        if self.link.is_up and not self._is_asking() and self.ledger.take_doubts():
            self.ask_again()

    def _publish_order(self, change: OrderChange) -> None:
        before, after = change.before, change.after
        if not after.perm_id:
            return
        new = before is None or not before.perm_id
        self._orders.emit(
            Added(after.perm_id, after)
            if new or before is None
            else Changed(after.perm_id, before, after)
        )

    def _publish_fill(self, change: FillChange) -> None:
        before, after = change.before, change.after
        self._fills.emit(
            Added(after.exec_id, after) if before is None else Changed(after.exec_id, before, after)
        )

    def doubt(self, order: TrueOrder) -> None:
        """Ask TWS about an order whose answer is overdue. Until then it is not certain."""
        self.ledger.doubt(order)
        self._publish()

    def ask_again(self) -> None:
        """Ask TWS what is true of the orders that are in doubt, until it answers."""
        if self.link.readonly:
            return
        if self._settling is None or self._settling.done():
            health = self.link.requests.health
            self._settling = health.spawn(self._settle(), "asking TWS for orders in doubt")

    async def ask_async(self) -> None:
        """
        Ask TWS for open orders, completed orders and executions, and settle what is in doubt.

        An order that TWS does not mention is not there. Raises as requests do.
        """
        self.require_up("asking for orders")
        if (error := await asyncio.shield(self._answer())) is not None:
            raise error

    ask: Final = blocking(ask_async)

    def _is_asking(self) -> bool:
        """Whether TWS is being asked: what is in doubt since then is left for that to see."""
        return self._asking is not None and not self._asking.done()

    def _answer(self) -> asyncio.Future[IbkitError | None]:
        """Ask once at a time: who comes while TWS is being asked waits with the others."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask())
        return self._asking

    async def _settle(self) -> None:
        while self.link.is_up and (error := await asyncio.shield(self._answer())) is not None:
            log.warning("asking for orders in doubt: %s; again in %g s", error, ASK_AGAIN_AFTER)
            await asyncio.sleep(ASK_AGAIN_AFTER)

    async def _ask(self) -> IbkitError | None:
        asking = True
        try:
            while asking and self.link.is_up:
                self.ledger.take_doubts()
                self.ledger.relist()
                await self._request_orders()
                asking = self._answered()
        except IbkitError as error:
            return error
        return None

    async def _request_orders(self) -> None:
        requests = self.link.requests
        await requests.open_orders_async()
        if self.ledger.asks_for_others():
            await requests.all_open_orders_async()
        await self._request_completed()
        await requests.executions_async()

    async def _request_completed(self) -> None:
        """Ask how orders ended; where TWS never tells, what was executed has to be enough."""
        link = self.link
        if COMPLETED in link.missing or self._not_completed_in == link.epoch:
            return
        try:
            await link.requests.completed_orders_async()
        except RequestTimeout as error:
            self._not_completed_in = link.epoch
            log.warning("%s; how orders ended is known from executions only", error)

    def _answered(self) -> bool:
        """Take in what was told; whether there are doubts that arose meanwhile."""
        if not self.link.is_up:  # TWS may have told what it knew before it lost IB
            return False
        self.ledger.listed(of_all=True)
        self._publish()
        return bool(self.ledger.take_doubts())
