"""Watches groups and has the repair rules carried out."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import final

from attrs import evolve
from ib_async import IB, Trade

from ibkit._ib import _compat as compat
from ibkit._ib._events import SafeEvent, Subscriptions
from ibkit._ib._health import log
from ibkit._ib._link_table import LinkChanged, LinkState
from ibkit.errors import FateUnknown, RequestTimeout, StateUnknown, WaitTimeout
from ibkit.orders._actions import Alert
from ibkit.orders._alarms import Alarms, stirred
from ibkit.orders._book import book_of, track_of
from ibkit.orders._cancelling import Cancelling
from ibkit.orders._carry_out import carry_out
from ibkit.orders._events import events_between
from ibkit.orders._facts import GroupFacts
from ibkit.orders._gatekeeper import Gatekeeper
from ibkit.orders._lifecycle import GroupStatus
from ibkit.orders._live_group import GroupTrade
from ibkit.orders._neighbours import Neighbours
from ibkit.orders._observe import has_filled, is_waiting, leg_facts, same_order
from ibkit.orders._outbox import Outbox
from ibkit.orders._ref import parse_order_ref
from ibkit.orders._repair import repair
from ibkit.orders._tradable import Tradable
from ibkit.orders._waiting import wait_until
from ibkit.orders._whose import Holdings, Key, key_of
from ibkit.state import LiveState, OrderChange, Owner, TrueOrder

_CLOSED = "this order desk was closed and watches no more; make a new one. Nothing was sent"
_LOST = frozenset({LinkState.DOWN, LinkState.CLOSED})
_OPEN_QUESTION = frozenset({GroupStatus.UNPROTECTED, GroupStatus.UNKNOWN})


@final
class Keeper:
    """Knows the groups of a desk, keeps their facts current, and repairs them."""

    def __init__(self, ib: IB, state: LiveState, gatekeeper: Gatekeeper) -> None:
        self.ib: IB = ib
        self.is_closed: bool = False
        self.gatekeeper: Gatekeeper = gatekeeper
        self.state: LiveState = state
        requests = state.link.requests
        self.outbox: Outbox = Outbox(ib, requests.sender, state.ledger)
        self.cancelling: Cancelling = Cancelling(state, self.outbox)
        self.groups: dict[str, GroupTrade] = {}
        self.alerts: SafeEvent[Alert] = SafeEvent("orders.alerts", requests.health)
        self._on: dict[Key, Neighbours] = {}
        self._dirty: dict[GroupTrade, None] = {}
        self.rolling: set[Key] = set()
        """The contracts that a roll works on: it moves the exits of their groups."""
        self.split: set[str] = set()
        """The groups of which a roll has left exits on two contracts."""
        self.alarms: Alarms = Alarms(state, self.look_again)
        self.holdings: Holdings = Holdings(state, self.near, self.look_again, self.compare_again)
        self._listening = Subscriptions(requests.health)
        self._listening.add(state.order_changed, self._order_changed)
        self._listening.add(state.link.changed, self._link_changed)

    def close(self) -> None:
        """Watch and repair no more. Orders stay as they are."""
        self.is_closed = True
        self._listening.close()
        self.holdings.close()
        self.cancelling.close()
        self._dirty.clear()
        for trade in self.groups.values():
            book_of(trade).stop_timers()

    def require_open(self, what: str) -> None:
        """Raise `StateUnknown` when nobody watches any more."""
        if self.is_closed:
            raise StateUnknown(what, _CLOSED)

    def require_up(self, what: str) -> None:
        """Raise `NotConnected` or `StateUnknown` unless what is sent is watched from then on."""
        self.require_open(what)
        self.state.require_up(what)

    def now(self) -> dt.datetime:
        """The time."""
        return self.state.link.requests.health.clock()

    # -- which groups

    def add(self, trade: GroupTrade) -> None:
        """Watch a group."""
        self.groups[trade.group_id] = trade
        self.near(key_of(trade)).add(trade)

    def near(self, key: Key) -> Neighbours:
        """The groups that are not over, on one contract in one account."""
        return self._on.setdefault(key, Neighbours())

    def groups_on(self, key: Key) -> list[GroupTrade]:
        """The same as a list, oldest first."""
        return list(self.near(key).groups)

    def move(self, trade: GroupTrade, tradable: Tradable, shift: Decimal | None) -> None:
        """Take a group to the contract that its exits have moved to."""
        self.near(key_of(trade)).discard(trade)
        trade.tradable = tradable
        book = book_of(trade)
        book.shift = None if shift is None or book.shift is None else book.shift + shift
        book.told.clear()
        self.near(key_of(trade)).add(trade)

    def trade_of(self, order: TrueOrder) -> Trade | None:
        """The trade that ib_async holds for an order."""
        for trade in self.ib.trades():
            if order.perm_id and trade.order.permId == order.perm_id:
                return trade
            if (trade.order.clientId, trade.order.orderId) == (order.client_id, order.order_id):
                return trade
        return None

    def take(self, order: TrueOrder) -> GroupTrade | None:
        """Remember what is true of an order; returns the group that it belongs to."""
        ref = parse_order_ref(order.order_ref)
        trade = self.groups.get(ref.group_id) if ref else None
        if ref is None or trade is None or order.owner is Owner.CLIENT:
            return None  # another client may have copied an order with its reference
        track = track_of(trade, ref, order.size)
        before = track.latest
        track.take(order, self.now() if order.is_done else None)
        if before is None or not same_order(before, order):
            track.ends = trade.tradable.end_of(order.order, self.now())
        elif order.status and not before.status:
            tracks = book_of(trade).tracks.values()
            track.alone = any(has_filled(other, order) for other in tracks if other is not track)
        return trade

    # -- what happens

    def _order_changed(self, change: OrderChange) -> None:
        trade = self.take(change.after)
        if trade is not None:
            self.look_again(trade)

    def _link_changed(self, _: LinkChanged) -> None:
        for trade in self.groups.values():
            if not trade.is_over:
                for track in book_of(trade).tracks.values():
                    track.denied.clear()  # what was sent may be lost
                self.look_again(trade)

    def look_again(self, trade: GroupTrade) -> None:
        """Work out what is so and what is to be done, in the next pass of the event loop."""
        first = not self._dirty
        self._dirty[trade] = None
        if first:
            compat.blocking_loop().call_soon(self._work)

    def compare_again(self, key: Key) -> None:
        """Compare what an account holds of a contract. One group sees to it for all of them."""
        for trade in self.near(key).brackets:
            if not self.is_left_alone(trade):
                self.look_again(trade)
                return

    def _work(self) -> None:
        dirty, self._dirty = self._dirty, {}
        for trade in dirty:
            self._work_safely(trade)

    def _work_safely(self, trade: GroupTrade) -> None:
        try:
            self.work_on(trade)
        except Exception as error:  # noqa: BLE001 - one group must not stop the others
            self.state.link.requests.health.failed(f"group {trade.group_id}", error)

    def work_on(self, trade: GroupTrade) -> None:
        """Bring a group up to date, tell what happened, and do what is to be done."""
        book = book_of(trade)
        before = book.facts
        book.facts = self._observe(trade)
        if stirred(before, book.facts):
            self.alarms.stir(trade)
            book.facts = evolve(book.facts, settled=False)
        held = self._held(trade)
        if held is not None:  # as it is not known in a new picture
            book.facts = evolve(book.facts, held=held)
        after = book.facts
        for event in events_between(before, after):
            trade.events.emit(event)
        self._repair(trade, after)
        self._watch(trade)
        if after.settled and not before.settled:  # all at rest? then there is something to compare
            self.compare_again(key_of(trade))
        if before != after:
            trade.changed.emit(trade)

    def _observe(self, trade: GroupTrade) -> GroupFacts:
        book = book_of(trade)
        settled = "settle" not in book.timers and not book.resizing
        return GroupFacts(
            group_id=trade.group.group_id,
            form=trade.group.form,
            legs=tuple(leg_facts(track, settled=settled) for track in book.tracks.values()),
            connected=self.state.link.is_up,
            settled=settled,
            closing=book.closing,
            average_price=trade.entry_price,
            breakeven_after=trade.group.breakeven_after,
            now=self.now() if any(track.ends for track in book.tracks.values()) else None,
            told=frozenset(book.told),
        )

    def _held(self, trade: GroupTrade) -> Decimal | None:
        """What the account has of the group; by what was known before, while things move."""
        near = self.near(key_of(trade))
        near.note(trade)
        calm = not (near.moving or self.is_left_alone(trade))
        if calm and trade in near.brackets and self.state.link.is_up:
            return self.holdings.held(trade)
        return self.holdings.known(trade)

    def is_left_alone(self, trade: GroupTrade) -> bool:
        """Whether a roll sees to a group, so that nothing is repaired."""
        return key_of(trade) in self.rolling or trade.group_id in self.split

    def _repair(self, trade: GroupTrade, facts: GroupFacts) -> None:
        if self.is_left_alone(trade):
            return
        book = book_of(trade)
        if trade.status not in _OPEN_QUESTION:  # the next time it is news again
            book.told -= {key for key in facts.told if key.startswith("unprotected:")}
        try:
            carry_out(self, trade, repair(facts))
            self._sweep(trade)
        except Exception as error:  # noqa: BLE001 - whatever it is, the user must know now
            text = f"a repair could not be carried out: {error}"
            self.tell(trade, Alert(rule="repair", severity="critical", text=text))

    def _sweep(self, trade: GroupTrade) -> None:
        """Cancel what TWS may hold of the group without showing it."""
        if not self.state.link.is_up:
            return
        for track in book_of(trade).tracks.values():
            order = track.latest
            if order is not None and order.status == "Missing" and not track.swept:
                track.swept = True
                if not order.perm_id:
                    self.outbox.sweep(order)

    def tell(self, trade: GroupTrade, alert: Alert) -> None:
        """Tell the user something, once."""
        if alert.key in book_of(trade).told:
            return
        book_of(trade).told.add(alert.key)
        write = log.error if alert.severity == "critical" else log.warning
        write("group %s: %s", trade.group_id, alert.text)
        trade.alerts.emit(alert)
        self.alerts.emit(alert)

    def _watch(self, trade: GroupTrade) -> None:
        """See to it that the group is looked at again where nothing else would cause it."""
        if trade.is_over:
            self.near(key_of(trade)).discard(trade)
        else:
            self.near(key_of(trade)).add(trade)
            self.alarms.watch_expiry(trade)
        self.alarms.watch_answers(trade)

    # -- waiting

    async def answer_async(
        self,
        trade: GroupTrade,
        answered: Callable[[], bool],
        timeout: float,
        what: str,
    ) -> None:
        """
        Wait for TWS.

        Raises `FateUnknown` at once when the connection is lost, and `RequestTimeout`.
        """

        def over(_: GroupTrade) -> bool:
            return answered() or self.state.link.state in _LOST

        try:
            await trade.until_async(over, timeout)
        except WaitTimeout:
            raise RequestTimeout(f"{what} of group {trade.group_id}", timeout) from None
        if not answered() and self.state.link.state in _LOST:
            waiting = [leg.role for leg in trade.facts.legs if is_waiting(leg)]
            raise FateUnknown(trade.group_id, waiting)

    async def until_async(self, predicate: Callable[[], bool], timeout: float, what: str) -> None:
        """Wait until *predicate* of the orders is true. Raises as `answer_async`."""

        def over() -> bool:
            return predicate() or self.state.link.state in _LOST

        try:
            wait = wait_until(over, self.state.order_changed, self.state.link.changed)
            await asyncio.wait_for(wait, timeout)
        except asyncio.TimeoutError:
            raise RequestTimeout(what, timeout) from None
        if not predicate():
            raise FateUnknown(what)
