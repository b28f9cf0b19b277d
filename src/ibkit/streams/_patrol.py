"""Looks after lines that are silent.

Silence in a closed market is not stale, nor is that of a market which has opened just now. Whether
a market is open is asked of IB, and only about lines that are silent.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping

from attrs import define, field

from ._events import Stale
from ._hours import TradingHours
from ._kinds import Kind, Spec
from ._line import Line, Seen
from ._recovery import WATCH_SECONDS, Phase, Signal

CLOSED_SECONDS = 60.0
"""How long to leave a line alone whose market is closed."""

_EXPECTANT = frozenset({Phase.OPENING, Phase.TENTATIVE, Phase.RETURNING})
_LOOKED_AT = frozenset({Phase.OPENING, Phase.TENTATIVE, Phase.LIVE, Phase.PASSING, Phase.DOUBTFUL})


@define(eq=False)
class Patrol:
    """When to look at which line."""

    lines: Mapping[Spec, Line]
    hours: TradingHours
    stale_after: float | None
    _watches: dict[Line, Seen] = field(factory=dict, init=False)
    _first: float = field(default=math.inf, init=False)
    """No watch is due before this."""
    _round: float | None = field(default=None, init=False)

    def watch(self, line: Line, now: float, seconds: float = WATCH_SECONDS) -> None:
        """Look at *line* after so many seconds: it should have delivered by then."""
        self._expect(line, Seen(line.feed.arrived, now + seconds))

    def forget(self, line: Line) -> None:
        """Look at *line* no more."""
        self._watches.pop(line, None)

    def deadline(self, now: float) -> float | None:
        """When to call `due` next."""
        if self.stale_after is not None and self._round is None and self.lines:
            self._round = now + self.stale_after / 2
        first = min(self._first, math.inf if self._round is None else self._round)
        return None if first == math.inf else first

    def due(self, now: float) -> None:
        """Look at the lines whose time has come."""
        if self._first <= now:
            self._look(now)
        if self._round is not None and self._round <= now:
            self._round = None
            self._walk(now)

    def _expect(self, line: Line, seen: Seen) -> None:
        self._watches[line] = seen
        self._first = min(self._first, seen.at)

    def _look(self, now: float) -> None:
        over = [(line, seen) for line, seen in self._watches.items() if seen.at <= now]
        for line, _ in over:
            del self._watches[line]
        self._first = min((seen.at for seen in self._watches.values()), default=math.inf)
        for line, seen in over:
            if _is_silent(line, seen):
                told = functools.partial(self._silent, line, seen, now)
                self.hours.ask(line.plan.contract, told, lasting=WATCH_SECONDS)

    def _silent(self, line: Line, seen: Seen, now: float, is_open: bool | None) -> None:  # noqa: FBT001 - an answer
        if not _is_silent(line, seen):
            return
        if is_open is False:
            self._expect(line, Seen(seen.arrived, now + CLOSED_SECONDS))
        else:
            line.signal(Signal.SILENT)

    def _walk(self, now: float) -> None:
        assert self.stale_after is not None
        for line in list(self.lines.values()):
            if line.phase not in _LOOKED_AT or line.plan.spec.kind is Kind.SNAPSHOT:
                line.seen = None
            elif line.seen is None or line.seen.arrived != line.feed.arrived:
                line.seen = Seen(line.feed.arrived, now)
            elif not line.seen.is_told and now - line.seen.at >= self.stale_after:
                line.seen.is_told = True
                told = functools.partial(self._stale, line, line.seen, now)
                self.hours.ask(line.plan.contract, told, lasting=self.stale_after)

    def _stale(self, line: Line, seen: Seen, now: float, is_open: bool | None) -> None:  # noqa: FBT001 - an answer
        if line.seen is not seen or line.feed.arrived != seen.arrived:
            return
        since = seen.arrived or line.requested_time
        if is_open is False:
            line.seen = Seen(seen.arrived, now)
        elif since is not None:
            line.tell(Stale(since))


def _is_silent(line: Line, seen: Seen) -> bool:
    """Whether a line has not delivered since it was seen."""
    silent_since = line.phase is Phase.LIVE and line.feed.arrived == seen.arrived
    return silent_since or line.phase in _EXPECTANT
