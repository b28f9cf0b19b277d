"""When markets were open: asked of IB, and remembered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from typing import final

from attrs import define, field
from ib_async import Contract

from ibkit._ib._history_asking import Asking, question_of
from ibkit._ib._questions import contract_key
from ibkit._ib._requests import Requests
from ibkit.errors import GatewayError, PacingViolation, RequestTimeout

from ._sessions import Session, in_life, merged, read_schedule
from ._stores import Span

_MOST_DAYS = 365
_MOST_KEPT = 64
Sessions = tuple[Session, ...] | None
"""None if IB does not say, or names an unknown zone."""


@final
@define(eq=False)
class OpenHours:
    """Asks once for a span, and for a longer one again."""

    requests: Requests
    asking: Asking
    _known: dict[Hashable, tuple[Span, Sessions]] = field(factory=dict, init=False)

    async def of(self, contract: Contract, span: Span, *, use_rth: bool) -> Sessions:
        """When the market of *contract* was open in a span."""
        key = (contract_key(contract), use_rth)
        known, sessions = self._known.get(key, (None, None))
        if known is not None and known.start <= span.start and span.end <= known.end:
            return sessions
        now = self.requests.health.clock()
        sessions = await sessions_of(
            self.requests, self.asking, contract, span, use_rth=use_rth, now=now
        )
        if len(self._known) >= _MOST_KEPT:
            del self._known[next(iter(self._known))]
        self._known[key] = (span, sessions)
        return sessions


async def sessions_of(
    requests: Requests,
    asking: Asking,
    contract: Contract,
    span: Span,
    *,
    use_rth: bool,
    now: dt.datetime,
) -> Sessions:
    """When a market was open, in as few requests as can be."""
    answers = []
    end = min(span.end + dt.timedelta(days=1), now)
    while end > span.start:
        days = min((end - span.start).days + 2, _MOST_DAYS)

        async def send(days: int = days, end: dt.datetime = end) -> Sessions:
            try:
                answer = await requests.historical_schedule_async(
                    contract, days, end=end, rth=use_rth
                )
            except PacingViolation:
                raise
            except (GatewayError, RequestTimeout):
                return None  # not for this contract; that is no reason to give up its bars
            return read_schedule(answer)

        question = question_of(contract, "SCHEDULE", (days, end), is_paced=False)
        found = await asking.ask(question, send, _ignore)
        if not found or found[0].start >= end:
            break
        answers.append(found)
        if days < _MOST_DAYS:
            break  # that reached back to the start, in trading days or in others
        end = found[0].start
    listed = in_life(merged(answers), contract.lastTradeDateOrContractMonth)
    return listed or None


def _ignore(_seconds: float) -> None:
    """Schedules are not paced."""
