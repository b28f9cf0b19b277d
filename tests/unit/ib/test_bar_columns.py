import datetime as dt
import gc

import pytest
from ib_async import BarData

from ibkit._ib._bar_columns import BarColumns
from past import bars_of, weekdays

TIMES = bars_of(weekdays(dt.date(2026, 3, 2), 2), 60)
DAY = (
    dt.datetime(2026, 3, 2, tzinfo=dt.timezone.utc),
    dt.datetime(2026, 3, 3, tzinfo=dt.timezone.utc),
)
DATES = [BarData(dt.date(2026, 3, day), 1, 2, 0.5, 1.5, -1, -1, -1) for day in (2, 3, 4)]


@pytest.mark.parametrize("bars", [TIMES, DATES, []], ids=["times", "dates", "none"])
def test_bars_come_out_as_they_went_in(bars):
    columns = BarColumns(bars)

    assert list(columns) == bars
    assert (len(columns), columns[1:], columns[::-7]) == (len(bars), bars[1:], bars[::-7])
    assert list(reversed(columns)) == bars[::-1]
    assert columns == bars


def test_each_one_can_be_had_alone():
    columns = BarColumns(TIMES)

    assert (columns[0], columns[-1]) == (TIMES[0], TIMES[-1])
    assert type(columns[0].barCount) is int
    with pytest.raises(IndexError):
        columns[len(TIMES)]


def test_columns_are_joined_in_order():
    columns = BarColumns(TIMES[:5])
    columns.extend(BarColumns(TIMES[5:9]))
    columns.extend([])
    columns.extend(BarColumns())
    columns.extend(TIMES[9:])

    assert columns == TIMES


def test_they_differ_where_a_bar_does():
    assert BarColumns(TIMES) != TIMES[1:]
    assert BarColumns(TIMES[:1]) != [TIMES[1]]
    assert BarColumns() != 0


def test_cutting_keeps_the_span_in_order_and_each_time_once():
    jumbled = BarColumns([*TIMES[3:], *TIMES[:5]])

    assert jumbled.cut(TIMES[1].date, TIMES[9].date) == TIMES[1:9]
    assert BarColumns(TIMES).cut(TIMES[1].date, TIMES[9].date) == TIMES[1:9]


def test_cutting_is_exact_between_the_seconds():
    moment = dt.timedelta(microseconds=1)

    assert BarColumns(TIMES).cut(TIMES[1].date + moment, TIMES[3].date + moment) == TIMES[2:4]


def test_the_last_of_two_bars_of_a_time_counts():
    old = BarData(TIMES[0].date, close=1.0)
    new = BarData(TIMES[0].date, close=2.0)

    assert BarColumns([old, new]).cut(*DAY) == [new]


def test_dates_are_cut_as_midnights_in_utc():
    assert BarColumns(DATES).cut(*DAY) == DATES[:1]
    assert BarColumns(DATES).moments()[0] == DAY[0]


def message(*bars):
    fields = [text for bar in bars for text in bar]
    return ["17", "9", "", "", str(len(bars)), *fields]


PRICES = ("1", "2.5", "0.5", "1.5", "10", "1.25", "3")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1772461800", dt.datetime(2026, 3, 2, 14, 30, tzinfo=dt.timezone.utc)),
        ("20260302", dt.date(2026, 3, 2)),
        ("20260302 09:30:00 US/Eastern", dt.datetime(2026, 3, 2, 14, 30, tzinfo=dt.timezone.utc)),
        ("20260302-14:30:00", dt.datetime(2026, 3, 2, 14, 30, tzinfo=dt.timezone.utc)),
        ("20260302  23:30:00 JST", dt.datetime(2026, 3, 2, 14, 30, tzinfo=dt.timezone.utc)),
    ],
)
def test_a_message_is_read(text, date):
    columns = BarColumns.read(message((text, *PRICES), (text, *PRICES)))

    assert list(columns) == [BarData(date, 1.0, 2.5, 0.5, 1.5, 10.0, 1.25, 3)] * 2


def test_an_empty_message_is_read():
    assert list(BarColumns.read(message())) == []


@pytest.mark.parametrize(
    "fields",
    [
        message(("20260302 09:30:00 Nowhere", *PRICES)),
        message(("20260302 09:30:00", *PRICES)),
        message(("1772461800", *PRICES[:-1], "many")),
        message(("1772461800", *PRICES))[:-1],
    ],
    ids=["zone", "no zone", "number", "short"],
)
def test_what_cannot_be_read_is_an_error_and_no_guess(fields):
    with pytest.raises(ValueError):
        BarColumns.read(fields)


def test_ib_async_reads_the_same(monkeypatch):
    from ib_async import IB

    fields = message(*[(str(1772461800 + 60 * n), *PRICES) for n in range(5)])
    ib, found = IB(), []
    monkeypatch.setattr(ib.wrapper, "_results", {9: found})
    ib.client.decoder.historicalData(fields)

    assert BarColumns.read(fields) == found


def test_the_collector_has_few_objects_to_visit():
    before = len(gc.get_objects())
    columns = BarColumns(TIMES)
    grown = len(gc.get_objects()) - before

    assert len(columns) == 840
    assert grown < 50
