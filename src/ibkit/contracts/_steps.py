"""What a roll wants done next: values that a shell carries out."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import frozen

from ._exits import ExitSet


@frozen(kw_only=True)
class SendSpread:
    """Send the order in the calendar spread."""

    size: Decimal
    limit: Decimal


@frozen(kw_only=True)
class SendLeg:
    """Send one leg; one that opens carries its exits."""

    kind: Literal["c", "o"]
    size: Decimal
    limit: Decimal
    exits: ExitSet | None = None


@frozen(kw_only=True)
class Reprice:
    """Move the limit of the roll's order."""

    order_id: int
    limit: Decimal


@frozen(kw_only=True)
class Withdraw:
    """Cancel an order of the roll."""

    order_id: int
    why: str


@frozen(kw_only=True)
class PlaceExits:
    """Put a set of exits, or a part of it, on the new month."""

    exits: ExitSet
    size: Decimal
    """Of each order, where the set is split."""


@frozen(kw_only=True)
class ResizeExit:
    """Change an exit so that so much of it remains."""

    order_id: int
    remaining: Decimal


@frozen(kw_only=True)
class CancelExit:
    """Cancel an exit on the old month. IB cancels the others of its set too."""

    order_id: int


@frozen(kw_only=True)
class Tell:
    """Tell the user."""

    text: str
    is_critical: bool = False


@frozen(kw_only=True)
class Halt:
    """It cannot go on by itself."""

    reason: str


@frozen
class Finish:
    """Nothing is left to do."""


Step: TypeAlias = (
    SendSpread
    | SendLeg
    | Reprice
    | Withdraw
    | PlaceExits
    | ResizeExit
    | CancelExit
    | Tell
    | Halt
    | Finish
)
