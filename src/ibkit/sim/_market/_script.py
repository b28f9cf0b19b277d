"""Tapes that somebody else writes, and the joining of tapes in time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar, final

from ibkit.sim._market._path import moment_of
from ibkit.sim._market._tape import Piece, Tape, What, joined, piece_of
from ibkit.sim._market._ticks import MarketTick, Quote, Trade

T = TypeVar("T")
_MOST = 200_000
"""Scripted ticks that are remembered per script; the oldest half goes when it is full."""


@final
class ScriptTape:
    """Ticks as they were given, in order of time."""

    def __init__(self, ticks: Iterable[MarketTick] = ()) -> None:
        self._ticks = list(ticks)
        self._times = [moment_of(tick.time) for tick in self._ticks]

    def add(self, tick: MarketTick) -> None:
        """Let *tick* happen, not before the last one."""
        if len(self._ticks) >= _MOST:
            del self._ticks[: _MOST // 2], self._times[: _MOST // 2]
        self._ticks.append(tick)
        self._times.append(moment_of(tick.time))

    def ticks(self, start: int, end: int) -> list[MarketTick]:
        """Return what happens in ``start <= time < end``, in order."""
        return self._ticks[bisect_left(self._times, start) : bisect_left(self._times, end)]

    def _back(self, time: int) -> Iterator[MarketTick]:
        for place in range(bisect_right(self._times, time) - 1, -1, -1):
            yield self._ticks[place]

    def quote_at(self, time: int) -> Quote | None:
        """Return the last quote up to *time*."""
        return next((tick for tick in self._back(time) if isinstance(tick, Quote)), None)

    def last_at(self, time: int) -> Trade | None:
        """Return the last trade up to *time*."""
        return next((tick for tick in self._back(time) if isinstance(tick, Trade)), None)

    def piece(self, what: What, start: int, end: int) -> Piece | None:
        """Return the aggregate of ``start <= time < end``; ``None`` if nothing happened."""
        return piece_of(what, self.ticks(start, end))

    def next_after(self, time: int) -> int | None:
        """Return the time of the next tick after *time*; ``None`` if there will be none."""
        place = bisect_right(self._times, time)
        return self._times[place] if place < len(self._times) else None

    def window(self, start: int, end: int) -> tuple[list[MarketTick], int]:
        """Return `ticks`, and *end*: the script may go on at any moment."""
        return self.ticks(start, end), end


class _Reel(NamedTuple):
    start: int
    end: int
    tape: Tape


@final
class Spliced:
    """One tape until a moment, another from there on, and so forth."""

    def __init__(self, first: Tape) -> None:
        self._starts = [0]
        self._tapes: list[Tape] = [first]

    @property
    def current(self) -> Tape:
        """The tape that was put in last."""
        return self._tapes[-1]

    @property
    def scripted_from(self) -> int:
        """When the first tape after the walk begins."""
        return self._starts[min(1, len(self._starts) - 1)]

    def put(self, start: int, tape: Tape) -> None:
        """Go on with *tape* from *start* on. Tapes that would have begun later are dropped."""
        while self._starts[-1] >= start and len(self._starts) > 1:
            self._starts.pop()
            self._tapes.pop()
        self._starts.append(start)
        self._tapes.append(tape)

    def _reels(self, start: int, end: int) -> Iterator[_Reel]:
        for place, (begins, tape) in enumerate(zip(self._starts, self._tapes, strict=True)):
            last = place + 1 == len(self._starts)
            stops = end if last else min(end, self._starts[place + 1])
            if max(begins, start) < stops:
                yield _Reel(max(begins, start), stops, tape)

    def ticks(self, start: int, end: int) -> list[MarketTick]:
        """Return what happens in ``start <= time < end``, in order."""
        return [tick for reel in self._reels(start, end) for tick in reel.tape.ticks(*reel[:2])]

    def _latest(self, time: int, read: Callable[[Tape, int], T | None]) -> T | None:
        for place in range(bisect_right(self._starts, time) - 1, -1, -1):
            if (found := read(self._tapes[place], time)) is not None:
                return found
            time = min(time, self._starts[place] - 1)
        return None

    def quote_at(self, time: int) -> Quote | None:
        """Return the last quote up to *time*."""
        return self._latest(time, lambda tape, until: tape.quote_at(until))

    def last_at(self, time: int) -> Trade | None:
        """Return the last trade up to *time*."""
        return self._latest(time, lambda tape, until: tape.last_at(until))

    def piece(self, what: What, start: int, end: int) -> Piece | None:
        """Return the aggregate of ``start <= time < end``; ``None`` if nothing happened."""
        return joined(reel.tape.piece(what, *reel[:2]) for reel in self._reels(start, end))

    def next_after(self, time: int) -> int | None:
        """Return the time of the next tick after *time*; ``None`` if there will be none."""
        for place, tape in enumerate(self._tapes):
            stops = self._starts[place + 1] if place + 1 < len(self._starts) else None
            if stops is not None and stops <= time + 1:
                continue
            found = tape.next_after(max(time, self._starts[place] - 1))
            if found is not None and (stops is None or found < stops):
                return found
        return None

    def window(self, start: int, end: int) -> tuple[list[MarketTick], int]:
        """Return `ticks`, and *end*: another tape may be put in at any moment."""
        return self.ticks(start, end), end
