import asyncio
import datetime as dt
from decimal import Decimal

import pytest
from ib_async import BarData

from ibkit._ib._health import HealthRecord
from ibkit._ib._history_asking import Asking, HistoryGate
from ibkit.streams import Gap, Resumed, Started, StreamManager
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


# --- gaps of lines ----------------------------------------------------------------------


def manager(wire):
    return StreamManager(wire.ib, requests=wire.requests, stale_after=None)


def kinds(stream):
    return [type(event) for event in stream.events]


async def lose_and_resume(wire, second):
    """An outage after which the next bar is that of *second*."""
    wire.error(-1, 1100, "Connectivity has been lost")
    wire.error(-1, 1101, "restored - data lost")
    await asyncio.sleep(3)
    wire.bar(max(wire.req_ids("bars_5s")), second)


def answer(wire, req_id, *seconds):
    bars = [field for second in seconds for field in (second, 1, 1, 1, 1, 7, 1, 2)]
    wire.feed((17, req_id, "", "", len(seconds), *bars))


def test_one_fetch_at_a_time_covers_all_gaps_of_a_line(on_wire, es):
    async def test(wire):
        stream = manager(wire).bars_5s(es)
        now = int(wire.loop.now().timestamp())
        wire.bar(1, now)
        await asyncio.sleep(30)
        await lose_and_resume(wire, now + 30)
        await asyncio.sleep(10)
        await lose_and_resume(wire, now + 40)  # while the bars of the gap before are being fetched
        first = wire.req_ids("bars")
        answer(wire, first[0], *range(now, now + 30, 5))
        await asyncio.sleep(16)  # the same question again may not come sooner
        second = wire.req_ids("bars")
        held = stream.unread
        answer(wire, second[-1], *range(now, now + 40, 5))
        await asyncio.sleep(1)
        times = [int(bar.time.timestamp()) - now for bar in stream.history]
        return len(first), len(second), held, times, kinds(stream)

    first, second, held, times, events = on_wire(test)
    assert (first, second, held) == (1, 2, 1)
    assert times == list(range(0, 45, 5))
    assert events == [Started, Gap, Resumed]


def test_bars_that_were_fetched_do_not_end_a_gap_that_began_meanwhile(on_wire, es):
    async def test(wire):
        stream = manager(wire).bars_5s(es)
        now = int(wire.loop.now().timestamp())
        wire.bar(1, now)
        await asyncio.sleep(30)
        await lose_and_resume(wire, now + 30)
        await asyncio.sleep(1)
        wire.error(-1, 1100, "Connectivity has been lost")
        answer(wire, wire.req_ids("bars")[0], *range(now, now + 30, 5))
        await asyncio.sleep(1)
        return stream.unread, kinds(stream)

    assert on_wire(test) == (7, [Started, Gap])


def test_one_who_joins_while_bars_are_kept_back_begins_with_them(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        stream = streams.bars_5s(es)
        now = int(wire.loop.now().timestamp())
        wire.bar(1, now)
        await asyncio.sleep(30)
        await lose_and_resume(wire, now + 30)
        late = streams.bars_5s(es)
        await asyncio.sleep(1)
        before = late.unread, kinds(late)
        answer(wire, wire.req_ids("bars")[0], *range(now, now + 30, 5))
        await asyncio.sleep(1)
        return stream.unread, before, late.unread, kinds(late)

    assert on_wire(test) == (7, (0, []), 6, [Started])


def test_while_bars_are_fetched_the_one_before_the_gap_is_not_the_latest(on_wire, es):
    async def test(wire):
        stream = manager(wire).bars_5s(es)
        now = int(wire.loop.now().timestamp())
        wire.bar(1, now)
        wire.error(-1, 1100, "Connectivity has been lost")
        await asyncio.sleep(30)
        wire.error(-1, 1102, "restored - data maintained")
        wire.bar(1, now + 30)
        during = stream.gap is not None, stream.latest
        await asyncio.sleep(1)
        answer(wire, wire.req_ids("bars")[0], *range(now, now + 30, 5))
        await asyncio.sleep(1)
        return during, int(stream.latest.time.timestamp()) - now

    assert on_wire(test) == ((True, None), 30)


def test_two_lines_fetch_their_own_bars(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        trades, bids = streams.bars_5s(es), streams.bars_5s(es, "BID")
        now = int(wire.loop.now().timestamp())
        wire.bar(1, now)
        wire.bar(2, now)
        await asyncio.sleep(30)
        wire.error(-1, 1100, "Connectivity has been lost")
        wire.error(-1, 1101, "restored - data lost")
        await asyncio.sleep(1)
        for req_id in wire.req_ids("bars_5s")[2:]:
            wire.bar(req_id, now + 30)
        await asyncio.sleep(1)
        return len(wire.req_ids("bars")), trades.unread, bids.unread

    assert on_wire(test) == (2, 1, 1)
