"""What the broker has of each group of orders, and what of it breaks a promise of the desk.

The one source is `gateway.truth`; the desk is asked only for what it says of itself: the status
of a group, and what it told the user.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from ibkit.orders import GroupStatus, GroupTrade, OrderGroup, OrderRef, parse_order_ref
from ibkit.sim import Fill, OrderView, SimGateway

ZERO = Decimal(0)
BRACKETS = frozenset({"separate", "managed", "attached"})
AT_WORK = frozenset({"PreSubmitted", "Submitted"})
ALARMS = frozenset({"unprotected", "flipped", "lost-again", "expired", "close-out"})
"""The rules that tell the user of something that is open without an exit."""


class Sums(NamedTuple):
    """What the fills of a group come to."""

    opened: Decimal
    closed: Decimal
    lowest: Decimal
    """The least that was ever open: below zero the position was on the other side."""

    @property
    def open(self) -> Decimal:
        return self.opened - self.closed


class Own(NamedTuple):
    """An order of a group, as the broker has it."""

    ref: OrderRef
    view: OrderView

    @property
    def works(self) -> Decimal:
        return self.view.working if self.view.status in AT_WORK else ZERO


def sums(fills: Iterable[Fill], group_id: str) -> Sums:
    """Add up the fills of a group."""
    opened = closed = lowest = ZERO
    for fill in fills:
        ref = parse_order_ref(fill.order_ref)
        if ref is not None and ref.group_id == group_id:
            opened += fill.quantity if ref.kind == "entry" else 0
            closed += fill.quantity if ref.kind != "entry" else 0
            lowest = min(lowest, opened - closed)
    return Sums(opened, closed, lowest)


class Case:
    """One group, and everything that is needed to judge it."""

    def __init__(
        self,
        gateway: SimGateway,
        group: OrderGroup,
        told: set[str],
        *,
        size: Decimal,
        held: Decimal | None = None,
        past: Iterable[Fill] = (),
    ) -> None:
        self.gateway, self.group, self.size = gateway, group, size
        self.told = told
        """The rules that had something to tell; and whether it was resized, and IB was lost."""
        self.live = [*self._own(gateway.truth.orders), *self._own(_held(gateway))]
        self.ended = list(self._own(gateway.truth.completed_orders))
        fills = {fill.exec_id: fill for fill in (*past, *gateway.truth.fills)}
        self.sums = sums(fills.values(), group.group_id)
        self.is_bracket = group.form in BRACKETS
        self.open: Decimal = self._open(held)
        """What is open of it; not more than what is held, where somebody else trades it."""

    def _own(self, views: Iterable[OrderView]) -> Iterator[Own]:
        for view in views:
            ref = parse_order_ref(view.terms.order_ref)
            if ref is not None and ref.group_id == self.group.group_id:
                yield Own(ref, view)

    def _open(self, held: Decimal | None) -> Decimal:
        size = max(self.sums.open, ZERO)
        if held is None:
            return size
        sign = 1 if self.group.side == "BUY" else -1
        return min(max(held * sign, ZERO), size)

    def works(self, *kinds: str) -> Decimal:
        """How much of the orders of some kinds is at work."""
        return sum((own.works for own in self.live if own.ref.kind in kinds), ZERO)

    @property
    def shown(self) -> list[Own]:
        """The live orders without those that TWS holds untransmitted and shows to nobody."""
        return [own for own in self.live if own.view.perm_id]

    # -- at any moment

    def wrong_now(self) -> Iterator[str]:
        """What must not be at any moment, whatever goes wrong."""
        yield from self._flipped()
        yield from self._sent_twice()

    def _flipped(self) -> Iterator[str]:
        if not self.is_bracket:
            return
        if self.sums.opened > self.size:
            yield f"opened {self.sums.opened} of {self.size}"
        if self.sums.lowest < 0 and not self.may_flip():
            yield f"the position flipped: {self.sums}"

    def may_flip(self) -> bool:
        """
        Whether two exits may fill for one unit by what IB itself does.

        IB lets two exits fill at once while a cancellation is under way, and in one reading of
        its documents lets more of a child work than was filled of its parent. Exits that were put
        back while their counterpart lived on, and a provisional stop, are not linked by IB to
        the others. While a bracket shrinks, its entry shrinks first, so that no unit is ever bare.
        Nobody can prevent it from outside; the user is told.
        """
        scenario = self.gateway.scenario
        slow = bool(scenario.cancel_latency) or scenario.partial_parent == "all"
        resized = self.size != self.group.size or "resize" in self.told
        return slow or resized or self.group.guard is not None or self._is_apart()

    def _is_apart(self) -> bool:
        pairs = {t.number for t in self.group.targets} & {s.number for s in self.group.stops}
        for ref, view in (*self.live, *self.ended):
            paired = ref.number in pairs or self.group.form == "attached"
            linked = view.terms.oca_group or view.terms.parent_id
            if ref.kind in {"target", "stop"} and paired and not linked:
                return True
        return False

    def _sent_twice(self) -> Iterator[str]:
        live = Counter(own.ref.role for own in self.live)
        if not {"lives-twice", "IB lost"} <= self.told:  # it came back, and is cancelled
            yield from (f"{role} lives twice" for role, count in live.items() if count > 1)
        ever = Counter(own.ref.role for own in (*self.live, *self.ended))
        for role, count in ever.items():
            if count > 1 and not role.startswith(("target", "stop", "close")):
                yield f"{role} was sent {count} times"

    # -- within a round trip

    def wrong_soon(self, status: GroupStatus) -> Iterator[str]:
        """What must not be when nothing has happened for a round trip; *status* is what it says."""
        if self.is_bracket:
            yield from self._bare(status)

    def _bare(self, status: GroupStatus) -> Iterator[str]:
        kinds = {"stop", "guard"} if self.group.stops or self.group.guard else {"target"}
        work = self.works(*kinds)
        alarmed = bool(self.told & ALARMS)
        says_so = status is GroupStatus.UNKNOWN or "close-out" in self.told
        says_so = says_so or (status is GroupStatus.UNPROTECTED and alarmed)
        closing = status is GroupStatus.CLOSING and bool(self.live)
        if work < self.open and not (says_so or closing):
            yield f"open {self.open}, stops for {work} work, and it says {status.name}"

    # -- when all is settled

    def wrong_at_rest(self, trade: GroupTrade, *, blind: bool) -> Iterator[str]:
        """
        What must not be when everything had the time to settle.

        Args:
            trade: What the desk says.
            blind: A cancel was lost: what TWS holds untransmitted, nobody can see.
        """
        orders = self.shown if blind else self.live
        if trade.is_over:
            yield from (f"is over, and {own.ref.role} lives: {own.view}" for own in orders)
        yield from self.wrong_at_broker(trade.status, orders)
        if trade.status is not GroupStatus.UNKNOWN:
            yield from self._misread(trade, blind=blind)

    def wrong_at_broker(self, status: GroupStatus, orders: list[Own]) -> Iterator[str]:
        """The part of it for which nobody has to be asked but the broker."""
        if self.is_bracket:
            yield from self._ill_protected(status)
            yield from self._orphans(orders)
            yield from self._doubles(orders)
            yield from self._flipped_in_silence()

    def _doubles(self, orders: list[Own]) -> Iterator[str]:
        live = Counter(own.ref.role for own in orders)
        yield from (f"{role} lives twice for good" for role, n in live.items() if n > 1)

    def _flipped_in_silence(self) -> Iterator[str]:
        if self.sums.open < 0 and "flipped" not in self.told:
            yield f"the position flipped, and nobody was told: {self.sums}"

    def _ill_protected(self, status: GroupStatus) -> Iterator[str]:
        yield from self._bare(status)
        to_come = sum((o.view.remaining for o in self.live if o.ref.kind == "entry"), ZERO)
        whole_children = self.gateway.scenario.partial_parent == "all"
        # What the provisional stop keeps for the rest of the entry starts along with the fill.
        ahead = to_come if whole_children else min(self.works("guard"), to_come)
        for kinds in (("stop", "guard"), ("target",)):
            if self.works(*kinds) > self.open + ahead:
                yield f"open {self.open}, and {kinds[0]}s for {self.works(*kinds)} work"

    def _orphans(self, orders: list[Own]) -> Iterator[str]:
        entries = any(own.ref.kind == "entry" for own in self.live)
        if not entries and not self.open:
            yield from (f"nothing is open, and {o.ref.role} lives: {o.view}" for o in orders)

    def _misread(self, trade: GroupTrade, *, blind: bool) -> Iterator[str]:
        live = {own.ref.role: own.view for own in self.live}
        seen = {leg.role: leg for leg in trade.facts.legs}
        for role, view in live.items():
            leg = seen.get(role)
            if not (leg and leg.live) and (view.perm_id or not blind):
                yield f"{role} lives, and is believed to be {leg and leg.status.name}: {view}"
        for role, leg in seen.items():
            if leg.live and role not in live:
                yield f"{role} is believed to be {leg.status.name}, and does not live"
            elif leg.live and leg.remaining != live[role].remaining:
                yield f"{role} has {live[role].remaining} left, and {leg.remaining} is believed"
        if self.is_bracket and trade.filled != self.sums.opened:
            yield f"opened {self.sums.opened}, and {trade.filled} is believed"


def _held(gateway: SimGateway) -> list[OrderView]:
    """The orders that TWS holds untransmitted; no listing shows them."""
    world = gateway._floor.broker._world
    return [order.view() for order in world.orders.held() if order.gate.name == "HELD"]
