"""What IB allows at a time, and what each kind of stream uses of it.

Sources: gateway-behaviour 3.1. The true caps depend on the account, on TWS's own windows and on
other clients, so a cap is also learned from the error that IB answers with when it is reached.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from typing import Any

from attrs import Attribute, define, field, frozen, validators

from ibkit._ib._arguments import is_whole
from ibkit.errors import PlanError

from ._kinds import Kind


class Pool(enum.Enum):
    """A stock of subscriptions that IB limits."""

    LINES = "market data lines"
    TICK_BY_TICK = "tick-by-tick subscriptions"
    DEPTH = "market depth subscriptions"
    REAL_TIME = "real-time bar subscriptions"
    HISTORY = "open historical requests"


POOLS: Mapping[Kind, tuple[Pool, ...]] = {
    Kind.QUOTES: (Pool.LINES,),
    Kind.SNAPSHOT: (Pool.LINES,),  # occupies a line while it is open (gateway-behaviour 3.1, I)
    Kind.TICKS: (Pool.TICK_BY_TICK,),
    Kind.DEPTH: (Pool.DEPTH,),
    Kind.BARS_5S: (Pool.LINES, Pool.REAL_TIME),
    Kind.BARS: (Pool.HISTORY, Pool.REAL_TIME),  # ib_insync#293: the 50 include live updates
}

LIMIT_CODES: Mapping[int, Pool] = {
    101: Pool.LINES,
    309: Pool.DEPTH,
    10190: Pool.TICK_BY_TICK,
    456: Pool.REAL_TIME,
}

GROWTH_SECONDS = 60.0
"""A learned cap grows by one after each minute, because what filled it may have been closed."""


def _not_negative(_owner: object, attribute: Attribute[Any], value: object) -> None:
    if not (isinstance(value, (int, float)) and value >= 0):
        raise PlanError(attribute.name, value, "a limit is 0 or more")


@frozen(kw_only=True)
class StreamLimits:
    """How many subscriptions of each sort may be open at a time.

    The defaults are what every IB user has. *lines* rises with commissions and equity (max(100,
    monthly commissions / 8, equity x 100 / 1,000,000), 100 more per quote booster), *depth* is 1
    per 100 lines and at least 3, *tick_by_tick* 5 per 100 lines. All are shared with the windows
    of TWS and with other clients of the user: leave room for those.

    Raises:
        PlanError: A limit is negative.

    >>> StreamLimits(lines=200).cap(Pool.LINES)
    200
    """

    lines: int = field(default=100, validator=is_whole(0))
    tick_by_tick: int = field(default=3, validator=is_whole(0))
    depth: int = field(default=3, validator=is_whole(0))
    history: int = field(default=50, validator=is_whole(0))
    """Live bars, and downloads beside them: IB counts both. Three are kept for downloads
    (`HistoryPacing.at_once`), so that 47 of 50 are left for live bars."""
    real_time: int | None = field(default=None, validator=validators.optional(is_whole(0)))
    """5-second bars and live bars together. IB does not say; ``None`` learns it from error 456."""
    minimum_hold: float = field(default=0.3, validator=_not_negative)
    """Seconds before a request is cancelled: TWS answers 300 or 354 to a cancel that is quicker
    (QuantConnect Lean, pull request 1134)."""
    tick_by_tick_interval: float = field(default=15.0, validator=_not_negative)
    """Seconds between two tick-by-tick requests for one instrument (TWS API documentation)."""
    bars_5s_per_10_minutes: int = field(default=60, validator=is_whole(1))
    """New requests for 5-second bars (TWS API documentation)."""

    def cap(self, pool: Pool) -> int | None:
        """Give the cap of *pool*, or ``None`` if there is none."""
        caps = {
            Pool.LINES: self.lines,
            Pool.TICK_BY_TICK: self.tick_by_tick,
            Pool.DEPTH: self.depth,
            Pool.REAL_TIME: self.real_time,
            Pool.HISTORY: self.history,
        }
        return caps[pool]


@define(eq=False)
class Caps:
    """The caps in force: as configured, or lower where IB has said so."""

    limits: StreamLimits
    _learned: dict[Pool, tuple[int, float]] = field(factory=dict, init=False)

    def cap(self, pool: Pool, now: float) -> int | None:
        """Give the cap of *pool* at *now*."""
        configured = self.limits.cap(pool)
        if pool not in self._learned:
            return configured
        low, since = self._learned[pool]
        grown = low + _steps(since, now)
        return grown if configured is None else min(grown, configured)

    def learn(self, pool: Pool, in_use: int, now: float) -> None:
        """Note that IB refused one more of *pool* while *in_use* were open."""
        self._learned[pool] = (in_use, now)

    def forget(self) -> None:
        """Start over, as after a new connection."""
        self._learned.clear()

    def next_growth(self, pool: Pool, now: float) -> float | None:
        """Give the time at which the cap of *pool* rises, if it will."""
        if pool not in self._learned or self.cap(pool, now) == self.limits.cap(pool):
            return None
        _, since = self._learned[pool]
        return since + GROWTH_SECONDS * (_steps(since, now) + 1)


def _steps(since: float, now: float) -> int:
    steps = max(0, math.floor((now - since) / GROWTH_SECONDS))
    # The quotient may round down just where the sum does not; the sum is what alarms are set by.
    return steps + (since + GROWTH_SECONDS * (steps + 1) <= now)
