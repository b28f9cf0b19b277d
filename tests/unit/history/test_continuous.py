import datetime as dt
import sys

import pytest
from ib_async import BarData

from ibkit.contracts import product, roll_schedule
from ibkit.errors import MissingExtra
from ibkit.history import Segment, stitch

FIRST = dt.date(2026, 3, 12)
PLAN = roll_schedule(product("ES"), FIRST, dt.date(2026, 3, 13))


def series(adjust="difference"):
    def bars(*closes):
        days = (FIRST + dt.timedelta(days=n) for n in range(2))
        return [BarData(day, c, c, c, c, 1, c, 1) for day, c in zip(days, closes, strict=True)]

    march, june = (period.listing for period in PLAN)
    return stitch([Segment(march, bars(50.0, 0.0)), Segment(june, bars(55.0, 56.0))], PLAN, adjust)


def test_it_is_a_sequence_of_bars():
    found = series()

    assert (len(found), found[0].close, [bar.close for bar in found[:1]]) == (2, 55, [55])
    assert [bar.close for bar in found] == [55, 56]


def test_it_says_how_it_was_made():
    assert repr(series()) == (
        "<ContinuousSeries ES difference backward: 2 bars, 2026-03-12 to 2026-03-13, 1 rolls>"
    )
    assert "unadjusted" in repr(series(None))


def test_the_frame_names_the_contract_of_each_bar():
    pytest.importorskip("pandas")
    frame = series().to_frame()

    assert frame["contract"].tolist() == ["ESH6", "ESM6"]
    assert frame["close"].tolist() == [55, 56]


def test_the_chart_marks_the_rolls():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    figure, given = pyplot.subplots()
    axes = series().plot(given)
    curve, mark = axes.lines

    assert axes is given
    assert list(curve.get_ydata()) == [55, 56]
    assert list(mark.get_xdata()) == [dt.date(2026, 3, 13)] * 2
    assert [text.get_text() for text in axes.texts] == ["ESM6"]
    pyplot.close(figure)


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(MissingExtra, match=r"matplotlib.*ibkit\[plot\]"):
        series().plot()


@pytest.mark.parametrize(
    ("march", "june", "gap"), [(50.0, 55.0, "+5.0"), (55.0, 50.5, "-4.5"), (50.0, None, "unknown")]
)
def test_a_roll_is_written_with_its_gap(march, june, gap):
    first, second = (period.listing for period in PLAN)
    before, after = ([BarData(FIRST, c, c, c, c)] if c else [] for c in (march, june))
    later = BarData(FIRST + dt.timedelta(days=1), 56, 56, 56, 56)
    found = stitch([Segment(first, before), Segment(second, [*after, later])], PLAN, None)

    assert [str(roll) for roll in found.rolls] == [f"2026-03-13: ESH6 -> ESM6, gap {gap}"]
