import datetime as dt
import sys

import pytest
from ib_async import (
    BarData,
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    TickAttribBidAsk,
    TickAttribLast,
)

from ibkit.errors import MissingExtra
from ibkit.history._frame import bars_frame, ticks_frame
from past import at

pd = pytest.importorskip("pandas")


def test_rows_are_bars_by_time():
    frame = bars_frame([BarData(at("03-02 14:30"), 1, 3, 0.5, 2, 10, 1.5, 4)])

    assert list(frame.columns) == ["open", "high", "low", "close", "volume", "average", "count"]
    assert frame.loc[at("03-02 14:30")].tolist() == [1, 3, 0.5, 2, 10, 1.5, 4]
    assert str(frame.index.tz) == "UTC"


def test_what_quotes_do_not_have_is_missing_and_not_minus_one():
    frame = bars_frame([BarData(at("03-02 14:30"), 1, 3, 0.5, 2, -1, -1, -1)])

    assert frame[["volume", "average", "count"]].isna().to_numpy().all()


def test_days_can_be_resampled():
    days = [BarData(dt.date(2026, 3, day), close=day) for day in (2, 3, 9)]

    assert bars_frame(days)["close"].resample("W").last().tolist() == [3, 9]


def test_no_bars_make_an_empty_frame():
    frame = bars_frame([])

    assert len(frame) == 0
    assert "close" in frame


def test_without_pandas_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(MissingExtra, match=r"pandas.*ibkit\[frames\]"):
        bars_frame([])


TIME = dt.datetime(2026, 3, 2, 15, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(
    ("tick", "row"),
    [
        (HistoricalTick(TIME, 5000.25, 0), {"price": 5000.25, "size": 0}),
        (
            HistoricalTickLast(TIME, TickAttribLast(unreported=True), 5000, 3, "CME", ""),
            {"price": 5000, "size": 3, "exchange": "CME", "unreported": True, "pastLimit": False},
        ),
        (
            HistoricalTickBidAsk(TIME, TickAttribBidAsk(askPastHigh=True), 5000, 5001, 2, 3),
            {"priceBid": 5000, "sizeAsk": 3, "askPastHigh": True, "bidPastLow": False},
        ),
    ],
)
def test_a_tick_is_a_row_with_its_attributes_beside_it(tick, row):
    table = ticks_frame([tick, tick])

    assert list(table.index) == [TIME, TIME]
    assert {name: table[name].iloc[1] for name in row} == row
    assert not [name for name in table if name.startswith("tickAttrib")]


def test_no_ticks_make_an_empty_frame():
    assert len(ticks_frame([])) == 0


def test_ticks_need_pandas_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(MissingExtra, match=r"ibkit\[frames\]"):
        ticks_frame([])
