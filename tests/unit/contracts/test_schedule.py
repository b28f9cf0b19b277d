import csv
import datetime as dt
import sys
import time
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

import pytest

from ibkit.contracts import (
    PRODUCTS,
    BeforeLastTrade,
    ChainExhausted,
    ContractMonth,
    Listing,
    RollQuestion,
    default_rule,
    product,
    roll_schedule,
)
from ibkit.errors import PlanError
from ibkit.products import RuleUnknown
from rolling import ES

ANSWERS = Path(__file__).parents[2] / "answers"


def answers(name):
    with (ANSWERS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# --- answer tables -------------------------------------------------------------


@pytest.mark.parametrize(
    "row", answers("roll_known"), ids=lambda row: f"{row['root']}-{row['month']}"
)
def test_roll_days_are_those_that_were_counted_by_hand(row):
    """From the published date, back over the business days of the convention."""
    listing = Listing.by_rule(product(row["root"]), ContractMonth.parse(row["month"]))
    dates = {"last trade": listing.last_trade, "first notice": listing.first_notice}
    found = default_rule(listing.product).roll_day(RollQuestion(listing=listing))

    assert str(dates[row["what"]]) == row["published"]
    assert str(found) == row["roll_day"]


TABLE = [
    pytest.param(root, list(rows), id=root)
    for root, rows in groupby(answers("roll_schedules"), key=itemgetter("root"))
]


@pytest.mark.parametrize(("root", "rows"), TABLE)
def test_schedules_are_those_of_the_reviewed_table(root, rows):
    found = [
        {
            "root": root,
            "month": str(each.listing.month),
            "front_from": str(each.start),
            "front_to": str(each.end),
            "last_trade": str(each.listing.last_trade),
            "first_notice": str(each.listing.first_notice or ""),
        }
        for each in roll_schedule(product(root), dt.date(2017, 1, 1), dt.date(2026, 12, 31))
    ]

    assert found == rows


def test_the_tables_are_wide_enough_to_fail():
    assert len(answers("roll_known")) >= 40
    assert [one.id for one in TABLE] == ["ES", "CL", "GC", "ZN", "6E", "VX", "ZC", "FDAX"]
    assert sum(len(rows) for _, rows in (one.values for one in TABLE)) == 518


# --- named cases ------------------------------------------------------------------


def test_the_holiday_that_moves_the_expiry_moves_the_roll():
    """The third Friday of June 2026 is Juneteenth: ES ends on Thursday and rolls on Thursday."""
    june = roll_schedule(product("ES"), dt.date(2026, 6, 1), dt.date(2026, 6, 30)).rolls

    assert [(str(roll.day), str(roll.from_), str(roll.to)) for roll in june] == [
        ("2026-06-11", "ESM6", "ESU6")
    ]


def test_a_contract_that_ends_before_its_month_is_front_before_it():
    gas = roll_schedule(product("NG"), dt.date(2026, 1, 1), dt.date(2026, 2, 1))

    assert [str(each) for each in gas] == [
        "NGG6: 2026-01-01 to 2026-01-20",
        "NGH6: 2026-01-21 to 2026-02-01",
    ]


def test_the_turn_of_the_decade():
    turn = roll_schedule(product("ES"), dt.date(2029, 12, 1), dt.date(2030, 4, 1))

    assert [str(each.listing) for each in turn] == ["ESZ9", "ESH0", "ESM0"]
    assert turn.at(dt.date(2030, 1, 1)).month == ContractMonth(2030, 3)


def test_the_front_of_a_day_is_found_by_its_period():
    schedule = ES.schedule(None, dt.date(2026, 6, 1), dt.date(2026, 9, 30))

    assert str(schedule.at(dt.date(2026, 6, 10))) == "ESM6"
    assert str(schedule.at(dt.date(2026, 6, 11))) == "ESU6"
    assert (schedule.start, schedule.end) == (dt.date(2026, 6, 1), dt.date(2026, 9, 30))
    with pytest.raises(PlanError, match="2026-06-01 to 2026-09-30"):
        schedule.at(dt.date(2026, 10, 1))


def test_a_chain_that_ends_is_not_stretched():
    with pytest.raises(ChainExhausted, match="to be the front on 2027-03-12"):
        ES.schedule(BeforeLastTrade(5), dt.date(2026, 6, 1), dt.date(2027, 4, 1))


@pytest.mark.parametrize("make", [ES.schedule, lambda _, *days: roll_schedule(ES.product, *days)])
def test_an_end_before_the_start_is_refused(make):
    with pytest.raises(PlanError, match="end: got"):
        make(None, dt.date(2026, 7, 1), dt.date(2026, 6, 1))


def test_a_product_whose_dates_nobody_knows_has_no_schedule():
    with pytest.raises(RuleUnknown):
        roll_schedule(product("DC"), dt.date(2026, 1, 1), dt.date(2026, 2, 1))


def test_one_day_is_a_schedule():
    (only,) = roll_schedule(product("ES"), dt.date(2026, 6, 11), dt.date(2026, 6, 11))

    assert str(only) == "ESU6: 2026-06-11 to 2026-06-11"


def test_a_schedule_shows_itself():
    schedule = ES.schedule(None, dt.date(2026, 6, 1), dt.date(2026, 6, 30))

    assert str(schedule).splitlines() == [
        "ES by BeforeLastTrade(days=5)",
        "front  month    from        to",
        "ESM6   2026-06  2026-06-01  2026-06-10",
        "ESU6   2026-09  2026-06-11  2026-06-30",
    ]
    assert repr(schedule) == "<RollSchedule ES: 2 periods, 2026-06-01 to 2026-06-30>"
    assert "<caption>ES by BeforeLastTrade(days=5)</caption>" in schedule._repr_html_()
    assert schedule[-1] == schedule[1:][0]


@pytest.mark.parametrize("what", [each for each in PRODUCTS if each.last_trade_rule],
                         ids=lambda each: each.root)  # fmt: skip
def test_every_product_has_a_schedule_without_gap_or_overlap(what):
    start, end = dt.date(2024, 1, 1), dt.date(2027, 12, 31)
    schedule = roll_schedule(what, start, end)

    assert (schedule.start, schedule.end) == (start, end)
    for before, after in pairwise(schedule):
        assert after.start == before.end + dt.timedelta(days=1)
        assert before.end <= before.listing.last_trade < after.listing.last_trade


def test_twenty_years_of_a_monthly_product_take_milliseconds():
    span = dt.date(2015, 1, 1), dt.date(2034, 12, 31)
    roll_schedule(product("CL"), *span)  # the tables of holidays are made once
    best = min(_seconds(lambda: roll_schedule(product("CL"), *span)) for _ in range(5))

    assert best < (0.5 if sys.gettrace() else 0.020), "coverage traces every line"


def _seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
