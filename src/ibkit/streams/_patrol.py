"""Looks after lines that are silent.

Silence in a closed market is not stale, nor is that of a market which has opened just now. Whether
a market is open is asked of IB, and only about lines that are silent.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from attrs import define, field

from ._events import Stale
from ._hours import TradingHours
from ._kinds import Kind, Spec
from ._line import Line, Seen
from ._recovery import WATCH_SECONDS, Phase, Signal

CLOSED_SECONDS = 60.0
"""How long to leave a line alone whose market is closed."""

_EXPECTANT = frozenset({Phase.OPENING, Phase.RETURNING})
_LOOKED_AT = frozenset({Phase.OPENING, Phase.LIVE, Phase.PASSING, Phase.DOUBTFUL})


@define(eq=False)
class Patrol:
    """When to look at which line."""

    lines: Mapping[Spec, Line]
    hours: TradingHours
    stale_after: float | None
    _watches: dict[Line, Seen] = field(factory=dict, init=False)
    _round: float | None = field(default=None, init=False)

    def watch(self, line: Line, now: float) -> None:
        """Look at *line* in a few seconds: it should have delivered by then."""
        self._watches[line] = Seen(line.feed.arrived, now + WATCH_SECONDS)

    def deadline(self, now: float) -> float | None:
        """When to call `due` next."""
        if self.stale_after is not None and self._round is None and self.lines:
            self._round = now + self.stale_after / 2
        times = [seen.at for seen in self._watches.values()]
        return min([*times, *([] if self._round is None else [self._round])], default=None)

    def due(self, now: float) -> None:
        """Look at the lines whose time has come."""
        for line, seen in list(self._watches.items()):
            if seen.at <= now:
                del self._watches[line]
                if _is_silent(line, seen):
                    told = functools.partial(self._silent, line, seen, now)
                    self.hours.ask(line.plan.contract, told, lasting=WATCH_SECONDS)
        if self._round is not None and self._round <= now:
            self._round = None
            self._walk(now)

    def _silent(self, line: Line, seen: Seen, now: float, is_open: bool | None) -> None:  # noqa: FBT001 - an answer
        if not _is_silent(line, seen):
            return
        if is_open is False:
            self._watches[line] = Seen(seen.arrived, now + CLOSED_SECONDS)
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
