"""What a repair rule wants done: values that a shell carries out."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import frozen

Severity: TypeAlias = Literal["info", "warning", "critical"]


@frozen(kw_only=True)
class Resize:
    """Change an order so that so much of it remains at the broker."""

    rule: str
    role: str
    remaining: Decimal


@frozen(kw_only=True)
class CancelLeg:
    """Cancel an order. Mind that IB then cancels the others of its OCA group too."""

    rule: str
    role: str
    double: bool = False
    """Not the order that stands for the role, but the others that live beside it."""


@frozen(kw_only=True)
class Place:
    """Send an exit that was not sent yet; those of one slice belong together (`exit_orders`)."""

    rule: str
    role: str
    size: Decimal


@frozen(kw_only=True)
class Replace:
    """Send an exit that the broker lost or refused once more, as an order of its own."""

    rule: str
    role: str
    size: Decimal


@frozen(kw_only=True)
class MoveStop:
    """Move a stop to a price (not yet on the grid)."""

    rule: str
    role: str
    price: Decimal


@frozen(kw_only=True)
class RollBack:
    """Take the acknowledged terms of an order for its terms again."""

    rule: str
    role: str


@frozen(kw_only=True)
class CloseOut:
    """Close what is open at the market: no exit is left that could do it."""

    rule: str
    size: Decimal


@frozen(kw_only=True)
class Alert:
    """Tell the user, now."""

    rule: str
    severity: Severity
    text: str
    roles: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What makes it the same alert again: rule, orders and text."""
        return f"{self.rule}:{','.join(self.roles)}:{self.text}"


@frozen(kw_only=True)
class AskBroker:
    """Ask for open orders, completed orders and executions before anything else is done."""

    rule: str
    roles: tuple[str, ...]


Action: TypeAlias = (
    Resize | CancelLeg | Place | Replace | MoveStop | RollBack | CloseOut | Alert | AskBroker
)
"""What a repair rule can want done."""
