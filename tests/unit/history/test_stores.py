import datetime as dt
import sys

import pytest
from ib_async import BarData

from ibkit.errors import MissingExtra
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


def test_another_program_finds_the_files(tmp_path):
    ParquetStore(tmp_path).write(KEY, DAY, BARS)

    assert ParquetStore(str(tmp_path)).read(KEY, DAY) == BARS


def test_a_half_written_file_is_not_taken_for_a_whole_one(tmp_path):
    store = ParquetStore(tmp_path)
    store.write(KEY, DAY, BARS)
    (file,) = (tmp_path / str(KEY)).iterdir()
    file.rename(file.with_suffix(".part"))

    assert store.spans(KEY) == []


def test_pandas_reads_the_folder_as_a_table_in_utc(tmp_path):
    pd = pytest.importorskip("pandas")
    store = ParquetStore(tmp_path)
    store.write(KEY, DAY, BARS)
    frame = pd.read_parquet(tmp_path / str(KEY))

    assert list(frame["time"]) == [bar.date for bar in BARS]


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(MissingExtra, match="parquet"):
        ParquetStore(tmp_path)


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
