"""The life of a group: one table from what is known to its status, one of the ways between them.

A status depends on the facts of the moment alone, never on the status before: fills only grow,
but all else may arrive late, twice or out of order, and an order that looked dead may come back
(`Inactive` that revives, a fill that overtakes a cancellation).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from ibkit.orders._facts import GroupFacts, LegStatus
from ibkit.orders._picture import Picture, study


class GroupStatus(Enum):
    """Where a group is."""

    PLANNED = "nothing was sent"
    HELD = "at IB, but held: not transmitted, or shares are being located"
    WORKING = "the entry works, nothing is open"
    ENTERED = "open; exits are on their way, or none is planned"
    PROTECTED = "every open unit has a working stop"
    UNPROTECTED = "something is open without a working exit"
    CLOSING = "on the way out, or cleaning up"
    CLOSED = "traded, and nothing is left at the broker"
    CANCELLED = "ended without a fill"
    REJECTED = "refused without a fill"
    UNKNOWN = "nobody knows before the broker was asked"


class StatusRule(NamedTuple):
    """One row: when it holds, that is the status. The first row that holds counts."""

    status: GroupStatus
    when: str
    holds: Callable[[Picture], bool]


def _all_live_held(picture: Picture) -> bool:
    return all(leg.status is LegStatus.HELD for leg in picture.live)


def _in_the_dark(picture: Picture) -> bool:
    return picture.has(LegStatus.UNKNOWN) or (not picture.facts.connected and bool(picture.live))


STATUS_RULES: tuple[StatusRule, ...] = (
    StatusRule(
        GroupStatus.PLANNED,
        "no order was sent",
        lambda p: all(leg.status is LegStatus.PLANNED for leg in p.facts.legs),
    ),
    StatusRule(
        GroupStatus.UNKNOWN,
        "an order's fate is unknown, or orders live behind a lost connection",
        _in_the_dark,
    ),
    StatusRule(GroupStatus.UNPROTECTED, "the position has flipped", lambda p: p.flipped),
    StatusRule(
        GroupStatus.CLOSING,
        "the user wants to be out, and something is open or live",
        lambda p: (
            p.facts.closing
            and (bool(p.live) or (p.open > 0 and p.has_exits and not p.cannot_close))
        ),
    ),
    StatusRule(
        GroupStatus.PROTECTED,
        "something is open, and stops that work cover all of it",
        lambda p: p.open > 0 and p.has_exits and p.has_stops and p.covered >= p.open,
    ),
    StatusRule(
        GroupStatus.ENTERED,
        "something is open, and exits without a stop cover all of it, as planned",
        lambda p: p.open > 0 and p.has_exits and p.covered >= p.open,
    ),
    StatusRule(
        GroupStatus.ENTERED,
        "something is open, and an answer that is awaited may cover the rest",
        lambda p: p.open > 0 and p.has_exits and p.covered + p.coming >= p.open,
    ),
    StatusRule(
        GroupStatus.UNPROTECTED,
        "something is open that no exit covers",
        lambda p: p.open > 0 and p.has_exits,
    ),
    StatusRule(
        GroupStatus.ENTERED,
        "part of an entry without exits is filled, the rest works",
        lambda p: p.open > 0 and p.entry_live,
    ),
    StatusRule(
        GroupStatus.HELD,
        "nothing is open, and all that lives is held",
        lambda p: bool(p.live) and _all_live_held(p),
    ),
    StatusRule(
        GroupStatus.CLOSING,
        "traded, the entry is done, and exits are left over",
        lambda p: bool(p.live) and bool(p.entries) and p.filled and not p.entry_live,
    ),
    StatusRule(GroupStatus.WORKING, "nothing is open, orders live", lambda p: bool(p.live)),
    StatusRule(GroupStatus.CLOSED, "nothing lives, something was filled", lambda p: p.filled),
    StatusRule(
        GroupStatus.REJECTED,
        "nothing lives, nothing was filled, an order was refused",
        lambda p: p.has(LegStatus.REJECTED),
    ),
    StatusRule(GroupStatus.CANCELLED, "nothing lives, nothing was filled", lambda _: True),
)
"""From facts to the status of a group; the first row that holds counts."""


def status_of(facts: GroupFacts) -> GroupStatus:
    """Return the status that the facts stand for.

    >>> from decimal import Decimal
    >>> from ibkit.orders._facts import LegFacts
    >>> entry = LegFacts(role="entry", kind="entry", size=Decimal(1), status=LegStatus.FILLED,
    ...                  filled=Decimal(1))
    >>> stop = LegFacts(role="stop-1", kind="stop", number=1, size=Decimal(1),
    ...                 status=LegStatus.REJECTED)
    >>> status_of(GroupFacts(form="separate", legs=(entry, stop)))
    <GroupStatus.UNPROTECTED: 'something is open without a working exit'>
    """
    return status_in(study(facts))


def status_in(picture: Picture) -> GroupStatus:
    """Return the status of facts that were added up already."""
    return next(rule.status for rule in STATUS_RULES if rule.holds(picture))


_S = GroupStatus
_OPEN = {
    _S.ENTERED: "a fill, and exits on their way",
    _S.PROTECTED: "a fill, and its stop works",
    _S.UNPROTECTED: "a fill, and no exit works",
    _S.CLOSING: "the user wants to be out, or exits are left over",
    _S.CLOSED: "all filled and closed",
    _S.UNKNOWN: "the connection is lost",
}
_QUIET = {
    _S.HELD: "all that lives is held",
    _S.WORKING: "accepted",
    _S.CANCELLED: "cancelled or expired",
    _S.REJECTED: "refused",
}

TRANSITIONS: dict[GroupStatus, dict[GroupStatus, str]] = {
    # A market order may fill before anything acknowledges it.
    _S.PLANNED: {**_QUIET, **_OPEN},
    _S.HELD: {**_QUIET, **_OPEN},
    _S.WORKING: {**_QUIET, **_OPEN},
    # Some orders of a group end before others are sent, Inactive orders revive, fills overtake
    # cancellations: all ends but a traded one are provisional.
    _S.CANCELLED: {**_QUIET, **_OPEN},
    _S.REJECTED: {**_QUIET, **_OPEN},
    _S.UNKNOWN: {**_QUIET, **_OPEN},
    _S.CLOSING: {**_QUIET, **_OPEN},
    # Fills never fall, so nothing leads from here to an end without a fill. The entry's rest may
    # work on when the first part is out again.
    _S.ENTERED: {**_OPEN, _S.WORKING: "out again, the entry works on", _S.HELD: "the same, held"},
    _S.PROTECTED: {**_OPEN, _S.WORKING: "out again, the entry works on", _S.HELD: "the same, held"},
    _S.UNPROTECTED: {**_OPEN, _S.WORKING: "out again, the entry works on", _S.HELD: "the same"},
    _S.CLOSED: {**_OPEN, _S.WORKING: "an order came back", _S.HELD: "an order came back, held"},
}
"""Every way from one status to another, and what it means. Any other is an error of ours."""


def draw_lifecycle() -> str:
    """Write both tables as Markdown, for the documentation."""
    rules = "\n".join(f"| {rule.status.name} | {rule.when} |" for rule in STATUS_RULES)
    rows = "\n".join(
        f"| {before.name} | {after.name} | {why} |"
        for before, ways in TRANSITIONS.items()
        for after, why in ways.items()
        if after is not before
    )
    return (
        f"| status | when (the first row that holds) |\n|---|---|\n{rules}\n\n"
        f"| from | to | means |\n|---|---|---|\n{rows}\n"
    )
