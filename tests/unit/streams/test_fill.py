import asyncio
import datetime as dt
from decimal import Decimal

import pytest
from ib_async import BarData

from ibkit._ib._health import HealthRecord
from ibkit._ib._history_asking import Asking, HistoryGate
from ibkit.streams._fill import duration_since, fetch_missed
from ibkit.streams._plans import plan_bars_5s
from ibkit.streams._values import Bar

NOW = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


class Requests:
    def __init__(self, *bars):
        self.health = HealthRecord(clock=lambda: NOW)
        self.bars, self.asked = list(bars), []

    async def historical_bars_async(self, contract, duration, size, what, *, rth, timeout):
        self.asked.append((contract.conId, duration, size, what, rth))
        return self.bars


@pytest.mark.parametrize(
    ("missed", "duration"),
    [(0, "30 S"), (20, "30 S"), (21, "60 S"), (3600, "3630 S"), (10**6, "86400 S")],
)
def test_a_request_reaches_back_to_the_last_bar(missed, duration):
    assert duration_since(NOW - dt.timedelta(seconds=missed), NOW) == duration


def test_bars_become_exact_and_are_marked(es):
    requests = Requests(BarData(NOW, 5000.25, 5001.0, 5000.0, 5000.5, 7.0, 5000.3, 2))
    plan = plan_bars_5s(es, "TRADES", rth=True)
    bars = asyncio.run(
        fetch_missed(requests, Asking(HistoryGate(), ()), plan, NOW - dt.timedelta(seconds=60))
    )

    assert requests.asked == [(1, "90 S", "5 secs", "TRADES", True)]
    assert bars == [
        Bar(
            con_id=1,
            time=NOW,
            arrived=NOW,
            open=Decimal("5000.25"),
            high=Decimal("5001.0"),
            low=Decimal("5000.0"),
            close=Decimal("5000.5"),
            volume=Decimal("7.0"),
            average=Decimal("5000.3"),
            trades=2,
            size="5 secs",
            backfilled=True,
        )
    ]


def test_bars_without_volume_have_none(es):
    requests = Requests(BarData(NOW, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1))
    (bar,) = asyncio.run(
        fetch_missed(requests, Asking(HistoryGate(), ()), plan_bars_5s(es, "BID", rth=False), NOW)
    )

    assert (bar.volume, bar.average, bar.trades) == (None, None, None)
