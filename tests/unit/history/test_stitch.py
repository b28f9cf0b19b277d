import datetime as dt
from decimal import Decimal

import pytest
from ib_async import BarData

from ibkit.contracts import product, roll_schedule
from ibkit.errors import PlanError
from ibkit.history import GapUnknown, Segment, Session, stitch
from ibkit.history._stitch import SLICE, stitching, zone_of
from past import at

FIRST = dt.date(2026, 3, 10)
SCHEDULE = roll_schedule(product("ES"), FIRST, dt.date(2026, 6, 12))  # rolls 03-13 and 06-11
MARCH, JUNE, SEPTEMBER = (period.listing for period in SCHEDULE)


def bar(day, close, *, average=None):
    quote = average is None
    return BarData(
        day,
        close - 1,
        close + 2,
        close - 3,
        close,
        -1 if quote else 7,
        -1 if quote else average,
        -1 if quote else 4,
    )


def daily(first, *closes):
    return [bar(first + dt.timedelta(days=n), close) for n, close in enumerate(closes)]


def segments():
    """March 5000 -> June 5050 (+50, x1.01), June 5100 -> September 5202 (+102, x1.02)."""
    return [
        Segment(SEPTEMBER, daily(dt.date(2026, 6, 10), 5202.0, 5210.0, 5220.0)),
        Segment(MARCH, daily(FIRST, 4980.0, 4990.0, 5000.0, 1.0)),
        Segment(
            JUNE, [*daily(FIRST, 2.0, 3.0, 5050.0, 5060.0), *daily(dt.date(2026, 6, 10), 5100)]
        ),
    ]


def closes(adjust, direction="backward"):
    return [each.close for each in stitch(segments(), SCHEDULE, adjust, direction=direction)]


def test_unadjusted_each_month_is_as_it_was():
    assert closes(None) == [4980, 4990, 5000, 5060, 5100, 5210, 5220]


def test_backward_differences_leave_the_newest_prices():
    assert closes("difference") == [5132, 5142, 5152, 5162, 5202, 5210, 5220]


def test_forward_differences_leave_the_oldest_prices():
    assert closes("difference", "forward") == [4980, 4990, 5000, 5010, 5050, 5058, 5068]


def test_backward_ratios_leave_the_newest_prices():
    factors = [1.01 * 1.02] * 3 + [1.02] * 2 + [1] * 2

    assert closes("ratio") == pytest.approx(
        [raw * factor for raw, factor in zip(closes(None), factors, strict=True)]
    )


def test_forward_ratios_leave_the_oldest_prices():
    factors = [1] * 3 + [1.01] * 2 + [1.01 * 1.02] * 2

    assert closes("ratio", "forward") == pytest.approx(
        [raw / factor for raw, factor in zip(closes(None), factors, strict=True)]
    )


def test_rolls_say_what_was_measured_where():
    series = stitch(segments(), SCHEDULE)
    roll = series.rolls[0]

    assert (roll.day, str(roll.from_), str(roll.to)) == (dt.date(2026, 3, 13), "ESH6", "ESM6")
    assert (roll.reference, roll.before, roll.after) == (dt.date(2026, 3, 12), 5000, 5050)
    assert [each.gap for each in series.rolls] == [Decimal("50.0"), Decimal("102.0")]
    assert [(part.count, part.adjustment) for part in series.parts] == [(3, 152), (2, 102), (2, 0)]


def test_all_prices_move_and_nothing_else():
    old = [bar(FIRST, 5000.25, average=5000.1), bar(dt.date(2026, 3, 12), 5000.0)]
    new = [bar(dt.date(2026, 3, 12), 5000.3), bar(dt.date(2026, 3, 13), 5001.0)]
    plan = roll_schedule(product("ES"), FIRST, dt.date(2026, 3, 13))
    first, second, _ = stitch([Segment(MARCH, old), Segment(JUNE, new)], plan)

    assert (first.open, first.high, first.low, first.close) == (4999.55, 5002.55, 4997.55, 5000.55)
    assert (first.average, first.volume, first.barCount) == (5000.4, 7, 4)
    assert (second.average, second.volume, second.barCount) == (-1, -1, -1)


