"""Who holds what of the user's rights. Lines are shared by all clients of the user (3.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibkit.sim._scenario import Limits
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


def admit(session: Session, kind: str, req_id: int) -> bool:
    """Whether one more of a kind is allowed; if not, the client has been told."""
    kinds, limit_of, code = RIGHTS[kind]
    limit = limit_of(session.floor.scenario.limits)
    if (kind, req_id) in session.running:
        session.refuse(req_id, 322, "bX", "Duplicate ticker id")
        return False
    if sum(session.floor.held[kind] for kind in kinds) < limit:
        return True
    if kind == "summary":
        session.refuse(req_id, code, "bX", "Maximum number of account summary requests exceeded")
    else:
        session.refuse(req_id, code, limit)
    return False
