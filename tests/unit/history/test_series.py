import datetime as dt

import pytest
from ib_async import util

from ibkit.history import BarSeries, Hole
from past import at, bars_of, contract, weekdays

BARS = bars_of(weekdays(dt.date(2026, 3, 2), 1), 3600)


def series(**more):
    return BarSeries(
        contract=contract(),
        bar_size="1 hour",
        what="TRADES",
        use_rth=False,
        start=at("03-02 00:00"),
        end=at("03-03 00:00"),
        bars=BARS,
        **more,
    )


def test_it_is_a_sequence_of_ib_asyncs_bars():
    found = series()

    assert (len(found), found[0], found[-2:]) == (7, BARS[0], BARS[-2:])
    assert list(found) == BARS


def test_it_goes_where_ib_asyncs_own_answers_go():
    pytest.importorskip("pandas")

    assert list(util.df(series())["close"]) == [bar.close for bar in BARS]
    assert list(series().to_frame()["close"]) == [bar.close for bar in BARS]


def test_it_shows_its_holes():
    hole = Hole(at("03-02 10:00"), at("03-02 11:00"), "gone")

    assert repr(series(holes=(hole,))) == (
        "<BarSeries ESH6 1 hour TRADES: 7 bars, "
        "2026-03-02 14:00:00+00:00 to 2026-03-02 20:00:00+00:00, 1 holes>"
    )
