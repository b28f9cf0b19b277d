import datetime as dt

import pytest

from ibkit.contracts import (
    PRODUCTS,
    BeforeFirstNotice,
    BeforeLastTrade,
    ContractMonth,
    DayOfMonth,
    Earliest,
    Listing,
    RollQuestion,
    VolumeCrossover,
    Weekdays,
    default_rule,
    product,
)
from ibkit.contracts._roll_rules import leave_day, rule_for
from ibkit.errors import PlanError
from ibkit.products import MONTH_CODES, RuleUnknown, roll_date
from rolling import ESM, listing_of


def day(rule, root, month, **more):
    return str(rule.roll_day(RollQuestion(listing=listing_of(root, month), **more)))


@pytest.mark.parametrize(
    ("days", "expected"), [(0, "2026-06-18"), (1, "2026-06-17"), (5, "2026-06-11")]
)
def test_business_days_before_the_last_trade(days, expected):
    assert day(BeforeLastTrade(days), "ES", "2026-06") == expected


def test_a_holiday_between_is_not_counted():
    """Juneteenth 2024 is the Wednesday before the third Friday."""
    assert day(BeforeLastTrade(5), "ES", "2024-06") == "2024-06-13"
    assert day(BeforeLastTrade(5), "ES", "2024-06", calendar=Weekdays()) == "2024-06-14"


def test_business_days_before_first_notice():
    assert day(BeforeFirstNotice(2), "GC", "2026-06") == "2026-05-27"


def test_without_a_notice_the_last_trade_counts():
    assert day(BeforeFirstNotice(2), "ES", "2026-06") == "2026-06-16"
    assert day(BeforeFirstNotice(2), "CL", "2026-02") == "2026-01-15"


def test_a_notice_that_nobody_knows_is_not_taken_for_none():
    gas = Listing.by_rule(product("TF"), ContractMonth(2026, 6))
    with pytest.raises(RuleUnknown, match="use BeforeLastTrade"):
        BeforeFirstNotice().roll_day(RollQuestion(listing=gas))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (DayOfMonth(10), "2026-03-10"),
        (DayOfMonth(15, months=-1), "2026-02-13"),  # the 15th is a Sunday
        (DayOfMonth(31, months=-1), "2026-02-27"),
        (DayOfMonth(5, months=-1, business=True), "2026-02-06"),
        (DayOfMonth(-2, months=-1, business=True), "2026-02-26"),
        (DayOfMonth(-1), "2026-03-31"),
    ],
)
def test_a_day_of_the_month(rule, expected):
    assert day(rule, "CL", "2026-03") == expected


@pytest.mark.parametrize("number", [0, 32, -24])
def test_a_day_that_no_month_has_is_refused(number):
    with pytest.raises(PlanError, match="1 to 31"):
        DayOfMonth(number)


def test_days_are_not_negative():
    with pytest.raises(ValueError):
        BeforeLastTrade(-1)


def test_the_earliest_of_several():
    rule = Earliest(BeforeLastTrade(5), BeforeFirstNotice(2))

    assert day(rule, "GC", "2026-06") == "2026-05-27"
    assert rule == Earliest(BeforeLastTrade(5), BeforeFirstNotice(2))


def test_a_rule_that_cannot_say_yet_does_not_decide():
    class Silent:
        def roll_day(self, question):
            return None

    assert day(Earliest(Silent(), BeforeLastTrade(1)), "ES", "2026-06") == "2026-06-17"
    assert Earliest(Silent()).roll_day(RollQuestion(listing=ESM)) is None
    assert leave_day(Silent(), RollQuestion(listing=ESM)) == dt.date(2026, 6, 19)


def test_no_rule_outlives_the_contract():
    assert leave_day(DayOfMonth(31), RollQuestion(listing=ESM)) == dt.date(2026, 6, 19)


def test_no_rules_are_no_rule():
    with pytest.raises(PlanError, match="at least one rule"):
        Earliest()


def test_a_crossover_needs_figures():
    with pytest.raises(PlanError, match=r"the volume of each month and day, as Activity\(volume="):
        VolumeCrossover().roll_day(RollQuestion(listing=ESM))


def dated(products):
    return [each for each in products if each.last_trade_rule]


@pytest.mark.parametrize("what", dated(PRODUCTS), ids=lambda each: each.root)
def test_the_default_of_every_product_is_the_convention_of_the_table(what):
    for code in what.active_months or what.listed_months:
        month = ContractMonth(2026, MONTH_CODES.index(code) + 1)
        listing = Listing.by_rule(what, month)
        if "first notice" in listing.unknown and what.roll.before == "first notice":
            continue

        assert leave_day(default_rule(what), RollQuestion(listing=listing)) == roll_date(
            what, month
        )


@pytest.mark.parametrize("what", dated(PRODUCTS), ids=lambda each: each.root)
def test_the_default_of_every_product_leaves_before_ib_closes_the_position(what):
    for year in (2025, 2026):
        for code in what.active_months or what.listed_months:
            month = ContractMonth(year, MONTH_CODES.index(code) + 1)
            listing = Listing.by_rule(what, month)
            left = leave_day(default_rule(what), RollQuestion(listing=listing))

            assert left <= listing.deadline(is_long=True)
            assert left <= listing.deadline(is_long=False)


@pytest.mark.parametrize("rule", [5, "volume", BeforeLastTrade, default_rule])
def test_what_is_no_rule_is_refused(rule):
    for use in (lambda: rule_for(product("ES"), rule), lambda: Earliest(rule)):
        with pytest.raises(PlanError, match="BeforeLastTrade"):
            use()


@pytest.mark.parametrize(
    "build",
    [
        lambda: BeforeLastTrade("5"),
        lambda: BeforeFirstNotice(-1),
        lambda: DayOfMonth("10"),
        lambda: VolumeCrossover(0),
        lambda: VolumeCrossover(within="5"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(build):
    with pytest.raises(PlanError):
        build()
