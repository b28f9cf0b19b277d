import datetime as dt
import sys

import pytest
from ib_async import HistoricalTick

from ibkit.errors import MissingExtra
from ibkit.history import ParquetStore, SeriesKey, Span
from past import at, bars_of, weekdays

KEY = SeriesKey(con_id=77, bar_size="1 min", what="TRADES", use_rth=False)
DAY = Span(at("03-02 00:00"), at("03-03 00:00"))
BARS = bars_of(weekdays(dt.date(2026, 3, 2), 1), 60)


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

    with pytest.raises(MissingExtra, match=r"pyarrow.*ibkit\[parquet\]"):
        ParquetStore(tmp_path)


def test_ticks_are_a_table_too(tmp_path):
    pd = pytest.importorskip("pandas")
    ParquetStore(tmp_path).write_ticks(KEY, DAY, [HistoricalTick(DAY.start, 5000.5, 0.0)])
    frame = pd.read_parquet(tmp_path / str(KEY))

    assert frame.to_dict("list") == {"time": [DAY.start], "price": [5000.5], "size": [0.0]}
