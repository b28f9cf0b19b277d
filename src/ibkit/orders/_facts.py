"""What is known of a group at a moment: the input of the lifecycle and of the repair rules.

A shell fills these values from the ledger of true order states and acts on the answers; nothing
here asks, waits or remembers.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from attrs import field, frozen

from ibkit.orders._planned import Form, Kind

if TYPE_CHECKING:
    from ibkit.orders._group import OrderGroup

NOTHING = Decimal(0)


class LegStatus(Enum):
    """Where one order of a group is, as the broker last confirmed it."""

    PLANNED = "not sent"
    SENT = "sent, not answered yet"
    HELD = "at IB, but held: not transmitted, or shares are being located"
    WORKING = "accepted"
    CANCELLING = "to be cancelled; fills are still possible"
    FILLED = "filled completely"
    CANCELLED = "cancelled"
    EXPIRED = "its time in force is over"
    REJECTED = "refused by TWS or the exchange"
    UNKNOWN = "sent, and the connection was lost before an answer"
    ABSENT = "sent, but the broker says that it has never had it"


# That of Enum hashes the name each time, and these are looked up thousands of times a second.
LegStatus.__hash__ = object.__hash__  # type: ignore[method-assign]  # members are single

LIVE = frozenset(
    {
        LegStatus.SENT,
        LegStatus.HELD,
        LegStatus.WORKING,
        LegStatus.CANCELLING,
        LegStatus.UNKNOWN,
    }
)
"""An order that may still fill."""

LOST = frozenset({LegStatus.CANCELLED, LegStatus.EXPIRED, LegStatus.REJECTED, LegStatus.ABSENT})
"""An order that ended without having filled completely."""


@frozen(kw_only=True)
class LegFacts:
    """What is known of one order of a group."""

    role: str
    kind: Kind
    number: int = 0
    size: Decimal
    """As planned."""
    status: LegStatus = LegStatus.PLANNED
    filled: Decimal = NOTHING
    """The union of its executions, or what IB says if that is more. It never falls."""
    remaining: Decimal = NOTHING
    """What the broker still has of it, whether it can execute now or not."""
    active: bool = True
    """It can execute. False for a child whose parent has not filled (``whyHeld`` is child)."""
    deferred: bool = False
    """It is sent when the entry fills, by the desk and at once."""
    awaited: bool = False
    """Its entry has just filled, and IB starts it by itself: the message is on its way."""
    linked: str | None = None
    """Its OCA group as TWS shows it, empty for none; ``None`` where nobody knows. Exits of one
    slice that share one are kept in step by IB."""
    in_flight: bool = False
    """A change or a cancellation of it was sent and not answered."""
    cancel_asked: bool = False
    """The user wants it gone."""
    resent: int = 0
    """How often it was put back."""
    doubles: int = 0
    """How many orders of the role live beside the one that counts, and are not being cancelled."""
    moved: bool = False
    """Its price was moved to break-even."""
    refused: str = ""
    """Why its last modification was refused."""
    reason: str = ""
    """Why it ended."""
    ends: dt.datetime | None = None
    """When its time in force ends, where that is known."""

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def works(self) -> Decimal:
        """How much of it can execute at this moment, as far as is confirmed."""
        return self.remaining if self.status is LegStatus.WORKING and self.active else NOTHING

    @property
    def coming(self) -> Decimal:
        """How much of it may soon work: about to be sent, or sent, started or being changed and
        not answered yet.
        """
        if self.status is LegStatus.PLANNED:
            return self.size if self.deferred else NOTHING
        changing = self.live and self.status is not LegStatus.CANCELLING
        waits = self.status is LegStatus.SENT or ((self.in_flight or self.awaited) and changing)
        return max(self.remaining, self.size - self.filled) if waits else NOTHING


@frozen(kw_only=True)
class GroupFacts:
    """What is known of a group."""

    group_id: str = ""
    form: Form
    legs: tuple[LegFacts, ...]
    connected: bool = True
    settled: bool = True
    """No fill and no cancellation came in within the last round trip: IB has done its own part."""
    held: Decimal | None = None
    """How much of the group's position the account really has, in the group's direction; negative
    when it is on the other side, None when nobody knows."""
    closing: bool = False
    """The user wants to be out."""
    average_price: Decimal | None = None
    """Of the entry's fills."""
    breakeven_after: int | None = None
    now: dt.datetime | None = None
    warn_before: dt.timedelta = field(default=dt.timedelta(minutes=15))
    """How long before exits expire the user is told."""
    told: frozenset[str] = frozenset()
    """The keys of the alerts that were given already."""
    _studied: object = field(default=None, init=False, eq=False, repr=False)
    """Its sums, once somebody has asked for them; `study` keeps them here."""

    def leg(self, role: str) -> LegFacts | None:
        """Return the facts of one order."""
        return next((leg for leg in self.legs if leg.role == role), None)


def first_facts(group: OrderGroup) -> GroupFacts:
    """Return the facts of a group of which nothing was sent yet.

    >>> from ibkit.orders import Limit, bracket
    >>> group = bracket("BUY", 1, entry=Limit(5000), take_profit=5010, stop=4990)
    >>> [(leg.role, leg.status.name) for leg in first_facts(group).legs]
    [('entry', 'PLANNED'), ('target-1', 'PLANNED'), ('stop-1', 'PLANNED')]
    """
    return GroupFacts(
        group_id=group.group_id,
        form=group.form,
        breakeven_after=group.breakeven_after,
        legs=tuple(
            LegFacts(
                role=order.role,
                kind=order.kind,
                number=order.number,
                size=order.size,
                deferred=order.deferred,
            )
            for order in group.legs
        ),
    )
