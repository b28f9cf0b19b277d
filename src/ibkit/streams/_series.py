"""The series of one live-bars subscription.

IB repeats the unfinished bar every five seconds or so; a bar is finished when a later one
appears. ib_async drops every update when its first answer was empty, and forgets the series with
the connection (ib-async-traps B27).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ._values import Bar


class BarSeries:
    """Bars in order of time, each time once, at most *keep* of them; the last may be unfinished."""

    __slots__ = ("bars",)

    def __init__(self, keep: int) -> None:
        self.bars: deque[Bar] = deque(maxlen=keep)

    @property
    def last(self) -> Bar | None:
        return self.bars[-1] if self.bars else None

    def keep(self, count: int) -> None:
        """Keep at least *count* bars from now on."""
        if count > (self.bars.maxlen or 0):
            self.bars = deque(self.bars, maxlen=count)

    def update(self, bar: Bar) -> list[Bar]:
        """Take a bar that may still change; give what became final by it, oldest first."""
        last = self.last
        if last is None or bar.time > last.time:
            finished = self._finish_last()
            self.bars.append(bar._replace(finished=False))
            return finished
        if bar.time == last.time and not last.finished:
            backfilled = bar.backfilled or last.backfilled
            self.bars[-1] = bar._replace(finished=False, backfilled=backfilled)
        return []

    def fill(self, bars: Iterable[Bar]) -> list[Bar]:
        """Take the answer to a (new) request; give what was missing, as final bars.

        The bars of the first answer are the past that was asked for: they are in the series but
        are not news.
        """
        is_first = self.last is None
        *past, running = sorted(bars, key=lambda bar: bar.time) or (None,)
        news: list[Bar] = []
        for bar in past:
            news += self.update(bar._replace(backfilled=not is_first))
        if running is not None:
            news += self.update(running)
        return [] if is_first else news

    def _finish_last(self) -> list[Bar]:
        last = self.last
        if last is None or last.finished:
            return []
        self.bars[-1] = last._replace(finished=True)
        return [self.bars[-1]]
