import datetime as dt

import pytest

from ibkit.contracts import (
    Activity,
    BeforeLastTrade,
    ContractMonth,
    Earliest,
    OpenInterestCrossover,
    RollQuestion,
    VolumeCrossover,
)
from rolling import chain_of

ES = chain_of("ES", "2026-06", "2026-09", "2026-12")
JUNE_1 = dt.date(2026, 6, 1)
"""A Monday."""


def weekdays(count, start=JUNE_1):
    days = (start + dt.timedelta(days=n) for n in range(3 * count))
    return [day for day in days if day.weekday() < 5][:count]


def activity(**volumes):
    """Volumes by month letter, one figure for each weekday from 1 June; None is missing."""
    names = {"M": "2026-06", "U": "2026-09", "Z": "2026-12"}
    return Activity(
        volume={
            names[letter]: {
                day: size
                for day, size in zip(weekdays(len(sizes)), sizes, strict=True)
                if size is not None
            }
            for letter, sizes in volumes.items()
        }
    )


def left(rule, figures, place=0):
    question = RollQuestion(listing=ES[place], later=ES[place + 1 :], activity=figures)
    found = rule.roll_day(question)
    return found and f"{found:%m-%d}"


def test_it_rolls_on_the_day_after_the_second_session_in_a_row():
    figures = activity(M=[9, 9, 5, 5, 5], U=[1, 2, 6, 7, 8])

    assert left(VolumeCrossover(sessions=2), figures) == "06-05"
    assert left(VolumeCrossover(sessions=1), figures) == "06-04"


def test_nothing_is_known_of_a_session_before_it_is_over():
    """The roll of a crossing on a Friday is on Monday."""
    figures = activity(M=[9, 9, 9, 5, 5], U=[1, 1, 1, 6, 6])

    assert left(VolumeCrossover(sessions=2), figures) == "06-08"


def test_the_day_after_a_holiday_is_the_next_business_day():
    days = [dt.date(2026, 6, 17), dt.date(2026, 6, 18)]
    figures = Activity(
        volume={"2026-06": dict.fromkeys(days, 1), "2026-09": dict.fromkeys(days, 2)}
    )

    assert left(VolumeCrossover(sessions=2), figures) == "06-22"


def test_a_spike_of_one_session_rolls_nothing():
    figures = activity(M=[9, 5, 9, 9, 9], U=[1, 6, 1, 1, 1])

    assert left(VolumeCrossover(sessions=2), figures) is None


def test_flip_flop_the_first_row_counts_and_nothing_flips_back():
    figures = activity(M=[5, 5, 9, 9, 9], U=[6, 6, 1, 1, 1])

    assert left(VolumeCrossover(sessions=2), figures) == "06-03"
    front = ES.front(dt.date(2026, 6, 8), VolumeCrossover(sessions=2), activity=figures)
    assert str(front) == "ESU6"


def test_double_switch_there_and_back_and_there_again_is_one_roll():
    """With one session the first switch rolls; with two the third, which lasts."""
    figures = activity(M=[9, 5, 9, 5, 5], U=[1, 6, 1, 6, 6])
    rolls = ES.schedule(
        Earliest(VolumeCrossover(sessions=1), BeforeLastTrade(1)),
        JUNE_1,
        dt.date(2026, 6, 30),
        activity=figures,
    ).rolls

    assert left(VolumeCrossover(sessions=1), figures) == "06-03"
    assert left(VolumeCrossover(sessions=2), figures) == "06-08"
    assert [(f"{roll.day:%m-%d}", str(roll.to)) for roll in rolls] == [("06-03", "ESU6")]


def test_an_equal_volume_is_no_crossing():
    assert left(VolumeCrossover(sessions=1), activity(M=[5, 5], U=[5, 5])) is None


def test_a_session_that_is_missing_is_not_zero():
    figures = activity(M=[9, None, None, 5, 5], U=[1, 6, 6, 6, 6])

    assert left(VolumeCrossover(sessions=2), figures) == "06-08"
    assert left(VolumeCrossover(sessions=1), activity(M=[9, 9], U=[None, None])) is None


def test_a_thin_month_is_skipped():
    """October gold never leads: from August the volume goes to December at once."""
    gold = chain_of("GC", "2026-08", "2026-10", "2026-12")
    days = weekdays(4, dt.date(2026, 7, 20))
    figures = Activity(
        volume={
            "2026-08": dict(zip(days, [90, 90, 40, 40], strict=True)),
            "2026-10": dict.fromkeys(days, 5),
            "2026-12": dict(zip(days, [30, 40, 80, 90], strict=True)),
        }
    )
    rule = VolumeCrossover(sessions=2)
    schedule = gold.schedule(rule, days[0], dt.date(2026, 10, 1), activity=figures)

    assert [str(each.listing) for each in schedule] == ["GCQ6", "GCZ6"]
    assert schedule.rolls[0].day == dt.date(2026, 7, 24)


def test_a_stray_figure_months_ahead_does_not_count():
    early = dt.date(2026, 3, 2)
    figures = Activity(
        volume={
            ContractMonth(2026, 6): {early: 1, JUNE_1: 9},
            ContractMonth(2026, 9): {early: 2, JUNE_1: 1},
        }
    )

    assert left(VolumeCrossover(sessions=1), figures) == "03-03"
    assert left(VolumeCrossover(sessions=1, within=30), figures) is None


def test_with_a_latest_day_the_volume_may_stay_away():
    rule = Earliest(VolumeCrossover(), BeforeLastTrade(1))

    assert left(rule, activity(M=[9, 9], U=[1, 1])) == "06-17"


def test_open_interest_crosses_in_one_session():
    interest = {"2026-06": {JUNE_1: 100}, "2026-09": {JUNE_1: 101}}

    assert left(OpenInterestCrossover(), Activity(open_interest=interest)) == "06-02"
    with pytest.raises(ValueError, match="the open interest of each month"):
        left(OpenInterestCrossover(), activity(M=[1], U=[2]))


@pytest.mark.parametrize("rule", [VolumeCrossover, OpenInterestCrossover])
def test_rows_and_windows_are_at_least_one(rule):
    with pytest.raises(ValueError):
        rule(sessions=0)
    with pytest.raises(ValueError):
        rule(within=0)
