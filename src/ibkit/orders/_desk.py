"""`OrderDesk`: places groups, watches them, repairs them, finds them again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Final, Literal, final

from ib_async import IB, Contract, Trade

from ibkit._ib import _compat as compat
from ibkit._ib._arguments import seconds, word
from ibkit._ib._blocking import blocking
from ibkit._ib._events import SafeEvent
from ibkit._ib._health import log
from ibkit._ib._what_if import WhatIf
from ibkit.errors import CancelUnknown, FateUnknown, IbkitError, PlanError, RequestTimeout
from ibkit.orders._actions import Alert
from ibkit.orders._birth import CHANCE_BITS, new_group_id
from ibkit.orders._book import book_of
from ibkit.orders._builders import single
from ibkit.orders._facts import LegStatus
from ibkit.orders._finding import UNEXPLAINED, groups_of_this_client, unexplained, watch_again
from ibkit.orders._gatekeeper import AskMarket, Gatekeeper
from ibkit.orders._gates import Gate, PaperOnly, gates_of
from ibkit.orders._group import OrderGroup
from ibkit.orders._groups_table import Groups
from ibkit.orders._gtc import GtcOrder, enduring
from ibkit.orders._keeper import Keeper
from ibkit.orders._legs import Limit, Market
from ibkit.orders._lifecycle import GroupStatus
from ibkit.orders._live_group import GroupTrade
from ibkit.orders._numbers import Size
from ibkit.orders._observe import is_among
from ibkit.orders._planned import Side
from ibkit.orders._recovery import Found
from ibkit.orders._ref import parse_order_ref
from ibkit.orders._roll_hands import RollHands
from ibkit.orders._rolling import rolling
from ibkit.orders._tradable import Tradable, Tradables
from ibkit.orders._unprotected import UnprotectedPosition, without_stop
from ibkit.orders._whose import key_of
from ibkit.state import Holding, LiveState, Owner, TrueOrder

Scope = Literal["groups", "client", "everything"]
_SCOPES: tuple[Scope, ...] = ("groups", "client", "everything")


@final
class OrderDesk:
    """
    Places groups of linked orders and keeps them protected.

    Stands alone on an ``IB`` of yours, or is a part of a `Desk`. By default only paper accounts
    are let through (`PaperOnly`); every group must pass all *gates* before anything is sent.
    So must changes that may open more: a slice that grows, an entry at another price. Moving or
    cancelling exits, and what only closes, passes no gate: see `GateContext`.

    Args:
        ib: The client.
        gates: What groups must pass; `PaperOnly` when left out.
        state: The live state to stand on; one of its own by default.
        account: The account that orders go to when a group names none.
        market: Asks for bid, ask and last of a contract, for gates that need them
            (`PriceCollar`). Without it they see what ``ib.reqMktData`` of yours delivers.
    """

    def __init__(
        self,
        ib: IB,
        gates: Iterable[Gate] | None = None,
        *,
        state: LiveState | None = None,
        account: str = "",
        market: AskMarket | None = None,
    ) -> None:
        self.ib: IB = ib
        self.state: LiveState = state or LiveState(ib, account=account)
        self.gates: tuple[Gate, ...] = gates_of((PaperOnly(),) if gates is None else gates)
        self._gatekeeper = Gatekeeper(ib, self.state, self.gates, market)
        self._account = account
        self._owns_state = state is None
        self._keeper = Keeper(ib, self.state, self._gatekeeper)
        self._requests = self.state.link.requests
        self._tradables = Tradables(self._requests)
        self._told: set[str] = set()
        self.alerts: SafeEvent[Alert] = self._keeper.alerts
        """Emits every `Alert` of every group."""

    def close(self) -> None:
        """Watch and repair no more. Orders stay as they are."""
        self._keeper.close()
        if self._owns_state:
            self.state.close()

    @property
    def groups(self) -> Groups:
        """Every group of this desk, oldest first; printed as a table."""
        return Groups(self._keeper.groups.values())

    # -- placing

    async def place_async(
        self, contract: Contract, group: OrderGroup, *, timeout: float = 10.0
    ) -> GroupTrade:
        """
        Send a group and return it when TWS has answered each of its orders.

        The contract is resolved where it is not; prices are put on its grid. Nothing is sent
        unless every gate lets the group pass.

        Raises:
            NotConnected, StateUnknown: The state is not known; nothing was sent.
            GateRefused: A gate said no; nothing was sent.
            NotTradable, UnknownContract, AmbiguousContract: Nothing was sent.
            PlanError: The group does not fit the contract's grid; nothing was sent.
            OrderRejected: TWS or the exchange refused it; nothing of it is live.
            FateUnknown: Sent, and the connection was lost, or *timeout* seconds went by, before
                an answer. The desk watches the group all the same; see `recover_async`.
        """
        timeout = seconds(timeout)
        trade = await self._ready(contract, group)
        try:
            self._send(trade)
            await self._keeper.answer_async(trade, lambda: _is_answered(trade), timeout, "placing")
        except RequestTimeout as error:
            late = f"{timeout:g} s had passed"
            raise FateUnknown(trade.group_id, _unanswered(trade), late) from error
        except ConnectionError as error:
            raise FateUnknown(trade.group_id, _unanswered(trade)) from error
        if trade.status is GroupStatus.UNKNOWN:
            raise FateUnknown(trade.group_id, _unanswered(trade))
        if trade.status is GroupStatus.REJECTED:
            raise trade.rejection()
        return trade

    place: Final = blocking(place_async)

    async def preview_async(
        self, contract: Contract, group: OrderGroup, *, timeout: float = 10.0
    ) -> dict[str, WhatIf]:
        """
        Ask what the entries would do to margin and commissions; nothing is sent to the market.

        The result has one `WhatIf` for each entry (or, without one, for each order), by role.
        Raises as `place_async`, and `RequestTimeout` when one is not answered in *timeout*
        seconds.
        """
        timeout = seconds(timeout)
        self._keeper.require_up("previewing a group")
        tradable = await self._resolve(contract)
        group = self._named(group).on_grid(tradable.grid)
        roles = [order.role for order in group.entries or group.legs]
        orders = {}
        for order in group.to_orders(self._keeper.outbox.reserve(len(group.legs))):
            ref = parse_order_ref(order.orderRef)
            if ref is not None and ref.role in roles:
                orders[ref.role] = order
        return {
            role: await self._requests.what_if_async(tradable.contract, order, timeout=timeout)
            for role, order in orders.items()
        }

    preview: Final = blocking(preview_async)

    # -- everything at once

    async def cancel_all_async(self, scope: Scope = "groups", *, timeout: float = 10.0) -> None:
        """
        Cancel orders: those of the desk's groups, of this client, or everything of the user.

        ``everything`` is IB's global cancel: it takes the orders of other clients and those
        placed by hand too. Exits of open positions are cancelled like all others, and are not
        put back. Returns when no order of the scope lives.

        Cancels that were lost are sent again when the connection is back, for as long as this desk
        lives; so it goes on after an error, too. IB's global cancel is not: it would take what
        was placed since, so that only this client's own orders are cancelled then. A new program
        knows nothing of it: call it once more there.

        Raises:
            NotConnected, StateUnknown: Nothing was sent.
            RequestTimeout: Some live still.
            CancelUnknown: The connection was lost meanwhile. It names the orders of which nobody
                knows; with ``everything`` only those that this client has heard of.
        """
        timeout = seconds(timeout)
        scope = word(scope, "scope", _SCOPES)
        self._keeper.require_up("cancelling orders")
        ours = self._in_scope(scope)
        for trade in self.groups.live:
            for track in book_of(trade).tracks.values():
                track.cancel_asked = True
        if scope == "everything":
            self._requests.sender.order(self.ib.reqGlobalCancel)
        else:
            for order in ours:
                self._keeper.outbox.cancel(order)
        self._keeper.cancelling.remember(order for order in ours if order.owner is Owner.OURS)
        what = f"cancelling all ({scope})"
        near: Scope = "client" if scope == "everything" else scope
        try:
            await self._keeper.until_async(lambda: not self._in_scope(near), timeout, what)
            if scope == "everything":
                await self._others_gone_async(timeout, what)
        except (FateUnknown, ConnectionError) as error:
            left = [order for order in self._in_scope(scope) if is_among(order, ours)]
            raise CancelUnknown(what, list(map(_name, left))) from error

    cancel_all: Final = blocking(cancel_all_async)

    async def _others_gone_async(self, timeout: float, what: str) -> None:
        """Ask until no order lives: TWS tells a client of its own orders only."""
        ends = compat.blocking_loop().time() + timeout
        while self._in_scope("everything"):
            if compat.blocking_loop().time() >= ends:
                raise RequestTimeout(what, timeout)
            await self.state.ask_async()
            if self._in_scope("everything"):
                await asyncio.sleep(1)

    def _in_scope(self, scope: Scope) -> list[TrueOrder]:
        live = [order for order in self.state.ledger.all() if not order.is_done]
        if scope == "everything":
            return live
        ours = [order for order in live if order.owner is Owner.OURS]
        if scope == "client":
            return ours
        return [order for order in ours if parse_order_ref(order.order_ref) is not None]

    def open_gtc(self) -> tuple[GtcOrder, ...]:
        """
        The live orders that outlive the day, of every client that is known, the oldest first.

        Raises as the views of the state do.
        """
        return enduring(self.state.orders.open, self._keeper.now().date())

    # -- after a restart

    async def recover_async(self) -> list[GroupTrade]:
        """
        Find the groups of an earlier run from open orders, completed orders and executions.

        TWS shows a client the open orders of its own id, so connect with the id that placed them.
        Groups that the desk knows already, such as one whose fate was unknown, are asked about
        again. Returns every group that is not over.

        TWS forgets at midnight what has ended. So a position whose exits expired yesterday belongs
        to no group any more; each position that has no stop and that no group explains is told
        once by an `Alert` and in the log, and `unprotected_async` lists them.

        Raises:
            NotConnected, StateUnknown, RequestTimeout: The state is not known.
        """
        self._keeper.require_up("recovering groups")
        await self.state.ask_async()
        found = list(groups_of_this_client(self._keeper))
        recovered = [trade for one in found if (trade := await self._recover(one)) is not None]
        self._keeper.holdings.found(recovered)
        for trade in list(self._keeper.groups.values()):
            self._keeper.work_on(trade)
        own = (order for order in self.state.ledger.all() if order.owner is Owner.OURS)
        if any(without_stop(self._held(), own)):  # only then the orders of others matter
            for one in unexplained(self._keeper, await self.unprotected_async()):
                self._tell(one)
        return [trade for trade in self._keeper.groups.values() if not trade.is_over]

    recover: Final = blocking(recover_async)

    async def _recover(self, found: Found) -> GroupTrade | None:
        try:
            group = found.restore()
            tradable = await self._resolve(found.orders[-1].contract)
        except IbkitError as error:
            text = f"group {found.group_id} was found and cannot be watched: {error}"
            log.error(text)
            self.alerts.emit(Alert(rule="recovery", severity="critical", text=text))
            return None
        return watch_again(self._keeper, tradable, group, found)

    def _tell(self, one: UnprotectedPosition) -> None:
        alert = Alert(rule="recovery", severity="warning", text=f"{one}, {UNEXPLAINED}")
        if alert.key not in self._told:
            self._told.add(alert.key)
            log.warning("an account holds %s, %s", one.figures, UNEXPLAINED)
            self.alerts.emit(alert)

    async def unprotected_async(self) -> tuple[UnprotectedPosition, ...]:
        """
        The positions of all accounts that the stops at work would not close, or not all of it.

        Whoever opened them, and whoever placed the stops: TWS is asked for the orders of all
        clients. A stop is a STP, STP LMT, TRAIL or TRAIL LIMIT; a target protects nothing, so the
        position of a bracket that was planned without a stop is listed too, as is one that is
        held without exits on purpose.

        Raises:
            NotConnected, StateUnknown, RequestTimeout: It cannot be said now.
        """
        self._keeper.require_up("looking for positions without a stop")
        hands = RollHands(self._keeper, self._requests)
        try:
            orders = await hands.known_async()
        finally:
            hands.close()
        return tuple(without_stop(self._held(), orders))

    unprotected: Final = blocking(unprotected_async)

    def _held(self) -> list[Holding]:
        views = map(self.state.positions.of, self.ib.managedAccounts())
        return [holding for view in views for holding in view.values()]

    # -- rolls

    async def all_orders_async(self) -> list[Trade]:
        """
        Every order that TWS tells of, of other clients and of people too, as ib_async has them.

        Their terms are those that TWS has shown last, all of them; ib_async keeps a few up to
        date. They are copies: changing one changes nothing. Those that have ended come too, as
        far as they are known.

        Raises:
            NotConnected, StateUnknown, RequestTimeout: It cannot be said now.
        """
        self._keeper.require_up("asking for all orders")
        hands = RollHands(self._keeper, self._requests)
        try:
            return await hands.orders_async()
        finally:
            hands.close()

    all_orders: Final = blocking(all_orders_async)

    @asynccontextmanager
    async def rolling(
        self,
        old: Contract,
        new: Contract,
        *,
        account: str,
        side: Side,
        size: Size,
        shift: Decimal | None = None,
        price: Decimal | None = None,
    ) -> AsyncIterator[RollHands]:
        """
        Hand out what `ibkit.contracts.FuturesRoller` needs to roll a position.

        Meanwhile the groups on both contracts are not repaired; afterwards those whose exits have
        moved belong to the new contract, as if they had been placed there.

        Args:
            old: The contract that is left.
            new: The contract that is entered; the gates see an order for it.
            account: Whose position it is.
            side: The side on which the new contract is entered.
            size: How many contracts.
            shift: By how much prices move.
            price: What the new contract would cost at the limit that was named; the gates see it.

        Raises:
            NotConnected, StateUnknown, GateRefused, NotTradable: Nothing was sent.
            PlanError: Another roll works on one of them.
        """  # fmt: skip
        self._keeper.require_up("rolling a position")
        tradable = await self._resolve(new)
        leg = Market() if price is None else Limit(price)
        group = single(side, size, leg).evolve(account=account)
        await self._gatekeeper.pass_async(tradable.contract, group, "rolling a position")
        door = rolling(self._keeper, self._requests, tradable, old, account=account, shift=shift)
        async with door as hands:
            yield hands

    def __repr__(self) -> str:
        groups = self._keeper.groups.values()
        live = sum(not trade.is_over for trade in groups)
        return f"<OrderDesk {self.state.link.state.value}, {len(groups)} groups, {live} live>"

    # -- inside

    async def _ready(self, contract: Contract, group: OrderGroup) -> GroupTrade:
        """All that has to be in order before anything is sent."""
        self._keeper.require_up("placing a group")
        tradable = await self._resolve(contract)
        group = self._named(group).on_grid(tradable.grid)
        await self._gatekeeper.pass_async(tradable.contract, group, "placing a group")
        return GroupTrade(self._keeper, tradable, group)

    def _send(self, trade: GroupTrade) -> None:
        orders = trade.group.to_orders(self._keeper.outbox.reserve(len(trade.group.legs)))
        self._keeper.holdings.begin(key_of(trade))
        self._keeper.add(trade)
        for order in orders:
            self._keeper.outbox.send(trade.contract, order)

    async def _resolve(self, contract: Contract) -> Tradable:
        return await self._tradables.resolve_async(contract, self._keeper.now())

    def _named(self, group: OrderGroup) -> OrderGroup:
        given: object = group
        if not isinstance(given, OrderGroup):
            rule = "a group, as single(), bracket() and oca() make it; orders of ib_async are not"
            raise PlanError("group", given, rule)
        group_id = group.group_id or self._new_id()
        if group_id in self._keeper.groups:
            raise PlanError("group_id", group_id, "an id that no group of this desk has")
        return group.evolve(group_id=group_id, account=group.account or self._the_account())

    def _new_id(self) -> str:
        today = self._keeper.now().date()
        group_id = new_group_id(today, random.getrandbits(CHANCE_BITS))
        return self._new_id() if group_id in self._keeper.groups else group_id

    def _the_account(self) -> str:
        managed = self.ib.managedAccounts()
        if self._account or len(managed) == 1:
            return self._account or managed[0]
        raise PlanError("account", "", f"name one of {', '.join(managed)}")


def _name(order: TrueOrder) -> str:
    """What a person calls an order."""
    ref = parse_order_ref(order.order_ref)
    if ref is not None and order.owner is Owner.OURS:
        return f"{ref.role} of {ref.group_id}"
    whose = "" if order.owner is Owner.OURS else f", {order.owner.value}"
    return f"order {order.perm_id or order.order_id}{whose}"


def _is_answered(trade: GroupTrade) -> bool:
    """Each order has an answer; where one was refused, what that entails has happened too."""
    legs = trade.facts.legs
    if trade.status in {GroupStatus.PLANNED, GroupStatus.UNKNOWN}:
        return False
    refused = any(leg.status is LegStatus.REJECTED for leg in legs)
    going = any(leg.live and (leg.in_flight or leg.status is LegStatus.CANCELLING) for leg in legs)
    return not any(leg.status is LegStatus.SENT for leg in legs) and not (refused and going)


def _unanswered(trade: GroupTrade) -> list[str]:
    waiting = {LegStatus.SENT, LegStatus.UNKNOWN, LegStatus.PLANNED}
    found = [leg.role for leg in trade.facts.legs if leg.status in waiting]
    return found or [order.role for order in trade.group.legs]  # nothing was heard at all
