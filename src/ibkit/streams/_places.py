"""How many places are taken, how many there are, and when the next request may be made."""

from __future__ import annotations

import math

from attrs import define, field

from ibkit._ib._history_pacer import HistoryPacer

from ._kinds import Spec
from ._limits import POOLS, Caps, Pool, StreamLimits
from ._queue import Alarms, Entry
from ._rates import Rates


@define(eq=False)
class Places:
    """The pools as they stand. Whatever must wait for the time sets an alarm."""

    limits: StreamLimits
    history: HistoryPacer = field(factory=HistoryPacer)
    """Counts historical requests of all sorts."""
    alarms: Alarms = field(factory=Alarms, init=False)
    used: dict[Pool, int] = field(init=False)
    _caps: Caps = field(init=False)
    _rates: Rates = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._caps = Caps(self.limits)
        self._rates = Rates(self.limits, self.history)
        self.used = dict.fromkeys(Pool, 0)

    def cap(self, pool: Pool, now: float) -> int | None:
        """Give the cap in force; of live bars what downloads leave of it."""
        cap = self._caps.cap(pool, now)
        if pool is Pool.HISTORY:
            return min(self.history.most_live, self.history.most_live if cap is None else cap)
        return cap

    def free(self, pool: Pool, now: float) -> float:
        """Give how many places are free; less than none if the cap was lowered."""
        cap = self.cap(pool, now)
        return math.inf if cap is None else cap - self.used[pool]

    def is_ready(self, entry: Entry, now: float) -> bool:
        """Say whether the time has come for a request."""
        at = max(entry.not_before, self._rates.ready_at(entry.spec, now))
        if at > now:
            self.alarms.add(at)
        return at <= now

    def held_long_enough(self, opened_at: float, now: float) -> bool:
        """Say whether a request may be cancelled."""
        at = opened_at + self.limits.minimum_hold
        if at > now:
            self.alarms.add(at)
        return at <= now

    def take(self, spec: Spec, now: float) -> None:
        """Take a place in each pool of *spec*, for a request that is made now."""
        self._count(spec, 1)
        self._rates.requested(spec, now)

    def give_back(self, spec: Spec) -> None:
        """Give them back."""
        self._count(spec, -1)

    def sent(self, spec: Spec, now: float) -> None:
        """Note when the request has really left."""
        self._rates.sent(spec, now)

    def learn(self, pool: Pool, now: float) -> None:
        """Note that IB has no more of *pool* than are taken."""
        self._caps.learn(pool, self.used[pool], now)

    def alarm_growth(self, pools: list[Pool], now: float) -> None:
        """Set an alarm for when a learned cap is tried again."""
        for pool in pools:
            growth = self._caps.next_growth(pool, now)
            if growth is not None:
                self.alarms.add(growth)

    def forget(self) -> None:
        """Start over with a new connection. The rates stay: IB counts on."""
        self.history.live -= self.used[Pool.HISTORY]
        self.used = dict.fromkeys(Pool, 0)
        self._caps.forget()

    def _count(self, spec: Spec, change: int) -> None:
        for pool in POOLS[spec.kind]:
            self.used[pool] += change
            if pool is Pool.HISTORY:
                self.history.live += change
