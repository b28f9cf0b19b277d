"""How often IB accepts a new request of some kinds.

Live bars are historical requests: the pacer that counts downloads counts them, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

from attrs import define, field

from ibkit._ib._bar_sizes import BAR_SECONDS
from ibkit._ib._history_pacer import HistoryPacer, Question, series_of

from ._kinds import Kind, Spec
from ._limits import StreamLimits

TEN_MINUTES = 600.0


@define(eq=False)
class Rates:
    """The times of recent requests, and from when on the next one is allowed."""

    limits: StreamLimits
    history: HistoryPacer = field(factory=HistoryPacer)
    _times: dict[Hashable, deque[float]] = field(factory=dict, init=False)

    def ready_at(self, spec: Spec, now: float) -> float:
        """Give the earliest time at which *spec* may be requested; what is past is at once."""
        if spec.kind is Kind.BARS:
            return self.history.next_time(self._question(spec), now)
        key, count, seconds = self._rule(spec)
        times = self._times.get(key)
        if key is None or times is None or len(times) < count:
            return 0.0
        return times[-count] + seconds

    def requested(self, spec: Spec, now: float) -> None:
        """Note that *spec* is requested at *now*."""
        if spec.kind is Kind.BARS:
            self.history.sent(self._question(spec), now)
            return
        key, count, seconds = self._rule(spec)
        if key is None:
            return
        times = self._times.pop(key, None) or deque(maxlen=count)
        times.append(now)
        self._times[key] = times  # last, so that the dict is ordered by last use
        self._prune(now, seconds)

    def sent(self, spec: Spec, now: float) -> None:
        """Note that what was requested last has left only at *now*."""
        key, _, _ = self._rule(spec)
        if key in self._times:
            self._times[key][-1] = max(self._times[key][-1], now)

    def _question(self, spec: Spec) -> Question:
        size, _, what = map(str, spec.parameters[:3])
        is_paced = BAR_SECONDS[size] <= self.history.pacing.largest_paced
        series = series_of(spec.con_id, spec.exchange, what)
        return Question(("live", spec), series, 1, is_paced)

    def _rule(self, spec: Spec) -> tuple[Hashable | None, int, float]:
        if spec.kind is Kind.TICKS:
            return (spec.kind, spec.con_id), 1, self.limits.tick_by_tick_interval
        if spec.kind is Kind.BARS_5S:
            return spec.kind, self.limits.bars_5s_per_10_minutes, TEN_MINUTES
        return None, 0, 0.0

    def _prune(self, now: float, seconds: float) -> None:
        longest = max(TEN_MINUTES, seconds)
        while now - self._times[oldest := next(iter(self._times))][-1] >= longest:
            del self._times[oldest]  # ends at the one that was just requested
