"""Who holds what of the user's rights. Lines are shared by all clients of the user (3.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibkit.sim._market import Instrument
    from ibkit.sim._scenario import Limits
    from ibkit.sim._session._floor import Floor
    from ibkit.sim._session._session import Session

LINE_KINDS = ("quotes", "bars_5s")
"""What takes one of the market-data lines."""


RIGHTS: dict[str, tuple[tuple[str, ...], Callable[[Limits], int], int]] = {
    "quotes": (LINE_KINDS, lambda limits: limits.lines, 101),
    "bars_5s": (LINE_KINDS, lambda limits: limits.lines, 101),
    "tick_by_tick": (("tick_by_tick",), lambda limits: limits.tick_by_tick, 10190),
    "depth": (("depth",), lambda limits: limits.depth, 309),
    "live_bars": (("live_bars", "bars_5s"), lambda limits: limits.real_time_requests, 456),
    "summary": (("summary",), lambda limits: limits.account_summaries, 322),
}
"""Kind -> what counts, the limit, and the error above it."""


def admit(session: Session, kind: str, req_id: int, instrument: Instrument | None = None) -> bool:
    """Whether one more of a kind is allowed; if not, the client has been told."""
    kinds, limit_of, code = RIGHTS[kind]
    limit = limit_of(session.floor.scenario.limits)
    if (kind, req_id) in session.running:
        session.refuse(req_id, 322, "bX", "Duplicate ticker id")
        return False
    if _taken(session.floor, kinds, instrument) < limit:
        return True
    if kind == "summary":
        session.refuse(req_id, code, "bX", "Maximum number of account summary requests exceeded")
    else:
        session.refuse(req_id, code, limit)
    return False


def _taken(floor: Floor, kinds: tuple[str, ...], instrument: Instrument | None) -> int:
    """How much of a right is in use, apart from what *instrument* itself uses where that is free.

    One book that several clients look at counts once (3.1); of lines it is a switch.
    """
    count = sum(floor.held[kind] for kind in kinds)
    is_shared = "depth" in kinds or (
        "quotes" in kinds and not floor.scenario.limits.duplicate_lines
    )
    if instrument is None or not is_shared:
        return count
    distinct = {
        about.con_id
        for session in floor.sessions
        for (kind, _), about in session.about.items()
        if kind in kinds and about is not None
    }
    return len(distinct - {instrument.con_id})
