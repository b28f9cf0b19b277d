"""The 5-second bars that a gap has swallowed, fetched from history."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

from ib_async import BarData

from ibkit._ib._bar_columns import BarColumns
from ibkit._ib._bar_sizes import DAY
from ibkit._ib._history_asking import Asking, question_of
from ibkit._ib._requests import Requests

from ._plans import FiveSecondPlan
from ._values import Bar

_STEP = 5
_PATIENCE = 20.0
"""Seconds for an answer: the bars that come meanwhile are kept back."""


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
