import datetime as dt
from decimal import Decimal

from ibkit.streams._series import BarSeries
from ibkit.streams._values import Bar

START = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


def bar(minute, close=100):
    price = Decimal(close)
    return Bar(1, START + dt.timedelta(minutes=minute), START, price, price, price, price)


def minutes(bars):
    return [(one.time - START) // dt.timedelta(minutes=1) for one in bars]


def test_the_first_answer_is_the_past_and_no_news():
    series = BarSeries(10)

    assert series.fill([bar(0), bar(1), bar(2)]) == []
    assert minutes(series.bars) == [0, 1, 2]
    assert [one.finished for one in series.bars] == [True, True, False]


def test_a_bar_is_news_once_when_a_later_one_appears():
    series = BarSeries(10)
    series.fill([bar(0)])

    assert series.update(bar(0, 101)) == []
    assert series.update(bar(0, 102)) == []
    (finished,) = series.update(bar(1, 103))
    assert (finished.close, finished.finished) == (102, True)
    assert series.update(bar(1, 104)) == []


def test_an_empty_first_answer_does_not_lose_the_updates():
    series = BarSeries(10)
    series.fill([])

    assert series.update(bar(0)) == []
    assert minutes(series.update(bar(1))) == [0]


def test_what_was_missed_is_filled_in_once_and_in_order():
    series = BarSeries(10)
    series.fill([bar(0), bar(1, 50)])
    news = series.fill([bar(n, 200 + n) for n in (4, 2, 0, 1, 3)])

    assert minutes(news) == [1, 2, 3]
    assert [one.close for one in news] == [201, 202, 203]
    assert all(one.backfilled and one.finished for one in news)
    assert minutes(series.bars) == [0, 1, 2, 3, 4]
    assert series.last is not None
    assert not series.last.backfilled


def test_a_refill_that_brings_nothing_new_is_no_news():
    series = BarSeries(10)
    series.fill([bar(0), bar(1)])

    assert series.fill([bar(0), bar(1)]) == []
    assert series.fill([]) == []


def test_old_bars_are_ignored():
    series = BarSeries(10)
    series.fill([bar(5)])

    assert series.update(bar(3)) == []
    assert minutes(series.bars) == [5]


def test_the_series_is_bounded():
    series = BarSeries(3)
    for minute in range(100):
        series.update(bar(minute))

    assert minutes(series.bars) == [97, 98, 99]