def test_the_bars_that_came_in_are_not_changed():
    given = segments()
    stitch(given, SCHEDULE)

    assert given == segments()


def test_months_without_a_bar_in_common_cannot_be_adjusted():
    given = [each if each.listing != JUNE else Segment(JUNE, each.bars[3:]) for each in segments()]
    with pytest.raises(GapUnknown) as caught:
        stitch(given, SCHEDULE)

    assert (caught.value.before, caught.value.after) == ("ESH6", "ESM6")
    assert stitch(given, SCHEDULE, None).rolls[0].gap is None


def test_the_gap_is_measured_at_the_last_bar_that_both_have():
    given = segments()
    given[1] = Segment(MARCH, given[1].bars[:2])

    assert stitch(given, SCHEDULE).rolls[0].reference == dt.date(2026, 3, 11)


def test_a_last_bar_that_the_new_month_does_not_have_is_passed_over():
    parts = segments()
    parts[2] = Segment(JUNE, [*daily(FIRST, 2.0, 3.0), *parts[2].bars[3:]])  # no bar on 03-12
    roll = stitch(parts, SCHEDULE).rolls[0]

    assert (roll.reference, roll.before, roll.after) == (dt.date(2026, 3, 11), 4990, 3)


def test_a_ratio_of_prices_below_zero_is_refused():
    given = segments()
    given[1] = Segment(MARCH, daily(FIRST, 1.0, 1.0, -37.63))

    with pytest.raises(PlanError, match="difference"):
        stitch(given, SCHEDULE, "ratio")


def test_a_month_that_is_missing_is_named():
    with pytest.raises(PlanError, match="ESM6"):
        stitch(segments()[:2], SCHEDULE)


def test_months_without_bars_at_the_ends_are_left_out():
    given = [*segments()[1:], Segment(SEPTEMBER, daily(dt.date(2026, 6, 10), 5202.0))]
    series = stitch(given, SCHEDULE)

    assert [str(roll.to) for roll in series.rolls] == ["ESM6"]
    assert series[-1].close == 5100


def test_no_bars_at_all_give_an_empty_series():
    series = stitch([Segment(each, []) for each in (MARCH, JUNE, SEPTEMBER)], SCHEDULE)

    assert (len(series), series.rolls, series.parts) == (0, (), ())


@pytest.mark.parametrize(
    ("adjust", "direction", "named"),
    [("panama", "backward", "adjust"), ("ratio", "up", "direction")],
)
def test_other_ways_are_refused(adjust, direction, named):
    with pytest.raises(PlanError) as caught:
        stitch(segments(), SCHEDULE, adjust, direction=direction)

    assert caught.value.field == named


def test_evening_bars_count_to_the_next_trading_day_where_sessions_say_so():
    plan = roll_schedule(product("ES"), dt.date(2026, 3, 12), dt.date(2026, 3, 13))
    evening = at("03-12 23:00")
    both = [bar(at("03-12 15:00"), 5000.0), bar(evening, 5001.0)]
    sessions = (
        Session(dt.date(2026, 3, 12), at("03-11 22:00"), at("03-12 21:00")),
        Session(dt.date(2026, 3, 13), at("03-12 22:00"), at("03-13 21:00")),
    )
    with_sessions = [Segment(MARCH, both, sessions), Segment(JUNE, both, sessions)]
    without = [Segment(MARCH, both), Segment(JUNE, both)]

    assert [part.count for part in stitch(with_sessions, plan).parts] == [1, 1]
    assert [part.count for part in stitch(without, plan).parts] == [2]  # 18:00 in Chicago


def test_work_is_done_in_slices():
    many = [bar(at("03-12 15:00") + n * dt.timedelta(seconds=1), 5000.0) for n in range(3 * SLICE)]
    plan = roll_schedule(product("ES"), dt.date(2026, 3, 12), dt.date(2026, 3, 12))
    *pauses, series = stitching([Segment(MARCH, many)], plan)

    assert pauses == [None] * 6
    assert len(series) == 3 * SLICE


def test_every_product_has_a_clock():
    assert str(zone_of(product("FDAX"))) == "Europe/Berlin"
