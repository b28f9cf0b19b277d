import datetime as dt

import pytest
from attrs import evolve
from ib_async import (
    BarData,
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    TickAttribBidAsk,
    TickAttribLast,
)

from ibkit.history import MemoryStore, ParquetStore, SeriesKey, Span
from ibkit.history._stores import missing_spans
from past import at, bars_of, weekdays

KEY = SeriesKey(con_id=77, bar_size="1 min", what="TRADES", use_rth=False)
DAY, NEXT = (
    Span(at("03-02 00:00"), at("03-03 00:00")),
    Span(at("03-03 00:00"), at("03-04 00:00")),
)
BARS = bars_of(weekdays(dt.date(2026, 3, 2), 1), 60)


@pytest.fixture(params=["memory", "parquet"])
def store(request, tmp_path):
    return MemoryStore() if request.param == "memory" else ParquetStore(tmp_path)


def test_what_was_written_is_read(store):
    store.write(KEY, NEXT, [])
    store.write(KEY, DAY, BARS)

    assert list(store.spans(KEY)) == [DAY, NEXT]
    assert list(store.read(KEY, DAY)) == BARS
    assert list(store.read(KEY, NEXT)) == []


def test_days_stay_dates(store):
    bars = [BarData(dt.date(2026, 3, 2), 1.5, 2, 1, 1.5, 10, 1.4, 3)]
    store.write(KEY, DAY, bars)

    assert list(store.read(KEY, DAY)) == bars
    assert type(store.read(KEY, DAY)[0].date) is dt.date


def test_series_do_not_mix(store):
    store.write(KEY, DAY, BARS)

    for other in (
        SeriesKey(con_id=78, bar_size="1 min", what="TRADES", use_rth=False),
        SeriesKey(con_id=77, bar_size="1 month", what="TRADES", use_rth=False),
        SeriesKey(con_id=77, bar_size="1 min", what="BID", use_rth=False),
        SeriesKey(con_id=77, bar_size="1 min", what="TRADES", use_rth=True),
    ):
        assert list(store.spans(other)) == []


TICKS_OF = {
    "TRADES": [
        HistoricalTickLast(DAY.start, TickAttribLast(True, False), 5000.25, 2.0, "CME", "X"),
        HistoricalTickLast(DAY.start, TickAttribLast(), 5000.5, 1.0, "", ""),
    ],
    "BID_ASK": [HistoricalTickBidAsk(DAY.start, TickAttribBidAsk(True, False), 1.0, 2.0, 3.0, 4.0)],
    "MIDPOINT": [HistoricalTick(DAY.start, 5000.125, 0.0)],
}


@pytest.mark.parametrize("what", TICKS_OF)
def test_ticks_that_were_written_are_read(store, what):
    key = evolve(KEY, bar_size="ticks", what=what)
    store.write_ticks(key, DAY, TICKS_OF[what])
    store.write_ticks(key, NEXT, [])

    assert list(store.spans(key)) == [DAY, NEXT]
    assert list(store.read_ticks(key, DAY)) == TICKS_OF[what]
    assert list(store.read_ticks(key, NEXT)) == []


@pytest.mark.parametrize(
    ("kept", "missing"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(2, 4), (6, 8)], [(0, 2), (4, 6), (8, 10)]),
        ([(-5, 3), (8, 20)], [(3, 8)]),
        ([(-5, -1), (12, 20)], [(0, 10)]),
    ],
)
def test_what_is_not_kept_is_missing(kept, missing):
    def span(pair):
        return Span(*(at("03-02 00:00") + n * dt.timedelta(hours=1) for n in pair))

    assert missing_spans(*span((0, 10)), [span(each) for each in kept]) == [
        span(each) for each in missing
    ]
