"""Any span of any market comes whole, once, and within the rules of IB."""

import asyncio
import datetime as dt
from collections import deque
from itertools import pairwise

from hypothesis import given, settings, strategies as st
from ib_async import BarData

from ibkit._ib._history_asking import Asking, HistoryGate
from ibkit._ib._history_pacer import Question
from ibkit.contracts import product, roll_schedule
from ibkit.history import (
    HistoryPacer,
    HistoryPacing,
    MemoryStore,
    Segment,
    Session,
    find_holes,
    plan_chunks,
    stitch,
)
from ibkit.history._bar_sizes import BAR_SECONDS, DAY as DAY_SECONDS
from ibkit.history._download import Download
from ibkit.history._merge import NO_SESSIONS, moment
from ibkit.history._wanted import Wanted
from past import DAY, NOW, UTC, Past, bars_of, contract

SMALL = [size for size, seconds in BAR_SECONDS.items() if seconds < DAY_SECONDS]
FIRST = dt.datetime(2026, 1, 5, tzinfo=UTC)


@st.composite
def markets(draw):
    """Sessions on some days, of one stretch or two, up to round the clock."""
    sessions = []
    for number in range(draw(st.integers(1, 25))):
        if draw(st.integers(0, 4)) == 0:
            continue
        opens = FIRST + number * DAY + draw(st.integers(0, 9)) * dt.timedelta(hours=1)
        hours = draw(st.integers(1, 14))
        sessions.append(Session(opens.date(), opens, opens + hours * dt.timedelta(hours=1)))
    return tuple(sessions)


def spans(sessions):
    return st.tuples(st.integers(-50, 700), st.integers(1, 400)).map(
        lambda pair: (
            FIRST + dt.timedelta(hours=pair[0]),
            FIRST + dt.timedelta(hours=pair[0] + pair[1]),
        )
    )


@given(st.data())
def test_chunks_cover_open_time_once_within_the_limits(data):
    sessions = data.draw(markets())
    start, end = data.draw(spans(sessions))
    size = data.draw(st.sampled_from(SMALL))
    most = data.draw(st.integers(1500, 4000))
    chunks = plan_chunks(start, end, size, sessions=sessions, most_bars=most)
    open_time = sum(
        (
            min(s.end, end) - max(s.start, start)
            for s in sessions
            if s.end > start and s.start < end
        ),
        dt.timedelta(),
    )
    covered = sum(
        (s.end - s.start for chunk in chunks for s in chunk.sessions),
        dt.timedelta(),
    )

    assert covered == open_time
    assert all(a.end <= b.start for a, b in pairwise(chunks))
    for chunk in chunks:
        number, unit = chunk.duration.split()
        largest = {"S": 2000 if size == "1 secs" else 86_400, "D": 365, "W": 52, "M": 12, "Y": 68}
        assert 1 <= int(number) <= largest[unit]


@settings(max_examples=60)
@given(st.data())
def test_any_span_comes_whole_and_once(data):
    sessions = data.draw(markets())
    start, end = data.draw(spans(sessions))
    size = data.draw(st.sampled_from(["5 mins", "30 mins", "1 hour", "4 hours", "8 hours"]))
    known = data.draw(st.booleans())
    past = Past(sessions)
    kept = data.draw(spans(sessions)) if data.draw(st.booleans()) else None
    store = MemoryStore()

    async def load(first, last):
        wanted = Wanted(
            contract=contract(),
            start=first,
            end=min(last, NOW),
            bar_size=size,
            what="MIDPOINT",
            use_rth=False,
        )
        download = Download(
            requests=past,
            asking=Asking(HistoryGate(), ()),
            wanted=wanted,
            sessions=sessions if known else None,
            store=store,
            now=NOW,
            report=lambda _: None,
        )
        return await download.run(), download

    if kept is not None:
        asyncio.run(load(*kept))
    bars, download = asyncio.run(load(start, end))
    everything = bars_of(sessions, BAR_SECONDS[size])

    assert bars == [bar for bar in everything if start <= bar.date < end]
    if known:
        assert [hole for hole in download.holes if hole.reason != NO_SESSIONS] == []


@given(st.data())
def test_the_holes_are_exactly_what_was_taken_out(data):
    sessions = data.draw(markets())
    seconds = data.draw(st.sampled_from([60, 300, 3600]))
    bars = bars_of(sessions, seconds)
    gone = data.draw(st.sets(st.integers(0, max(0, len(bars) - 1)), max_size=30))
    left = [bar for place, bar in enumerate(bars) if place not in gone]
    holes = find_holes(left, sessions, seconds, quoted=True)
    taken = [bar.date for place, bar in enumerate(bars) if place in gone]

    assert all(any(hole.start <= at < hole.end for hole in holes) for at in taken)
    assert not any(hole.start <= moment(bar) < hole.end for hole in holes for bar in left)


PACING = HistoryPacing(most=6, window=60.0, identical=15.0, burst=3, burst_window=2.0)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from([1, 2]), st.floats(0, 20)),
        max_size=40,
    )
)
def test_no_sequence_of_requests_breaks_a_rule(asked):
    pacer, now = HistoryPacer(PACING), 0.0
    sent: deque[tuple[float, Question]] = deque()
    for identity, series, weight, pause in asked:
        question = Question((identity, series), series, weight)
        now = max(now + pause, pacer.next_time(question, now + pause))
        pacer.sent(question, now)
        sent.append((now, question))
        window = [(at, q) for at, q in sent if now - at < PACING.window]
        burst = [q for at, q in window if now - at < 2.0 and q.series == series]
        same = [at for at, q in window if q.identity == question.identity and now - at < 15.0]

        assert sum(q.weight for _, q in window) <= PACING.most
        assert sum(q.weight for q in burst) <= PACING.burst
        assert len(same) == 1


CENTS = st.integers(1, 1_000_000).map(lambda cents: cents / 100)
PLAN = roll_schedule(product("ES"), dt.date(2026, 3, 10), dt.date(2026, 6, 15))
DAYS = [PLAN.start + n * DAY for n in range((PLAN.end - PLAN.start).days + 1)]


@st.composite
def segments(draw):
    return [
        Segment(
            period.listing,
            [
                BarData(day, price, price, price, price, 1, price, 1)
                for day, price in zip(
                    DAYS, draw(st.lists(CENTS, min_size=len(DAYS), max_size=len(DAYS))), strict=True
                )
            ],
        )
        for period in PLAN
    ]


@settings(max_examples=30)
@given(segments(), st.sampled_from(["backward", "forward"]))
def test_differences_within_months_are_kept_and_no_gap_is_left(months, direction):
    series = stitch(months, PLAN, "difference", direction=direction)
    by_day = {segment.listing.month: [bar.close for bar in segment.bars] for segment in months}

    assert [bar.date for bar in series] == DAYS
    for place in range(1, len(DAYS)):
        own = by_day[PLAN.at(DAYS[place]).month]
        # at a roll, too: the step of the new month from the day before
        step = own[place] - own[place - 1]
        assert abs(series[place].close - series[place - 1].close - step) < 1e-6


@settings(max_examples=30)
@given(segments(), st.sampled_from(["backward", "forward"]))
def test_returns_are_kept_by_ratios(months, direction):
    series = stitch(months, PLAN, "ratio", direction=direction)
    by_day = {segment.listing.month: [bar.close for bar in segment.bars] for segment in months}

    for place in range(1, len(DAYS)):
        own = by_day[PLAN.at(DAYS[place]).month]
        ratio = own[place] / own[place - 1]
        found = series[place].close / series[place - 1].close
        assert abs(found / ratio - 1) < 1e-9
