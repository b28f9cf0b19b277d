import datetime as dt
import gc

import pytest
from ib_async import BarData

from ibkit.history._columns import BarColumns
from past import bars_of, weekdays

TIMES = bars_of(weekdays(dt.date(2026, 3, 2), 2), 60)
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


def test_the_collector_has_few_objects_to_visit():
    before = len(gc.get_objects())
    columns = BarColumns(TIMES)
    grown = len(gc.get_objects()) - before

    assert len(columns) == 840
    assert grown < 50
