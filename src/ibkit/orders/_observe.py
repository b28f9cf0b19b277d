"""From the true states of orders to the facts of a group. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import final

from attrs import define, field

from ibkit._ib._codes import CODES, Effect, Notice, Severity
from ibkit.errors import OrderRejected
from ibkit.orders._facts import LegFacts, LegStatus
from ibkit.orders._planned import Kind
from ibkit.state import Phase, TrueOrder
from ibkit.state._ledger import same_terms

ZERO = Decimal(0)
SLACK = dt.timedelta(minutes=1)
"""How long before its time an order may end and still count as expired: clocks differ."""

_ENDED = 202
"""A cancelled order; TWS adds a reason or nothing."""

_STATUSES = {
    Phase.SENT: LegStatus.SENT,
    Phase.HELD: LegStatus.WORKING,
    Phase.WORKING: LegStatus.WORKING,
    Phase.CANCELLING: LegStatus.CANCELLING,
    Phase.SUSPENDED: LegStatus.HELD,
}
_PASSING = frozenset({LegStatus.SENT, LegStatus.CANCELLING, LegStatus.UNKNOWN})
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
    """One role of a group: the orders that were sent for it, and what was asked of them."""

    role: str
    kind: Kind
    number: int
    size: Decimal
    deferred: bool = False
    """The desk sends it when the entry fills."""
    orders: list[TrueOrder] = field(factory=list)
    assumed: Decimal = ZERO
    """What must have been filled by an order that nobody remembers."""
    resent: int = 0
    moved: bool = False
    cancel_asked: bool = False
    refused: str = ""
    """Why its last change was refused; forgotten once the user is told."""
    denied: dict[str, int] = field(factory=dict)
    """How often changes of the desk's own were refused."""
    trying: str = ""
    """The change of the desk's own that is on its way."""
    tried_at: float = 0.0
    """When it was sent, on the clock of the event loop."""
    ends: dt.datetime | None = None
    """When the time in force of its latest order ends, where that is known."""
    over_since: dt.datetime | None = None
    """When its latest order was first seen to have ended."""
    waits_since: float | None = None
    """Since when an answer is due, on the clock of the event loop."""
    patience: float = 0.0
    """Seconds after which that is too long."""
    alone: bool = False
    """It came to its OCA group when another order of it had filled: IB does not reduce it."""
    swept: bool = False
    """What TWS may hold of it without showing it was cancelled."""

    @property
    def latest(self) -> TrueOrder | None:
        """The order that stands for the role now: one that lives before one that is done."""
        for order in reversed(self.orders):
            if not order.is_done:
                return order
        return self.orders[-1] if self.orders else None

    @property
    def filled(self) -> Decimal:
        """What all its orders have filled."""
        return sum((order.filled for order in self.orders), self.assumed)

    def take(self, order: TrueOrder, now: dt.datetime | None = None) -> None:
        """Remember what is true of an order of this role now."""
        place = self._place_of(order)
        if place is None:
            self.orders.append(order)
            self.denied, self.trying = {}, ""
            self.over_since = None
            self.alone = self.swept = False
        else:
            self._note_answer(self.orders[place], order)
            self.orders[place] = order
        if not order.is_done:
            self.over_since = None
        elif self.over_since is None:
            self.over_since = now

    def _place_of(self, order: TrueOrder) -> int | None:
        # One that was never answered may have the ids of one that was found again by its permId.
        same = [i for i, o in enumerate(self.orders) if same_order(o, order)]
        exact = [i for i in same if self.orders[i].perm_id == order.perm_id]
        return next(iter(exact or same), None)

    def _note_answer(self, before: TrueOrder, after: TrueOrder) -> None:
        refused = after.refused is not None and after.refused is not before.refused
        if refused and after.refused:
            self.refused = after.refused.text
        if refused or _was_in_vain(before, after):
            self.denied[self.trying] = self.denied.get(self.trying, 0) + 1
        if after.wanted is None:
            self.trying = ""


