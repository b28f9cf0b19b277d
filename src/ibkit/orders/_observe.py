"""From the true states of orders to the facts of a group. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import final

from attrs import define, evolve, field

from ibkit.orders._facts import LegFacts, LegStatus
from ibkit.orders._planned import Kind
from ibkit.state import Phase, TrueOrder

ZERO = Decimal(0)

_STATUSES = {
    Phase.SENT: LegStatus.SENT,
    Phase.HELD: LegStatus.WORKING,
    Phase.WORKING: LegStatus.WORKING,
    Phase.CANCELLING: LegStatus.CANCELLING,
    Phase.SUSPENDED: LegStatus.HELD,
}
_ENDS = {
    "Filled": LegStatus.FILLED,
    "Rejected": LegStatus.REJECTED,
    "Missing": LegStatus.ABSENT,
    "Cancelled": LegStatus.CANCELLED,
    "ApiCancelled": LegStatus.CANCELLED,
}


@final
@define(eq=False)
class Track:
    """One role of a group: the orders that were sent for it, the latest last."""

    role: str
    kind: Kind
    number: int
    size: Decimal
    orders: list[TrueOrder] = field(factory=list)
    resent: int = 0
    moved: bool = False
    cancel_asked: bool = False
    refused: str = ""
    stuck: bool = False
    """Its last change was not answered in time: it is not waited for any longer."""

    @property
    def latest(self) -> TrueOrder | None:
        """The order that stands for the role now."""
        return self.orders[-1] if self.orders else None

    def take(self, order: TrueOrder) -> None:
        """Remember what is true of an order of this role now."""
        for place, known in enumerate(self.orders):
            if same_order(known, order):
                self._note_refusal(known, order)
                self.orders[place] = order
                return
        self.orders.append(order)

    def _note_refusal(self, before: TrueOrder, after: TrueOrder) -> None:
        if before.wanted is None or after.wanted is not None:
            return
        self.stuck = False
        acknowledged = after.order != before.order or after.is_done
        told = len(after.messages) and after.messages != before.messages
        self.refused = after.reason if told or (not acknowledged and after.messages) else ""


def same_order(one: TrueOrder, other: TrueOrder) -> bool:
    """Whether two snapshots are of the same order."""
    if one.perm_id and other.perm_id:
        return one.perm_id == other.perm_id
    return (one.client_id, one.order_id) == (other.client_id, other.order_id)


def leg_facts(track: Track) -> LegFacts:
    """What is known of a role."""
    order = track.latest
    facts = LegFacts(
        role=track.role,
        kind=track.kind,
        number=track.number,
        size=track.size,
        resent=track.resent,
        moved=track.moved,
        cancel_asked=track.cancel_asked,
        refused=track.refused,
    )
    if order is None:
        return facts
    return evolve(
        facts,
        status=status_of_leg(order),
        filled=sum((known.filled for known in track.orders), ZERO),
        remaining=order.remaining,
        active="child" not in order.why_held,
        in_flight=order.wanted is not None and bool(order.status) and not track.stuck,
        reason=order.reason,
    )


def status_of_leg(order: TrueOrder) -> LegStatus:
    """Where an order of a group is."""
    if order.is_done:
        return _ENDS.get(order.status, LegStatus.CANCELLED)
    if not order.certain:
        return LegStatus.UNKNOWN
    return _STATUSES[order.phase]


def total_filled(tracks: Iterable[Track], kinds: frozenset[str]) -> Decimal:
    """What the roles of some kinds have filled."""
    return sum((leg_facts(t).filled for t in tracks if t.kind in kinds), ZERO)


def average_price(tracks: Iterable[Track], kinds: frozenset[str]) -> Decimal | None:
    """The average fill price of the roles of some kinds; ``None`` before a fill."""
    parts = [
        (order.filled, order.average_price)
        for track in tracks
        if track.kind in kinds
        for order in track.orders
        if order.filled and order.average_price is not None
    ]
    size = sum((filled for filled, _ in parts), ZERO)
    return sum((filled * price for filled, price in parts), ZERO) / size if size else None
