import pytest
from ib_async import HistoricalTickLast, TickAttribLast

from ibkit.history import TickSeries
from past import at, contract

TICKS = [
    HistoricalTickLast(at("03-02 14:30"), TickAttribLast(True, False), 5000.25, 2.0, "CME", "X"),
    HistoricalTickLast(at("03-02 14:30"), TickAttribLast(), 5000.5, 1.0, "CME", ""),
]


def series(ticks=TICKS):
    return TickSeries(
        contract=contract(),
        what="TRADES",
        use_rth=False,
        start=at("03-02 14:00"),
        end=at("03-02 15:00"),
        ticks=ticks,
        requests=1,
    )


def test_it_is_a_sequence_of_the_ticks_of_ib_async():
    ticks = series()

    assert (list(ticks), len(ticks), ticks[1], ticks[:1]) == (TICKS, 2, TICKS[1], TICKS[:1])
    assert repr(ticks) == (
        "<TickSeries ESH6 TRADES: 2 ticks, 2026-03-02 14:30:00+00:00 to 2026-03-02 14:30:00+00:00>"
    )
    assert repr(series([])) == "<TickSeries ESH6 TRADES: 0 ticks>"


def test_a_frame_has_a_row_for_each_with_its_flags():
    pytest.importorskip("pandas")
    frame = series().to_frame()

    assert frame["price"].tolist() == [5000.25, 5000.5]
    assert frame["pastLimit"].tolist() == [True, False]
    assert str(frame.index.tz) == "UTC"
    assert len(series([]).to_frame()) == 0
