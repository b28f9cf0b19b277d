"""What the desk keeps of a group that lives at the broker."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, final

from attrs import define, field

from ibkit.orders._facts import GroupFacts
from ibkit.orders._observe import Track
from ibkit.orders._planned import Kind
from ibkit.orders._ref import OrderRef

if TYPE_CHECKING:
    from ibkit.orders._live_group import GroupTrade


@final
@define(eq=False)
class GroupBook:
    """The orders of a group by role, what is known of it, what the user wants and was told."""

    tracks: dict[str, Track]
    facts: GroupFacts
    closing: bool = False
    told: set[str] = field(factory=set)
    shift: Decimal | None = Decimal(0)
    """By how much rolls have moved its prices; ``None`` where nobody remembers."""
    lost: Decimal = Decimal(0)
    """How much of what is open was closed by other hands."""
    timers: dict[str, asyncio.TimerHandle] = field(factory=dict)
    changing: dict[str, asyncio.Lock] = field(factory=dict)
    """By role: a user's change is sent when the one before it is answered."""
    resizing: int = 0
    """How many changes of size are under way: meanwhile exits may differ from their entry."""
    stirred_at: float = 0.0
    """When things began to move, on the clock of the event loop."""

    def stop_timer(self, name: str) -> None:
        """Let a timer not ring."""
        timer = self.timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def stop_timers(self) -> None:
        """Let none ring."""
        for name in list(self.timers):
            self.stop_timer(name)


def track_of(trade: GroupTrade, ref: OrderRef, size: Decimal) -> Track:
    """The track of a role; a role that was not planned gets one."""
    tracks = book_of(trade).tracks
    if ref.role not in tracks:
        kind: Kind = ref.kind  # type: ignore[assignment]  # a ref has no other
        tracks[ref.role] = Track(ref.role, kind, ref.number, size)
    return tracks[ref.role]


def book_of(trade: GroupTrade) -> GroupBook:
    """What the desk keeps of a group; for the desk alone."""
    return trade._book  # noqa: SLF001 - the desk and its groups are one thing in several files
