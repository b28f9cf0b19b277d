"""The 5-second bars that a gap has swallowed, fetched from history."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal

from attrs import define, field
from ib_async import BarData

from ibkit._ib._bar_columns import BarColumns
from ibkit._ib._bar_sizes import DAY
from ibkit._ib._codes import Notice
from ibkit._ib._history_asking import Asking, question_of
from ibkit._ib._requests import Requests
from ibkit.errors import IbkitError

from ._bar_feed import FiveSecondFeed
from ._events import Gap
from ._line import Line
from ._plans import FiveSecondPlan
from ._recovery import Phase
from ._values import Bar

BACKOFF = (5.0, 15.0)
"""Seconds before each further attempt to fetch the bars of a gap."""
_STEP = 5
_PATIENCE = 20.0
"""Seconds for an answer: the bars that come meanwhile are kept back."""


@define(eq=False)
class BackFill:
    """Fetches what lines have missed: one fetch at a time for each covers all its gaps."""

    requests: Requests
    asking: Asking
    notice: Callable[[int, str], Notice]
    _filling: dict[Line, Gap] = field(factory=dict, init=False)
    """Lines whose missed bars are being fetched, with their newest gap."""

    def start(self, line: Line, gap: Gap) -> None:
        """Fetch the bars of a gap; those that come meanwhile are kept back."""
        feed = line.feed
        assert isinstance(feed, FiveSecondFeed)
        feed.hold()
        is_filling, self._filling[line] = line in self._filling, gap
        if not is_filling:
            self.requests.health.spawn(self._fill(line, feed), "bars missed in a gap")

    async def _fill(self, line: Line, feed: FiveSecondFeed) -> None:
        """Fetch until no gap has opened meanwhile: then the answer reaches over all of them."""
        missed: list[Bar] = []
        gap = None
        try:
            while gap is not self._filling[line]:
                gap = self._filling[line]
                missed = await self._missed(line, feed, gap)
        finally:
            del self._filling[line]
            feed.fill(missed, self.requests.health.clock())
            if line.gap is None:  # else the next one has begun meanwhile
                line.flows()

    async def _missed(self, line: Line, feed: FiveSecondFeed, gap: Gap) -> list[Bar]:
        if feed.last_time is None or line.phase is Phase.ENDED:
            return []
        assert isinstance(line.plan, FiveSecondPlan)
        try:
            return await fetch_missed(self.requests, self.asking, line.plan, feed.last_time)
        except IbkitError as error:
            text = f"the bars of the gap since {gap.since} could not be fetched: {error}"
            line.tell(self.notice(getattr(error, "code", -1), text))
            return []


def duration_since(last: dt.datetime, now: dt.datetime) -> str:
    """Give the duration of a request that reaches back to *last*.

    >>> then = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)
    >>> duration_since(then, then + dt.timedelta(seconds=31))
    '60 S'
    """
    missed = (now - last).total_seconds() + 2 * _STEP
    return f"{min(DAY, max(30, math.ceil(missed / 30) * 30))} S"


async def fetch_missed(
    requests: Requests, asking: Asking, plan: FiveSecondPlan, last: dt.datetime
) -> list[Bar]:
    """Fetch the bars after *last*, in its turn with downloads. Raises what `Requests` raises."""

    async def send() -> BarColumns:
        # It may have waited for its turn, and the gap grown meanwhile.
        duration = duration_since(last, requests.health.clock())
        return await requests.historical_bars_async(
            plan.contract, duration, "5 secs", plan.what, rth=plan.rth, timeout=_PATIENCE
        )

    question = question_of(plan.contract, plan.what, ("back-fill", plan.rth))
    bars = await asking.ask(question, send, _ignore)
    now = requests.health.clock()
    return [_from_history(bar, plan.contract.conId, now) for bar in bars or ()]


def _ignore(_seconds: float) -> None:
    """The gap is told already."""


def _from_history(bar: BarData, con_id: int, arrived: dt.datetime) -> Bar:
    assert isinstance(bar.date, dt.datetime)  # epoch seconds were asked for
    open_, high, low, close = (_exact(price) for price in (bar.open, bar.high, bar.low, bar.close))
    return Bar(
        con_id=con_id,
        time=bar.date.astimezone(dt.timezone.utc),
        arrived=arrived,
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=None if bar.volume == -1 else _exact(bar.volume),
        average=None if bar.average == -1 else _exact(bar.average),
        trades=None if bar.barCount == -1 else bar.barCount,
        size="5 secs",
        backfilled=True,
    )


def _exact(number: float) -> Decimal:
    return Decimal(str(number))
