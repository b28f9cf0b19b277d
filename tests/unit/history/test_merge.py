import datetime as dt

from ib_async import BarData

from ibkit.history import Hole, find_holes, merge
from ibkit.history._merge import GAP, NO_BARS, join_holes, moment
from past import DAY, at, bars_of, weekdays

WEEK = weekdays(dt.date(2026, 3, 2), 5)
MINUTE = 60


def test_a_date_begins_at_midnight_in_utc():
    assert moment(BarData(date=dt.date(2026, 3, 2))) == at("03-02 00:00")


def test_of_two_bars_of_a_time_the_later_list_counts():
    first = BarData(date=at("03-02 14:00"), close=1)
    second = BarData(date=at("03-02 14:00"), close=2)

    assert merge([[second], [first]]) == [first]


def test_a_complete_series_has_no_hole():
    assert find_holes(bars_of(WEEK, MINUTE), WEEK, MINUTE, quoted=True) == []


def test_a_session_without_a_bar_is_a_hole():
    bars = bars_of([WEEK[0], *WEEK[3:]], MINUTE)

    assert find_holes(bars, WEEK, MINUTE, quoted=False) == [
        Hole(WEEK[1].start, WEEK[1].end, NO_BARS),
        Hole(WEEK[2].start, WEEK[2].end, NO_BARS),
    ]


def test_bars_from_before_the_stretch_fill_nothing_of_it():
    assert find_holes(bars_of(WEEK[:1], MINUTE), WEEK[1:2], MINUTE, quoted=False) == [
        Hole(WEEK[1].start, WEEK[1].end, NO_BARS)
    ]


def test_a_missing_bar_of_quotes_is_a_hole_and_of_trades_is_not():
    bars = bars_of(WEEK[:1], MINUTE)
    missing = [*bars[:10], *bars[13:]]

    assert find_holes(missing, WEEK[:1], MINUTE, quoted=False) == []
    assert find_holes(missing, WEEK[:1], MINUTE, quoted=True) == [
        Hole(bars[10].date, bars[13].date, GAP)
    ]


def test_quotes_that_begin_late_or_end_early_leave_holes():
    bars = bars_of(WEEK[:1], MINUTE)

    assert find_holes(bars[5:-5], WEEK[:1], MINUTE, quoted=True) == [
        Hole(bars[0].date, bars[5].date, GAP),
        Hole(bars[-5].date, WEEK[0].end, GAP),
    ]


def test_the_bar_that_began_before_the_stretch_covers_its_beginning():
    whole = WEEK[0]
    part = type(whole)(whole.day, whole.start + DAY / 48, whole.end)

    assert find_holes(bars_of([whole], 3600), [part], 3600, quoted=True) == []


def test_neighbours_with_one_reason_are_one_hole():
    a, b, c = at("03-02 10:00"), at("03-02 11:00"), at("03-02 12:00")

    assert join_holes([Hole(a, b, GAP), Hole(b, c, GAP)]) == [Hole(a, c, GAP)]
    assert len(join_holes([Hole(a, b, GAP), Hole(b, c, NO_BARS)])) == 2


def test_a_hole_reads_as_a_sentence():
    assert str(Hole(at("03-02 10:00"), at("03-02 11:00"), GAP)).endswith(GAP)
