"""`OrderDesk`: places groups, watches them, repairs them, finds them again."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final, Literal, final

from attrs import evolve
from ib_async import IB, Contract, Order, Trade

from ibkit._ib import _compat as compat
from ibkit._ib._blocking import blocking
from ibkit._ib._events import SafeEvent, Subscriptions
from ibkit._ib._link_table import LinkChanged, LinkState
from ibkit._ib._taps import Taps
from ibkit._ib._what_if import WhatIf
from ibkit.errors import FateUnknown, ForeignOrder, OrderRejected, PlanError, RequestTimeout
from ibkit.orders._actions import Alert
from ibkit.orders._carry_out import carry_out
from ibkit.orders._events import events_between
from ibkit.orders._facts import GroupFacts, LegStatus
from ibkit.orders._gates import Gate, GateContext, PaperOnly, run_gates
from ibkit.orders._group import OrderGroup
from ibkit.orders._groups_table import Groups
from ibkit.orders._holding import first_baseline, held_by
from ibkit.orders._legs import Leg
from ibkit.orders._lifecycle import GroupStatus
from ibkit.orders._live_group import ENTRY, GroupTrade, book_of
from ibkit.orders._modify import modified
from ibkit.orders._numbers import Size
from ibkit.orders._observe import Track, average_price, leg_facts
from ibkit.orders._picture import study
from ibkit.orders._recovery import found_groups
from ibkit.orders._ref import OrderRef, make_group_id, parse_order_ref
from ibkit.orders._repair import repair
from ibkit.orders._tradable import Tradables
from ibkit.products._grid import PriceGrid
from ibkit.state import FillChange, LiveState, OrderChange, Owner, TrueOrder

log = logging.getLogger("ibkit.orders")

SETTLE = 1.0
"""Seconds without a fill or an end after which IB is taken to have done its own part."""

ANSWER = 5.0
"""Seconds after which the answer to a change is not waited for any longer."""


@final
class OrderDesk:
    """
    Places groups of linked orders and keeps them protected.

    Stands alone on an ``IB`` of yours, or is a part of a `Desk`. By default only paper accounts
    are let through (`PaperOnly`); every group must pass all *gates* before anything is sent.

    Args:
        ib: The client.
        gates: What groups must pass; `PaperOnly` when left out.
        state: The live state to stand on; one of its own by default.
        account: The account that orders go to when a group names none.
    """

    def __init__(
        self,
        ib: IB,
        gates: Iterable[Gate] | None = None,
        *,
        state: LiveState | None = None,
        account: str = "",
    ) -> None:
        self.ib: IB = ib
        self.state: LiveState = state or LiveState(ib, account=account)
        self.gates: tuple[Gate, ...] = tuple((PaperOnly(),) if gates is None else gates)
        self._account = account
        self._requests = self.state.link.requests
        self._tradables = Tradables(self._requests)
        self._groups: dict[str, GroupTrade] = {}
        self._dirty: dict[GroupTrade, None] = {}
        self._settling: dict[GroupTrade, asyncio.TimerHandle] = {}
        health = self._requests.health
        self.alerts: SafeEvent[Alert] = SafeEvent("orders.alerts", health)
        """Emits every `Alert` of every group."""
        self._listening = Subscriptions(health)
        self._counter = 0
        self._traded_at: dict[int, int] = {}
        self._position_at: dict[int, int] = {}
        self._baselines: dict[tuple[str, int], Decimal] = {}
        self._listening.add(self.state.order_changed, self._order_changed)
        self._listening.add(self.state.fill_changed, self._fill_told)
        self._listening.on_close(Taps(ib, health).position(self._position_told))
        self._listening.add(self.state.link.changed, self._link_changed)

    def close(self) -> None:
        """Watch and repair no more. Orders stay as they are."""
        self._listening.close()
        for timer in self._settling.values():
            timer.cancel()

    # -- placing

    @property
    def groups(self) -> Groups:
        """Every group of this desk, oldest first; printed as a table."""
        return Groups(self._groups.values())

    async def place_async(
        self, contract: Contract, group: OrderGroup, *, timeout: float = 5.0
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
            FateUnknown: The connection was lost before an answer; see `recover_async`.
        """
        self.state.link.require_up("placing a group")
        contract, grid = await self._resolved(contract)
        group = self._named(group).on_grid(grid)
        run_gates(self.gates, self._context(contract, group))
        self.state.link.require_up("placing a group")
        trade = GroupTrade(self, contract, group, grid)
        if not any(_shares(other, trade) for other in self._groups.values() if not other.is_over):
            key = (group.account, contract.conId)
            self._baselines[key] = self._position(*key)
        self._groups[group.group_id] = trade
        self._send_group(trade)
        return await self._answered(trade, timeout)

    place: Final = blocking(place_async)

    async def preview_async(self, contract: Contract, group: OrderGroup) -> dict[str, WhatIf]:
        """
        Ask what the entries would do to margin and commissions; nothing is sent to the market.

        The result has one `WhatIf` for each entry (or, without one, for each order), by role.
        Raises as `place_async`, and `RequestTimeout`.
        """
        self.state.link.require_up("previewing a group")
        contract, grid = await self._resolved(contract)
        group = self._named(group).on_grid(grid)
        roles = {order.role for order in group.entries or group.legs}
        orders = group.to_orders(self._reserve(len(group.legs)))
        by_role = {_ref_of(order).role: order for order in orders}
        return {
            role: await self._requests.what_if_async(contract, order)
            for role, order in by_role.items()
            if role in roles
        }

    preview: Final = blocking(preview_async)

    async def cancel_all_async(
        self, scope: Literal["groups", "client", "everything"] = "groups"
    ) -> None:
        """
        Cancel orders: those of the desk's groups, of this client, or everything of the user.

        ``everything`` is IB's global cancel: it takes the orders of other clients and those
        placed by hand too. Exits of open positions are cancelled like all others.
        """
        self.state.link.require_up("cancelling orders")
        if scope == "everything":
            self._requests.sender.order(self.ib.reqGlobalCancel)
            return
        for order in self.state.orders.open:
            ours = order.owner is Owner.OURS
            if ours and (scope == "client" or parse_order_ref(order.order_ref) is not None):
                self._cancel(order)

    cancel_all: Final = blocking(cancel_all_async)

    def open_gtc(self) -> tuple[TrueOrder, ...]:
        """The live orders that stay until they are cancelled, of every client that is known."""
        return tuple(o for o in self.state.orders.open if o.order.tif in {"GTC", "GTD"})

    async def recover_async(self) -> list[GroupTrade]:
        """
        Find the groups of an earlier run from open orders, completed orders and executions.

        Groups that this desk knows already are not touched, only asked about again. Returns the
        groups that were found and are not over.
        """
        self.state.link.require_up("recovering groups")
        await self._requests.open_orders_async()
        await self._requests.completed_orders_async()
        await self._requests.executions_async()
        recovered = []
        for group, orders in found_groups(self.state.ledger.all(), self._groups.keys()):
            contract, grid = await self._resolved(orders[0].contract)
            trade = GroupTrade(self, contract, group, grid)
            self._groups[group.group_id] = trade
            for order in orders:
                self._take(trade, order)
            self.look_again(trade)
            if not trade.is_over:
                recovered.append(trade)
        return recovered

    recover: Final = blocking(recover_async)

    # -- for the groups

    def observe(self, trade: GroupTrade, *, settled: bool) -> GroupFacts:
        """What is known of a group now."""
        tracks = book_of(trade).tracks
        facts = GroupFacts(
            group_id=trade.group.group_id,
            form=trade.group.form,
            legs=tuple(map(leg_facts, tracks.values())),
            connected=self.state.link.is_up,
            settled=settled,
            closing=book_of(trade).closing,
            average_price=average_price(tracks.values(), ENTRY),
            breakeven_after=trade.group.breakeven_after,
            now=self._requests.health.clock(),
            told=frozenset(book_of(trade).told),
        )
        return evolve(facts, held=self._held(trade, facts) if settled else None)

    def trade_of(self, track: Track) -> Trade | None:
        """The trade that ib_async holds for a role."""
        order = track.latest
        if order is None:
            return None
        for trade in self.ib.trades():
            if order.perm_id and trade.order.permId == order.perm_id:
                return trade
            if (trade.order.clientId, trade.order.orderId) == (order.client_id, order.order_id):
                return trade
        return None

    async def modify_async(
        self,
        trade: GroupTrade,
        track: Track,
        *,
        leg: Leg | None = None,
        size: Size | None = None,
        timeout: float = ANSWER,
    ) -> None:
        """Change a live order and wait for the answer of TWS."""
        self.modify_track(trade, track, leg=leg, size=size)
        track.refused = ""
        known = len(track.orders)

        def answered(_: GroupTrade) -> bool:
            order = track.latest
            return order is None or order.wanted is None or len(track.orders) != known

        try:
            await self._until_changed(trade, answered, timeout)
        except asyncio.TimeoutError:
            track.stuck = True
            raise RequestTimeout(f"changing {track.role} of {trade.group_id}", timeout) from None
        order = track.latest
        if track.refused and order is not None and order.messages:
            raise OrderRejected(order.messages[-1].code, order.reason, track.role)

    def modify_track(
        self,
        trade: GroupTrade,
        track: Track,
        *,
        leg: Leg | None = None,
        size: Size | None = None,
    ) -> None:
        """Send a change of a live order."""
        self.state.link.require_up("changing an order")
        order = self._own(track)
        changed = modified(order.order, leg=leg, size=size)
        self._send(trade.contract, changed)

    def cancel_track(self, trade: GroupTrade, track: Track) -> None:
        """Ask TWS to cancel the order of a role, if it lives."""
        track.cancel_asked = True
        if leg_facts(track).live:
            self._cancel(self._own(track))
        self.look_again(trade)

    def send_for(self, trade: GroupTrade, contract: Contract, orders: Iterable[Order]) -> None:
        """Send further orders of a group: exits, or the order that closes it."""
        for order in orders:
            self._track_for(trade, _ref_of(order), Decimal(str(order.totalQuantity)))
            self._send(contract, order)

    def reserve(self, count: int) -> int:
        """The first of *count* consecutive order ids."""
        return self._reserve(count)

    def tell(self, trade: GroupTrade, alert: Alert) -> None:
        """Tell the user something, once."""
        if alert.key in book_of(trade).told:
            return
        book_of(trade).told.add(alert.key)
        level = logging.ERROR if alert.severity == "critical" else logging.WARNING
        log.log(level, "group %s: %s", trade.group_id, alert.text)
        trade.alerts.emit(alert)
        self.alerts.emit(alert)

    def look_again(self, trade: GroupTrade) -> None:
        """Work out what is so and what is to be done, in the next pass of the event loop."""
        first = not self._dirty
        self._dirty[trade] = None
        if first:
            compat.blocking_loop().call_soon(self._work)

    # -- what happens

    def _order_changed(self, change: OrderChange) -> None:
        ref = parse_order_ref(change.after.order_ref)
        trade = self._groups.get(ref.group_id) if ref else None
        if trade is not None and ref is not None:
            self._take(trade, change.after)
            self.look_again(trade)

    def _take(self, trade: GroupTrade, order: TrueOrder) -> None:
        ref = parse_order_ref(order.order_ref)
        assert ref is not None
        self._track_for(trade, ref, order.size).take(order)

    def _track_for(self, trade: GroupTrade, ref: OrderRef, size: Decimal) -> Track:
        track = book_of(trade).tracks.get(ref.role)
        if track is None:
            kind = "close" if ref.kind == "close" else ref.kind
            track = Track(ref.role, kind, ref.number, size)  # type: ignore[arg-type]  # from a ref
            book_of(trade).tracks[ref.role] = track
        return track

    def _link_changed(self, change: LinkChanged) -> None:
        for trade in self._groups.values():
            if not trade.is_over:
                self.look_again(trade)

    def _work(self) -> None:
        dirty, self._dirty = self._dirty, {}
        for trade in dirty:
            self._work_on(trade)

    def _work_on(self, trade: GroupTrade) -> None:
        before = book_of(trade).facts
        settled = trade not in self._settling
        after = self.observe(trade, settled=settled)
        if _stirred(before, after):
            self._stir(trade)
            after = evolve(after, settled=False, held=None)
        book_of(trade).facts = after
        for event in events_between(before, after):
            trade.events.emit(event)
        for action in repair(after):
            carry_out(self, trade, action)
        if before != after:
            trade.changed.emit(trade)

    def _stir(self, trade: GroupTrade) -> None:
        """Something was filled or ended: give IB the time to do its own part."""
        timer = self._settling.pop(trade, None)
        if timer is not None:
            timer.cancel()
        loop = compat.blocking_loop()
        self._settling[trade] = loop.call_later(SETTLE, self._settled, trade)

    def _settled(self, trade: GroupTrade) -> None:
        self._settling.pop(trade, None)
        self.look_again(trade)

    # -- inside

    async def _resolved(self, contract: Contract) -> tuple[Contract, PriceGrid]:
        today = self._requests.health.clock().date()
        return await self._tradables.resolve_async(contract, today)

    def _named(self, group: OrderGroup) -> OrderGroup:
        group_id = group.group_id or make_group_id(random.getrandbits(50))
        if group_id in self._groups:
            raise PlanError("group_id", group_id, "an id that no group of this desk has")
        return group.evolve(group_id=group_id, account=group.account or self._the_account())

    def _the_account(self) -> str:
        managed = self.ib.managedAccounts()
        if self._account or len(managed) == 1:
            return self._account or managed[0]
        raise PlanError("account", "", f"name one of {', '.join(managed)}")

    def _context(self, contract: Contract, group: OrderGroup) -> GateContext:
        ticker = self.ib.ticker(contract)
        positions = self.state.positions.of(group.account)
        held = positions.get(contract.conId)
        return GateContext(
            contract=contract,
            group=group,
            account=group.account,
            position=held.size if held else Decimal(0),
            open_orders=len(self.state.orders.open),
            bid=_price(ticker.bid) if ticker else None,
            ask=_price(ticker.ask) if ticker else None,
            last=_price(ticker.last) if ticker else None,
            now=self._requests.health.clock(),
        )

    def _reserve(self, count: int) -> int:
        first = compat.new_id(self.ib)
        for _ in range(count - 1):
            compat.new_id(self.ib)
        return first

    def _send_group(self, trade: GroupTrade) -> None:
        for order in trade.group.to_orders(self._reserve(len(trade.group.legs))):
            self._send(trade.contract, order)

    def _send(self, contract: Contract, order: Order) -> None:
        self._requests.sender.order(lambda: self.ib.placeOrder(contract, order))

    def _cancel(self, order: TrueOrder) -> None:
        wire = Order(orderId=order.order_id, clientId=order.client_id, permId=order.perm_id)
        self._requests.sender.order(lambda: self.ib.cancelOrder(wire))

    def _own(self, track: Track) -> TrueOrder:
        order = track.latest
        if order is None:
            raise PlanError("role", track.role, "an order that was sent")
        client_id = self.state.ledger.client_id
        if order.client_id != client_id or order.order_id <= 0:
            raise ForeignOrder(
                order.order_id,
                order.client_id,
                f"this connection is client {client_id}; connect with the order's client id",
            )
        return order

    async def _answered(self, trade: GroupTrade, timeout: float) -> GroupTrade:
        def answered(_: GroupTrade) -> bool:
            waits = any(leg.status is LegStatus.SENT for leg in trade.facts.legs)
            lost = self.state.link.state in {LinkState.DOWN, LinkState.CLOSED}
            return lost or not (waits or trade.status is GroupStatus.PLANNED)

        try:
            await self._until_changed(trade, answered, timeout)
        except asyncio.TimeoutError:
            return trade
        if trade.status is GroupStatus.UNKNOWN:
            roles = [leg.role for leg in trade.facts.legs if leg.status is LegStatus.UNKNOWN]
            raise FateUnknown(trade.group_id, roles)
        if trade.status is GroupStatus.REJECTED:
            raise trade.rejection()
        return trade

    async def _until_changed(
        self, trade: GroupTrade, predicate: Callable[[GroupTrade], bool], timeout: float
    ) -> None:
        woken = asyncio.Event()

        def wake(_: object) -> None:
            woken.set()

        async def wait() -> None:
            while not predicate(trade):
                await woken.wait()
                woken.clear()

        trade.changed.connect(wake)
        try:
            await asyncio.wait_for(wait(), timeout)
        finally:
            trade.changed.disconnect(wake)

    # -- whose position

    def _held(self, trade: GroupTrade, facts: GroupFacts) -> Decimal | None:
        """What the account really has of a group; ``None`` while TWS owes a position."""
        con_id, account = trade.contract.conId, trade.group.account
        together = [other for other in self._groups.values() if _shares(other, trade)]
        if not self.state.link.is_up or any(other in self._settling for other in together):
            return None
        if self._traded_at.get(con_id, 0) > self._position_at.get(con_id, 0):
            return None
        opens = [_signed_open(other, facts if other is trade else None) for other in together]
        position = self._position(account, con_id)
        key = (account, con_id)
        if key not in self._baselines:
            self._baselines[key] = first_baseline(position, opens)
        held = held_by(position, self._baselines[key], opens)[together.index(trade)]
        return held if trade.group.side == "BUY" else -held

    def _position(self, account: str, con_id: int) -> Decimal:
        held = self.state.positions.of(account).get(con_id)
        return held.size if held else Decimal(0)

    def _position_told(self, _account: str, contract: Contract, *_: object) -> None:
        self._counter += 1
        self._position_at[contract.conId] = self._counter
        for trade in self._groups.values():
            if trade.contract.conId == contract.conId and not trade.is_over:
                self.look_again(trade)

    def _fill_told(self, change: FillChange) -> None:
        if change.before is None or change.before.size != change.after.size:
            self._counter += 1
            self._traded_at[change.after.contract.conId] = self._counter


def _shares(one: GroupTrade, other: GroupTrade) -> bool:
    """Whether two groups trade the same contract in the same account."""
    return (one.contract.conId, one.group.account) == (other.contract.conId, other.group.account)


def _signed_open(trade: GroupTrade, facts: GroupFacts | None) -> Decimal:
    opened = trade.open_size if facts is None else study(evolve(facts, held=None)).open
    return opened if trade.group.side == "BUY" else -opened


def _ref_of(order: Order) -> OrderRef:
    ref = parse_order_ref(order.orderRef)
    assert ref is not None
    return ref


def _price(value: float) -> Decimal | None:
    return Decimal(str(value)) if value == value and value > 0 else None  # noqa: PLR0124 - NaN


def _stirred(before: GroupFacts, after: GroupFacts) -> bool:
    """Whether something was filled, resized or ended in between."""
    was = {leg.role: (leg.filled, leg.live, leg.remaining) for leg in before.legs}
    return any(was.get(leg.role) != (leg.filled, leg.live, leg.remaining) for leg in after.legs)