def _was_in_vain(before: TrueOrder, after: TrueOrder) -> bool:
    """Whether TWS has answered a change by showing other terms."""
    wanted = before.wanted
    return wanted is not None and after.wanted is None and not same_terms(wanted, after.order)


def doubles(track: Track) -> list[TrueOrder]:
    """The live orders of a role beside the one that counts, but for those on their way out."""
    latest = track.latest
    return [
        order
        for order in track.orders
        if order is not latest
        and not (order.is_done or order.cancelling or order.phase is Phase.CANCELLING)
    ]


def same_order(one: TrueOrder, other: TrueOrder) -> bool:
    """Whether two snapshots are of the same order."""
    if one.perm_id and other.perm_id:
        return one.perm_id == other.perm_id
    return (one.client_id, one.order_id) == (other.client_id, other.order_id)


def is_among(order: TrueOrder, others: Iterable[TrueOrder]) -> bool:
    """Whether one of several snapshots is of the same order."""
    return any(same_order(order, other) for other in others)


def has_filled(track: Track, other: TrueOrder) -> bool:
    """Whether a role has filled in the OCA group of another order."""
    name = other.order.ocaGroup
    return any(o.filled and o.order.ocaGroup == name for o in track.orders) if name else False


def leg_facts(track: Track, *, settled: bool = True) -> LegFacts:
    """What is known of a role."""
    order = track.latest
    if order is None:
        filled = track.assumed
        return LegFacts(
            role=track.role,
            kind=track.kind,
            number=track.number,
            size=track.size,
            status=LegStatus.FILLED if filled else LegStatus.PLANNED,
            filled=filled,
            deferred=track.deferred,
        )
    active = "child" not in order.why_held
    status = status_of_leg(track, order)
    return LegFacts(
        role=track.role,
        kind=track.kind,
        number=track.number,
        size=track.size,
        status=status,
        filled=track.filled,
        remaining=order.remaining,
        active=active,
        awaited=not (active or settled),
        linked="" if track.alone else order.order.ocaGroup,
        in_flight=order.cancelling or (order.wanted is not None and bool(order.status)),
        cancel_asked=track.cancel_asked,
        resent=track.resent,
        doubles=len(doubles(track)),
        moved=track.moved,
        refused=track.refused,
        reason="" if status is LegStatus.FILLED else reason_of(order),
        ends=track.ends,
    )


def status_of_leg(track: Track, order: TrueOrder) -> LegStatus:
    """Where an order of a group is."""
    if order.is_done:
        status = _ENDS.get(order.status, LegStatus.CANCELLED)
        return LegStatus.EXPIRED if status is LegStatus.CANCELLED and _ran_out(track) else status
    return _STATUSES[order.phase] if order.certain else LegStatus.UNKNOWN


def _ran_out(track: Track) -> bool:
    if track.ends is None or track.over_since is None or track.cancel_asked:
        return False
    return track.over_since >= track.ends - SLACK


def reason_of(order: TrueOrder) -> str:
    """
    What TWS said last of an order, but for remarks and for answers to cancels.

    A refusal of an order that works concerned a change, and its old terms stand.
    """
    silent = Effect.W | Effect.CR
    works = order.phase in {Phase.HELD, Phase.WORKING}
    for notice in reversed(order.messages):
        effect = CODES[notice.code].effect
        past = works and notice.severity is not Severity.NOTICE
        if not past and (not effect or effect & ~(silent | Effect.DOUBT)):
            bare = notice.code == _ENDED and notice.text.endswith(":")
            return "" if bare else " ".join(notice.text.split())
    return ""


def rejected(notice: Notice, role: str) -> OrderRejected:
    """The error for what TWS has refused."""
    return OrderRejected(notice.code, notice.text, role, notice.remedy)


def is_waiting(leg: LegFacts) -> bool:
    """Whether TWS owes an answer about an order."""
    return leg.status in _PASSING or leg.in_flight


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
