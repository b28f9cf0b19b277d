"""When a group is looked at again although nothing happened: IB's own part, answers, expiry."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from ibkit._ib import _compat as compat
from ibkit.orders._book import book_of
from ibkit.orders._facts import GroupFacts, LegFacts, LegStatus
from ibkit.orders._lifecycle import GroupStatus
from ibkit.orders._live_group import GroupTrade
from ibkit.orders._observe import is_waiting
from ibkit.state import LiveState

SETTLE = 1.0
"""Seconds without a fill or an end after which IB is taken to have done its own part."""

LONGEST_SETTLE = 5.0
"""The same while fills go on without a pause."""

ANSWER = 4.0
"""Seconds after which an answer is overdue and TWS is asked; they double while nothing comes."""

LONGEST_ANSWER = 64.0


@final
class Alarms:
    """The timers of the groups of a desk; each group has one of a name."""

    def __init__(self, state: LiveState, look_again: Callable[[GroupTrade], None]) -> None:
        self._state, self._look_again = state, look_again

    def stir(self, trade: GroupTrade) -> None:
        """Something was filled or ended: give IB the time to do its own part."""
        book, now = book_of(trade), _loop_time()
        if "settle" not in book.timers:
            book.stirred_at = now
        delay = min(SETTLE, book.stirred_at + LONGEST_SETTLE - now)
        self._ring(trade, "settle", delay)

    def later(self, trade: GroupTrade, delay: float) -> None:
        """Look at a group once more after so many seconds."""
        self._ring(trade, "later", delay)

    def watch_answers(self, trade: GroupTrade) -> None:
        """Ask TWS where it owes an answer for too long."""
        book, now = book_of(trade), _loop_time()
        bare = trade.status is GroupStatus.UNPROTECTED
        for track, leg in zip(book.tracks.values(), book.facts.legs, strict=False):
            if not (is_waiting(leg) or _is_late(leg, bare=bare)):
                track.waits_since, track.patience = None, 0.0
            elif track.waits_since is None:
                track.waits_since, track.patience = now, track.patience or ANSWER
        due = [t.waits_since + t.patience for t in book.tracks.values() if t.waits_since]
        if not due:
            book.stop_timer("answer")
        elif "answer" not in book.timers:
            self._ring(trade, "answer", min(due) - now, self._overdue)

    def _overdue(self, trade: GroupTrade) -> None:
        """An answer did not come in time: ask, unless the connection is gone anyway."""
        now = _loop_time()
        for track in book_of(trade).tracks.values():
            if track.waits_since and now >= track.waits_since + track.patience:
                track.waits_since = None
                track.patience = min(2 * track.patience, LONGEST_ANSWER)
                if self._state.link.is_up and track.latest is not None:
                    self._state.doubt(track.latest)
        self._look_again(trade)

    def watch_expiry(self, trade: GroupTrade) -> None:
        """Look at a group when an order of it is about to expire, and when it does."""
        book = book_of(trade)
        now = self._state.link.requests.health.clock()
        moments = [
            moment
            for leg in book.facts.legs
            if leg.live and leg.ends is not None
            for moment in (leg.ends - book.facts.warn_before, leg.ends)
            if moment > now
        ]
        if moments and "expiry" not in book.timers:
            self._ring(trade, "expiry", (min(moments) - now).total_seconds() + 0.001)

    def _ring(
        self,
        trade: GroupTrade,
        name: str,
        delay: float,
        then: Callable[[GroupTrade], None] | None = None,
    ) -> None:
        timers = book_of(trade).timers

        def ring() -> None:
            timers.pop(name, None)
            (then or self._look_again)(trade)

        book_of(trade).stop_timer(name)
        timers[name] = compat.blocking_loop().call_later(max(delay, 0), ring)


def stirred(before: GroupFacts, after: GroupFacts) -> bool:
    """Whether something was filled, resized or ended in between."""
    was = {leg.role: (leg.filled, leg.live, leg.remaining) for leg in before.legs}
    return any(
        was.get(leg.role) != (leg.filled, leg.live, leg.remaining)
        for leg in after.legs
        if leg.status is not LegStatus.PLANNED
    )


def _is_late(leg: LegFacts, *, bare: bool) -> bool:
    """Whether IB should have started an exit: its entry has filled, and it still waits for it."""
    return bare and leg.status is LegStatus.WORKING and not leg.active


def _loop_time() -> float:
    return compat.blocking_loop().time()
