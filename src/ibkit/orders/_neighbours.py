"""The groups that share a position."""

from __future__ import annotations

from typing import final

from attrs import define, field

from ibkit.orders._book import book_of
from ibkit.orders._live_group import GroupTrade
from ibkit.orders._planned import Form

BRACKETS: frozenset[Form] = frozenset({"separate", "managed", "attached"})


def is_bracket(trade: GroupTrade) -> bool:
    """Whether a group has something to protect."""
    return trade.group.form in BRACKETS


@final
@define(eq=False)
class Neighbours:
    """The groups that are not over, on one contract in one account, oldest first."""

    groups: dict[GroupTrade, None] = field(factory=dict)
    brackets: dict[GroupTrade, None] = field(factory=dict)
    """Those that have something to protect; what the others trade, they trade as anybody."""
    moving: set[GroupTrade] = field(factory=set)
    """Those of which something was filled or ended a moment ago."""

    def add(self, trade: GroupTrade) -> None:
        """Take a group in."""
        self.groups[trade] = None
        if is_bracket(trade):
            self.brackets[trade] = None
        self.note(trade)

    def note(self, trade: GroupTrade) -> None:
        """Note whether a group is at rest."""
        if trade in self.groups and not book_of(trade).facts.settled:
            self.moving.add(trade)
        else:
            self.moving.discard(trade)

    def discard(self, trade: GroupTrade) -> None:
        """Let go of a group that is over, or on another contract."""
        self.groups.pop(trade, None)
        self.brackets.pop(trade, None)
        self.moving.discard(trade)
