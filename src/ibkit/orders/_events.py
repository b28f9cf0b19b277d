"""What happened to a group between two moments, as values to subscribe to."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum

from attrs import frozen

from ibkit.orders._facts import LOST, NOTHING, GroupFacts, LegFacts, LegStatus
from ibkit.orders._lifecycle import GroupStatus, status_in
from ibkit.orders._numbers import plain
from ibkit.orders._picture import study


class EventKind(Enum):
    """What kind of thing happened."""

    FILLED = "an order filled, wholly or in part"
    ENDED = "an order ended before it filled completely"
    REVIVED = "an order that had ended lives again"
    CHANGE_REFUSED = "TWS refused a modification; the old terms stand"
    STATUS = "the group has another status"


@frozen(kw_only=True)
class GroupEvent:
    """One thing that happened to a group."""

    kind: EventKind
    group_id: str
    status: GroupStatus
    """Of the group, after it."""
    open_size: Decimal
    """After it."""
    role: str = ""
    """The order that it happened to; empty for the group as a whole."""
    size: Decimal = NOTHING
    """How much was filled by it."""
    reason: str = ""

    def __str__(self) -> str:
        what = f"{self.role} {self.kind.name.lower()}" if self.role else self.status.name
        size = f" {plain(self.size)}" if self.size else ""
        reason = f": {self.reason}" if self.reason else ""
        return f"{self.group_id}: {what}{size}{reason} (open {plain(self.open_size)})"


def events_between(before: GroupFacts, after: GroupFacts) -> tuple[GroupEvent, ...]:
    """Compare two moments: the orders in the order of the group, then the group itself.

    >>> from attrs import evolve
    >>> from ibkit.orders import Limit, bracket
    >>> from ibkit.orders._facts import first_facts
    >>> one = first_facts(bracket("BUY", 1, entry=Limit(5000), stop=4990, group_id="k3f9"))
    >>> filled = evolve(one.legs[0], status=LegStatus.FILLED, filled=Decimal(1))
    >>> for event in events_between(one, evolve(one, legs=(filled, one.legs[1]))):
    ...     print(event)
    k3f9: entry filled 1 (open 1)
    k3f9: UNPROTECTED: something is open without a working exit (open 1)
    """
    picture = study(after)
    now, was = status_in(picture), status_in(study(before))
    events: list[GroupEvent] = []

    def tell(kind: EventKind, role: str = "", size: Decimal = NOTHING, reason: str = "") -> None:
        events.append(
            GroupEvent(
                kind=kind,
                group_id=after.group_id,
                status=now,
                open_size=picture.open,
                role=role,
                size=size,
                reason=reason,
            )
        )

    for leg in after.legs:
        for kind, size, reason in _of_leg(before.leg(leg.role), leg):
            tell(kind, leg.role, size, reason)
    if now is not was:
        tell(EventKind.STATUS, reason=now.value)
    return tuple(events)


def _of_leg(before: LegFacts | None, leg: LegFacts) -> Iterator[tuple[EventKind, Decimal, str]]:
    was = before.status if before else LegStatus.PLANNED
    filled = before.filled if before else NOTHING
    if leg.filled > filled:
        yield EventKind.FILLED, leg.filled - filled, ""
    if leg.status in LOST and was is not leg.status:
        yield EventKind.ENDED, NOTHING, leg.reason or leg.status.value
    if was in LOST and leg.live:
        yield EventKind.REVIVED, NOTHING, leg.status.value
    if leg.refused and (before is None or leg.refused != before.refused):
        yield EventKind.CHANGE_REFUSED, NOTHING, leg.refused
