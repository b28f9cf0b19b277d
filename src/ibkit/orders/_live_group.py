"""`GroupTrade`: a group that lives at the broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, final

from attrs import define, field
from ib_async import Contract, Trade

from ibkit._ib._blocking import blocking
from ibkit._ib._events import SafeEvent
from ibkit.errors import OrderRejected, PlanError, WaitTimeout
from ibkit.orders._actions import Alert
from ibkit.orders._events import GroupEvent
from ibkit.orders._facts import GroupFacts, LegStatus, first_facts
from ibkit.orders._group import OrderGroup
from ibkit.orders._legs import Trail
from ibkit.orders._lifecycle import GroupStatus, status_in
from ibkit.orders._modify import moved
from ibkit.orders._observe import Track, average_price
from ibkit.orders._picture import Picture, study
from ibkit.orders._types import read_leg
from ibkit.products._grid import Price, PriceGrid

if TYPE_CHECKING:
    from ibkit.orders._desk import OrderDesk

OVER = frozenset({GroupStatus.CLOSED, GroupStatus.CANCELLED, GroupStatus.REJECTED})
ENTRY = frozenset({"entry"})


@final
@define(eq=False)
class GroupBook:
    """What the desk keeps of a group."""

    tracks: dict[str, Track]
    facts: GroupFacts
    closing: bool = False
    told: set[str] = field(factory=set)


@final
class GroupTrade:
    """
    A group at the broker: what is filled, what protects it, and the ways to change it.

    It is made by `OrderDesk.place_async` and `OrderDesk.recover_async`, and is current for as
    long as the desk lives, over reconnects too. Everything it tells follows from the order
    ledger, so it is what TWS has confirmed. What the broker does not do by itself to keep the
    exits right is done by the repair rules; see ``docs/explanation/protection.md``.
    """

    def __init__(
        self, desk: OrderDesk, contract: Contract, group: OrderGroup, grid: PriceGrid
    ) -> None:
        health = desk.state.link.requests.health
        self._desk = desk
        self.contract = contract
        self.group = group
        self.grid = grid
        self._book = GroupBook(
            tracks={
                order.role: Track(order.role, order.kind, order.number, order.size)
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
        """The average price of the entry's fills; ``None`` before the first."""
        return average_price(self._book.tracks.values(), ENTRY)

    @property
    def realized_pnl(self) -> Decimal | None:
        """
        What its closing trades have realized, net of commissions.

        ``None`` while nothing was closed, or while a commission report is missing.
        """
        perm_ids = {o.perm_id for t in self._book.tracks.values() for o in t.orders if o.perm_id}
        fills = [f for f in self._desk.state.ledger.fills.all() if f.perm_id in perm_ids]
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
        return self._desk.trade_of(self._track(role))

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
        found = (self._desk.trade_of(t) for t in self._book.tracks.values() if t.kind == kind)
        return tuple(trade for trade in found if trade is not None)

    def _track(self, role: str) -> Track:
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

        Raises `WaitTimeout` after *timeout* seconds, and what the predicate raises.
        """
        woken = asyncio.Event()

        def wake(_: object) -> None:
            woken.set()

        self.changed.connect(wake)
        try:
            await asyncio.wait_for(self._until(predicate, woken), timeout)
        except asyncio.TimeoutError:
            raise WaitTimeout(
                f"what was waited for of group {self.group_id}", timeout or 0, repr(self)
            ) from None
        finally:
            self.changed.disconnect(wake)
        return self.status

    until = blocking(until_async)

    async def _until(self, predicate: Callable[[GroupTrade], bool], woken: asyncio.Event) -> None:
        while not predicate(self):
            await woken.wait()
            woken.clear()

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

    entered = blocking(entered_async)

    async def closed_async(self, timeout: float | None = None) -> GroupStatus:
        """
        Wait until nothing of the group is left at the broker: CLOSED, CANCELLED or REJECTED.

        Raises `WaitTimeout`.
        """
        return await self.until_async(lambda trade: trade.is_over, timeout)

    closed = blocking(closed_async)

    async def __aiter__(self) -> AsyncIterator[GroupEvent]:
        """Iterate over the events until the group is over."""
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

        Returns when TWS has shown the new terms. Raises `PlanError` when there is no such stop,
        `OrderRejected` when TWS refuses (the old terms stand), `RequestTimeout` without an answer.
        """
        await self._move("stop", price, number, timeout)

    move_stop = blocking(move_stop_async)

    async def move_target_async(self, number: int, price: Price, *, timeout: float = 10.0) -> None:
        """Move the target of slice *number* to a price. Raises as `move_stop_async`."""
        await self._move("target", price, number, timeout)

    move_target = blocking(move_target_async)

    async def breakeven_async(self, *, timeout: float = 10.0) -> None:
        """
        Move every stop to the average price of the entry.

        Raises `PlanError` while nothing is filled, else as `move_stop_async`.
        """
        price = self.entry_price
        if price is None:
            raise PlanError("breakeven", self.status.name, "an entry that has filled")
        await self.move_stop_async(price, timeout=timeout)

    breakeven = blocking(breakeven_async)

    async def trail_stop_async(
        self, trail: Trail, *, number: int | None = None, timeout: float = 10.0
    ) -> None:
        """
        Turn every stop, or that of slice *number*, into a trailing stop.

        IB changes the type of a live order only where the code table allows it; where it refuses
        (329) the old stop stands and `OrderRejected` says so.
        """
        for track in self._live_of("stop", number):
            await self._desk.modify_async(self, track, leg=trail, timeout=timeout)

    trail_stop = blocking(trail_stop_async)

    async def cancel_async(self, *, timeout: float = 10.0) -> GroupStatus:
        """
        Cancel what is not filled of the entry; exits of what is open stay.

        A group of which nothing is open is cancelled whole. Returns the status when TWS has
        confirmed. Raises `WaitTimeout`.
        """
        kinds = {"entry"} if self.open_size else {t.kind for t in self._book.tracks.values()}
        for track in self._book.tracks.values():
            if track.kind in kinds:
                self._desk.cancel_track(self, track)

        def done(trade: GroupTrade) -> bool:
            live = {leg.role for leg in trade.facts.legs if leg.live}
            return not any(t.kind in kinds and t.role in live for t in trade._book.tracks.values())

        return await self.until_async(done, timeout)

    cancel = blocking(cancel_async)

    async def close_async(self, *, timeout: float = 10.0) -> GroupStatus:
        """
        Get out: cancel every order of the group, then close what is open at the market.

        Raises `WaitTimeout` when it is not over in time; it goes on all the same.
        """
        self._book.closing = True
        self._desk.look_again(self)
        return await self.closed_async(timeout)

    close = blocking(close_async)

    async def _move(self, kind: str, price: Price, number: int | None, timeout: float) -> None:
        for track in self._live_of(kind, number):
            order = track.latest
            assert order is not None
            leg = moved(read_leg(order.order), self._on_grid(price, kind))
            await self._desk.modify_async(self, track, leg=leg, timeout=timeout)

    def _on_grid(self, price: Price, kind: str) -> Decimal:
        order = next(order for order in self.group.legs if order.kind == kind)
        return self.grid.round_for(order.side, price)

    def _live_of(self, kind: str, number: int | None) -> list[Track]:
        live = {leg.role for leg in self._book.facts.legs if leg.live}
        found = [
            track
            for track in self._book.tracks.values()
            if track.kind == kind and track.role in live and number in (None, track.number)
        ]
        if not found:
            which = f"{kind} {number}" if number else kind
            raise PlanError(kind, number, f"this group has no live {which} ({self.status.name})")
        return found

    def rejection(self) -> OrderRejected:
        """The error that stands for the order that was refused."""
        for track in self._book.tracks.values():
            order = track.latest
            if order is not None and order.status == "Rejected" and order.messages:
                return OrderRejected(order.messages[-1].code, order.reason, track.role)
        return OrderRejected(0, self.reason or "refused without a reason")

    def __repr__(self) -> str:
        return (
            f"<GroupTrade {self.group_id} {self.contract.localSymbol or self.contract.symbol} "
            f"{self.status.name} open {self.open_size:f} protected {self.protected_size:f}>"
        )


def book_of(trade: GroupTrade) -> GroupBook:
    """What the desk keeps of a group; for the desk alone."""
    return trade._book  # noqa: SLF001 - the desk and its groups are one thing in several files
