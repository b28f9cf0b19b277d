"""`GroupTrade`: a group that lives at the broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final, final

from ib_async import Contract, Trade

from ibkit._ib._arguments import plain_function, seconds, wait_seconds, whole
from ibkit._ib._blocking import blocking
from ibkit._ib._events import SafeEvent
from ibkit.errors import OrderRejected, PlanError, WaitTimeout
from ibkit.orders._actions import Alert
from ibkit.orders._book import GroupBook
from ibkit.orders._events import GroupEvent
from ibkit.orders._facts import GroupFacts, LegStatus, first_facts
from ibkit.orders._group import OrderGroup
from ibkit.orders._legs import Trail, TrailLimit
from ibkit.orders._lifecycle import GroupStatus, status_in
from ibkit.orders._numbers import Size, size as to_size
from ibkit.orders._observe import Track, average_price, rejected
from ibkit.orders._orders_table import orders_html, orders_text
from ibkit.orders._picture import Picture, study
from ibkit.orders._planned import OPPOSITE, Side
from ibkit.orders._tradable import Tradable
from ibkit.orders._verbs import (
    cancel_async,
    change_all_async,
    live_async,
    move_async,
    move_role_async,
    resize_async,
)
from ibkit.orders._waiting import wait_until
from ibkit.products._grid import Price

if TYPE_CHECKING:
    from ibkit.orders._keeper import Keeper

OVER = frozenset({GroupStatus.CLOSED, GroupStatus.CANCELLED, GroupStatus.REJECTED})
ENTRY = frozenset({"entry"})


@final
class GroupTrade:
    """
    A group at the broker: what is filled, what protects it, and the ways to change it.

    It is made by `OrderDesk.place_async` and `OrderDesk.recover_async`, and is current for as
    long as the desk lives, over reconnects too. Everything it tells follows from the order
    ledger, so it is what TWS has confirmed. What the broker does not do by itself to keep the
    exits right is done by the repair rules; see ``docs/explanation/protection.md``.
    """

    def __init__(self, keeper: Keeper, tradable: Tradable, group: OrderGroup) -> None:
        health = keeper.state.link.requests.health
        self._keeper = keeper
        self.tradable: Tradable = tradable
        self.group: OrderGroup = group
        self._book = GroupBook(
            tracks={
                order.role: Track(order.role, order.kind, order.number, order.size, order.deferred)
                for order in group.legs
            },
            facts=first_facts(group),
        )
        self.events: SafeEvent[GroupEvent] = SafeEvent("group.events", health)
        """Emits a `GroupEvent` for every fill, every end of an order, every change of status."""
        self.changed: SafeEvent[GroupTrade] = SafeEvent("group.changed", health)
        """Emits the group itself whenever anything of it is different."""
        self.alerts: SafeEvent[Alert] = SafeEvent("group.alerts", health)
        """Emits an `Alert` for everything that the user must know now."""

    # -- what is so

    @property
    def group_id(self) -> str:
        """What its orders have in common in their orderRef."""
        return self.group.group_id

    @property
    def contract(self) -> Contract:
        """What it trades."""
        return self.tradable.contract

    @property
    def side(self) -> Side:
        """The side on which it opens."""
        if self.group.entries or not self.group.exits:
            return self.group.side
        return OPPOSITE[self.group.exits[0].side]

    @property
    def perm_ids(self) -> frozenset[int]:
        """TWS's own numbers of its orders."""
        tracks = self._book.tracks.values()
        return frozenset(o.perm_id for t in tracks for o in t.orders if o.perm_id)

    @property
    def facts(self) -> GroupFacts:
        """Everything that is known of it, as a frozen value."""
        return self._book.facts

    @property
    def _picture(self) -> Picture:
        return study(self._book.facts)

    @property
    def status(self) -> GroupStatus:
        """Where the group is."""
        return status_in(self._picture)

    @property
    def is_over(self) -> bool:
        """Nothing of it is left at the broker."""
        return self.status in OVER

    @property
    def filled(self) -> Decimal:
        """What the entries have filled."""
        return self._picture.opened

    @property
    def open_size(self) -> Decimal:
        """What is open of it."""
        return self._picture.open

    @property
    def protected_size(self) -> Decimal:
        """How much of what is open has an exit that can execute now."""
        return self._picture.covered

    @property
    def entry_price(self) -> Decimal | None:
        """
        The average price of the entry's fills; ``None`` before the first.

        After a roll it is that price moved by the spread, so that it can be compared with prices
        of the new contract; ``None`` if the roll is of an earlier run.
        """
        price, shift = average_price(self._book.tracks.values(), ENTRY), self._book.shift
        return None if price is None or shift is None else price + shift

    @property
    def realized_pnl(self) -> Decimal | None:
        """
        What its closing trades have realized, net of commissions.

        ``None`` while nothing was closed, or while a commission report is missing.
        """
        ours = self.perm_ids
        fills = [f for f in self._keeper.state.ledger.fills.all() if f.perm_id in ours]
        if not fills or any(fill.commission is None for fill in fills):
            return None
        told = [fill.realized_pnl for fill in fills if fill.realized_pnl is not None]
        return sum(told, Decimal(0)) if told else None

    @property
    def reason(self) -> str:
        """Why an order of it ended or was refused, in the words of TWS; empty if none was."""
        for leg in self._book.facts.legs:
            if leg.refused or (leg.status is LegStatus.REJECTED and leg.reason):
                return f"{leg.role}: {leg.refused or leg.reason}"
        return ""

    # -- the orders of ib_async

    def trade(self, role: str) -> Trade | None:
        """The `ib_async.Trade` of a role; ``None`` where none was sent or it is not known."""
        order = self.track(role).latest
        return None if order is None else self._keeper.trade_of(order)

    @property
    def entry(self) -> Trade | None:
        """The trade of the (first) entry."""
        roles = [order.role for order in self.group.entries] or [self.group.legs[0].role]
        return self.trade(roles[0])

    @property
    def targets(self) -> tuple[Trade, ...]:
        """The trades of the targets that were sent."""
        return self._trades("target")

    @property
    def stops(self) -> tuple[Trade, ...]:
        """The trades of the stops that were sent, the provisional one too."""
        return self._trades("guard") + self._trades("stop")

    def _trades(self, kind: str) -> tuple[Trade, ...]:
        found = (self.trade(t.role) for t in self._book.tracks.values() if t.kind == kind)
        return tuple(trade for trade in found if trade is not None)

    def track(self, role: str) -> Track:
        """What is kept of a role; raises `PlanError` for one that the group does not have."""
        try:
            return self._book.tracks[role]
        except KeyError:
            raise PlanError("role", role, f"one of {', '.join(self._book.tracks)}") from None

    # -- waiting

    async def until_async(
        self, predicate: Callable[[GroupTrade], bool], timeout: float | None = None
    ) -> GroupStatus:
        """
        Wait until *predicate* of this group is true; at once if it is.

        Raises `WaitTimeout` after *timeout* seconds (0 looks once), what the predicate raises, and
        `StateUnknown` when its desk was closed.
        """
        plain_function(predicate, "predicate", "group")
        timeout = wait_seconds(timeout)
        if self._keeper.is_closed and not predicate(self):
            self._keeper.require_open(f"waiting for group {self.group_id}")
        try:
            await asyncio.wait_for(wait_until(lambda: predicate(self), self.changed), timeout)
        except asyncio.TimeoutError:
            raise WaitTimeout(
                f"what was waited for of group {self.group_id}", timeout or 0, repr(self)
            ) from None
        return self.status

    until: Final = blocking(until_async)

    async def entered_async(self, timeout: float | None = None) -> GroupStatus:
        """
        Wait until the entry has filled completely, or the group is over.

        Raises `OrderRejected` when it was refused, and `WaitTimeout`.
        """

        def entered(trade: GroupTrade) -> bool:
            return trade.is_over or (trade.filled > 0 and not study(trade.facts).entry_live)

        status = await self.until_async(entered, timeout)
        if status is GroupStatus.REJECTED:
            raise self.rejection()
        return status

    entered: Final = blocking(entered_async)

    async def closed_async(self, timeout: float | None = None) -> GroupStatus:
        """
        Wait until nothing of the group is left at the broker: CLOSED, CANCELLED or REJECTED.

        Raises `WaitTimeout`.
        """
        return await self.until_async(lambda trade: trade.is_over, timeout)

    closed: Final = blocking(closed_async)

    async def __aiter__(self) -> AsyncIterator[GroupEvent]:
        """Iterate over the events until the group is over."""
        if not self.is_over:
            self._keeper.require_open(f"following group {self.group_id}")
        queue: asyncio.Queue[GroupEvent] = asyncio.Queue()
        self.events.connect(queue.put_nowait)
        try:
            while not (self.is_over and queue.empty()):
                yield await queue.get()
        finally:
            self.events.disconnect(queue.put_nowait)

    # -- changing it

    async def move_stop_async(
        self, price: Price, *, number: int | None = None, timeout: float = 10.0
    ) -> None:
        """
        Move every stop, or that of slice *number*, to a price, which is put on the grid.

        No gate is asked: one may refuse for want of a market price, and an exit must be movable
        then, too. Returns when TWS has shown the new terms. Raises `PlanError` when there is no
        such stop, or when it would lie beyond its target or an entry that waits, `OrderRejected`
        when TWS refuses one (its old terms stand), `RequestTimeout` without an
        answer, `FateUnknown` when the connection is lost before it, and `NotConnected`.
        """
        await move_async(self._keeper, self, "stop", price, number, timeout)

    move_stop: Final = blocking(move_stop_async)

    async def move_target_async(self, number: int, price: Price, *, timeout: float = 10.0) -> None:
        """Move the target of slice *number* to a price. Raises as `move_stop_async`."""
        await move_async(self._keeper, self, "target", price, whole(number, "number", 1), timeout)

    move_target: Final = blocking(move_target_async)

    async def move_async(self, role: str, price: Price, *, timeout: float = 10.0) -> None:
        """
        Move the order of a role to a price: ``entry``, ``order-2`` of an OCA group, ``guard``.

        The others stay where they are, so an entry may not pass its exits: that, and a role that
        does not live, is a `PlanError`. Where the order may open a position the gates see its new
        price (`GateRefused`; nothing was changed). Raises else as `move_stop_async`.
        """
        await move_role_async(self._keeper, self, role, price, timeout)

    move: Final = blocking(move_async)

    async def breakeven_async(self, *, timeout: float = 10.0) -> None:
        """
        Move every stop to the average price of the entry.

        Raises `PlanError` while nothing is filled, else as `move_stop_async`.
        """
        price = self.entry_price
        if price is None:
            raise PlanError("breakeven", self.status.name, "an entry that has filled")
        await self.move_stop_async(price, timeout=timeout)

    breakeven: Final = blocking(breakeven_async)

    async def trail_stop_async(
        self, trail: Trail | TrailLimit, *, number: int | None = None, timeout: float = 10.0
    ) -> None:
        """
        Turn every stop, or that of slice *number*, into a trailing stop, or give it other terms.

        IB changes the type of a live order only where the code table allows it; where it refuses
        (329) the old stop stands and `OrderRejected` says so. Raises as `move_stop_async`.
        """
        if not isinstance(trail, (Trail, TrailLimit)):
            raise PlanError("trail", trail, "such as Trail(amount=8) or Trail(percent=1)")
        tracks = await live_async(self._keeper, self, "stop", number, timeout)
        changes = [(track, trail) for track in tracks]
        await change_all_async(self._keeper, self, changes, timeout)

    trail_stop: Final = blocking(trail_stop_async)

    async def resize_async(self, size: Size, *, number: int = 1, timeout: float = 10.0) -> None:
        """
        Give a slice of which nothing is filled another size: its entry and its exits.

        A larger size has to pass the desk's gates, which see the group as it would become; a
        smaller one passes none. One slice of a group is resized at a time.

        Raises `GateRefused` (nothing was changed), and `PlanError` when something is filled, for
        managed groups (the entry remembers their exits), for several attached targets, and for
        closing more than is held; else as `move_stop_async`.
        """
        slice_number = whole(number, "number", 1)
        await resize_async(
            self._keeper, self, to_size("size", size), slice_number, seconds(timeout)
        )

    resize: Final = blocking(resize_async)

    async def cancel_async(self, *, timeout: float = 10.0) -> GroupStatus:
        """
        Cancel what is not filled of the entry; exits of what is open stay.

        A group of which nothing is open is cancelled whole. Returns the status when TWS has
        confirmed. Raises `RequestTimeout`, `FateUnknown`; it goes on all the same, for as long as
        the desk lives. Raises `NotConnected`: nothing was sent.
        """
        await cancel_async(self._keeper, self, timeout)
        return self.status

    cancel: Final = blocking(cancel_async)

    async def close_async(self, *, timeout: float = 10.0) -> GroupStatus:
        """
        Get out: cancel every order of the group, then close what is open at the market.

        Raises `NotConnected`, and `WaitTimeout` when it is not over in time; it goes on all the
        same. Raises `PlanError` while a roll moves it, or has left it in the middle.
        """
        timeout = seconds(timeout)
        self._keeper.require_up("closing a group")
        if self._keeper.is_left_alone(self):
            allowed = "a group that is not being rolled; FuturesRoller.resume_async() ends the roll"
            raise PlanError("group", self.group_id, allowed)
        closing = self._book.tracks.get("close")
        if closing is not None:
            closing.resent = 0  # the user tries again
        self._book.closing = True
        self._keeper.work_on(self)
        return await self.closed_async(timeout)

    close: Final = blocking(close_async)

    def rejection(self) -> OrderRejected:
        """The error that stands for the order that was refused."""
        for track in self._book.tracks.values():
            order = track.latest
            if order is not None and order.status == "Rejected" and order.messages:
                return rejected(order.messages[-1], track.role)
        return OrderRejected(0, self.reason or "refused without a reason")

    def describe(self) -> str:
        """Write what each of its orders is now and where it stands, as a table."""
        return orders_text(self)

    def _repr_html_(self) -> str:
        return orders_html(self)

    def __repr__(self) -> str:
        return (
            f"<GroupTrade {self.group_id} {self.contract.localSymbol or self.contract.symbol} "
            f"{self.status.name} open {self.open_size:f} protected {self.protected_size:f}>"
        )
