"""The states of an order: the gates it waits at, its statuses, and what may follow what.

An order passes the gates in this order. The first one that is shut decides its status and
``whyHeld`` (gateway-behaviour 1.3, 1.5).
"""

from __future__ import annotations

import enum


class Gate(enum.Enum):
    """What an order waits for."""

    HELD = "to be transmitted"
    FLIGHT = "its arrival at the exchange"
    LOCATE = "securities to be located"
    PARENT = "its parent to fill"
    TIME = "its time"
    CONDITION = "its conditions"
    SESSION = "trading hours"
    TRIGGER = "its trigger"
    AUCTION = "an auction"
    MARKET = "a counterpart"
    OVER = "nothing"


PRE_SUBMITTED = "PreSubmitted"
SUBMITTED = "Submitted"
PENDING_CANCEL = "PendingCancel"
CANCELLED = "Cancelled"
FILLED = "Filled"
INACTIVE = "Inactive"
HELD = "Held"
"""Not transmitted. Never shown to a client."""

NEXT = {
    HELD: frozenset({PRE_SUBMITTED, INACTIVE, CANCELLED}),
    PRE_SUBMITTED: frozenset({SUBMITTED, PENDING_CANCEL, CANCELLED, FILLED, INACTIVE}),
    # back to PreSubmitted: a modification, the close of a session, a part-filled child
    SUBMITTED: frozenset({PRE_SUBMITTED, PENDING_CANCEL, CANCELLED, FILLED, INACTIVE}),
    PENDING_CANCEL: frozenset({CANCELLED, FILLED}),
    # located, or corrected by a modification
    INACTIVE: frozenset({PRE_SUBMITTED, SUBMITTED, PENDING_CANCEL, CANCELLED}),
    CANCELLED: frozenset(),
    FILLED: frozenset(),
}
"""Which status may follow which. Each may follow itself."""

ENDED = frozenset({CANCELLED, FILLED})


class IllegalStatus(RuntimeError):
    """An order was about to take a step that its life does not know: a defect of the broker."""


def step(now: str, then: str) -> str:
    """Return *then*, which must be a legal status after *now*."""
    if then != now and then not in NEXT[now]:
        raise IllegalStatus(f"an order went from {now} to {then}")
    return then
