from __future__ import annotations

import csv
import datetime as dt
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import attrs
import pytest

from ibkit.products import (
    PRODUCTS,
    Clock,
    CloseOut,
    ContractMonth,
    HolidayCalendar,
    MalformedMonth,
    RuleUnknown,
    UnknownProduct,
    Weekdays,
    close_out,
    first_notice,
    last_trade,
    last_trade_at,
    last_trade_clock,
    product,
    product_calendar,
    roll_date,
)

ANSWERS = Path(__file__).parents[2] / "answers"


def answers(name: str) -> list[dict[str, str]]:
    with (ANSWERS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def by_root(rows: list[dict[str, str]]) -> list:
    return [
        pytest.param(root, list(group), id=root)
        for root, group in groupby(rows, key=itemgetter("root"))
    ]


def date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def month(text: str) -> ContractMonth:
    return ContractMonth.parse(text)


# --- answer tables -------------------------------------------------------------


@pytest.mark.parametrize(
    "row", answers("published_expiries"), ids=lambda row: f"{row['root']}-{row['month']}"
)
def test_last_trades_are_those_that_were_published(row):
    assert last_trade(product(row["root"]), month(row["month"])) == date(row["last_trade"])


@pytest.mark.parametrize(("root", "rows"), by_root(answers("last_trade")))
def test_last_trades_are_those_of_the_reviewed_table(root, rows):
    found = {row["month"]: str(last_trade(product(root), month(row["month"]))) for row in rows}

    assert found == {row["month"]: row["last_trade"] for row in rows}


@pytest.mark.parametrize(("root", "rows"), by_root(answers("first_notice")))
def test_first_notices_are_those_of_the_reviewed_table(root, rows):
    found = {row["month"]: str(first_notice(product(root), month(row["month"]))) for row in rows}

    assert found == {row["month"]: row["first_notice"] for row in rows}


def test_the_tables_are_wide_enough_to_fail():
    assert len(answers("published_expiries")) >= 80
    assert len({row["root"] for row in answers("last_trade")}) >= 25
    assert {row["month"][:4] for row in answers("last_trade")} == {
        str(y) for y in range(2015, 2031)
    }


# --- named cases ----------------------------------------------------------------


@pytest.mark.parametrize("root", ["ES", "MES", "NQ", "RTY", "YM"])
def test_june_2026_ends_on_thursday_because_juneteenth_is_the_third_friday(root):
    assert last_trade(product(root), ContractMonth(2026, 6)) == date("2026-06-18")


@pytest.mark.parametrize("root", ["FDAX", "FESX"])
def test_juneteenth_moves_nothing_in_frankfurt(root):
    assert last_trade(product(root), ContractMonth(2026, 6)) == date("2026-06-19")


@pytest.mark.parametrize(
    ("root", "named", "expected"),
    [
        ("CL", "2026-02", "2026-01-20"),
        ("CL", "2026-01", "2025-12-19"),
        ("NG", "2026-01", "2025-12-29"),
        ("BZ", "2026-02", "2025-12-30"),
        ("SB", "2026-03", "2026-02-27"),
        ("HO", "2026-01", "2025-12-31"),
        ("QO", "2026-02", "2026-01-28"),
    ],
)
def test_some_contracts_end_before_the_month_they_are_named_after(root, named, expected):
    found = last_trade(product(root), month(named))

    assert found == date(expected)
    assert ContractMonth.of(found) < month(named)


def test_the_three_month_rates_end_a_quarter_after_their_name():
    assert last_trade(product("SR3"), ContractMonth(2025, 12)) == date("2026-03-17")


def test_the_small_crude_contracts_end_a_day_before_the_large_one():
    large = last_trade(product("CL"), ContractMonth(2026, 8))

    for root in ("QM", "MCL", "T"):
        assert last_trade(product(root), ContractMonth(2026, 8)) == date("2026-07-20")
    assert large == date("2026-07-21")


def test_a_special_quotation_day_before_a_holiday_moves_osaka_by_two_days():
    # 11 February 2022, the second Friday, was a holiday: quotation on the 10th, trading to the 9th
    assert last_trade(product("225M"), ContractMonth(2022, 2)) == date("2022-02-09")


# --- what is not known ------------------------------------------------------------


def test_products_without_a_rule_say_so():
    unknown = {each.root for each in PRODUCTS if not each.last_trade_rule}

    assert unknown == {"UC", "IU", "KU", "DC"}
    for root in unknown:
        with pytest.raises(RuleUnknown, match="the table has no rule") as caught:
            last_trade(product(root), ContractMonth(2026, 12))
        assert (caught.value.product, caught.value.what) == (root, "last trade")


def test_a_rule_that_is_not_understood_is_named():
    odd = attrs.evolve(product("ES"), last_trade_rule="when the cows come home")

    with pytest.raises(RuleUnknown, match="'when the cows come home' is not understood"):
        last_trade(odd, ContractMonth(2026, 12))


def test_a_physical_product_without_a_notice_rule_says_so():
    unknown = {each.root for each in PRODUCTS if each.is_physical and not each.first_notice_rule}

    assert unknown == {"LBR", "TF"}
    with pytest.raises(RuleUnknown, match="first notice"):
        first_notice(product("LBR"), ContractMonth(2026, 11))
    with pytest.raises(RuleUnknown, match="first notice"):
        close_out(product("LBR"), ContractMonth(2026, 11))


# --- notices, close-out, roll -------------------------------------------------------


@pytest.mark.parametrize(
    ("root", "named", "expected"),
    [
        ("GC", "2026-06", "2026-05-29"),
        ("ZN", "2026-06", "2026-05-29"),
        ("ZC", "2026-12", "2026-11-30"),
        ("LE", "2026-06", "2026-06-01"),
        ("KC", "2026-03", "2026-02-19"),
        ("CC", "2026-03", "2026-02-13"),
        ("CT", "2026-03", "2026-02-23"),
        ("OJ", "2026-03", "2026-03-02"),
        ("ES", "2026-06", None),
        ("CL", "2026-06", None),
        ("FGBL", "2026-06", None),
    ],
)
def test_first_notice_is_a_day_or_none_while_the_contract_trades(root, named, expected):
    found = first_notice(product(root), month(named))

    assert found == (date(expected) if expected else None)


@pytest.mark.parametrize(
    ("root", "named", "long", "short"),
    [
        ("GC", "2026-06", "2026-05-27", "2026-06-24"),  # two before 29 May and 26 June
        ("ZN", "2026-06", "2026-05-28", "2026-06-17"),  # one before 29 May and 18 June
        ("ZT", "2026-06", "2026-05-26", "2026-06-26"),  # two before the position day, 28 May
        ("CL", "2026-08", "2026-07-17", "2026-07-17"),  # notices follow the last trade, 21 July
        ("OJ", "2026-03", "2026-02-26", "2026-03-09"),
        ("KC", "2026-03", "2026-02-17", "2026-03-17"),
    ],
)
def test_ibs_close_out_comes_before_notice_for_longs_and_last_trade_for_shorts(
    root, named, long, short
):
    assert close_out(product(root), month(named)) == CloseOut(date(long), date(short))


def test_a_cash_settled_contract_is_not_closed_out():
    assert close_out(product("ES"), ContractMonth(2026, 6)) is None


def test_nobody_is_advised_to_roll_after_ibs_close_out():
    for each in PRODUCTS:
        if not (each.is_physical and each.last_trade_rule and each.first_notice_rule):
            continue
        for named in (ContractMonth(2026, n) for n in range(1, 13)):
            if named.letter in each.listed_months:
                closed = close_out(each, named)
                assert closed is not None
                assert roll_date(each, named) <= closed.long, (each.root, str(named))
                assert closed.long <= closed.short


def test_the_roll_counts_from_last_trade_or_from_notice():
    assert roll_date(product("ES"), ContractMonth(2026, 6)) == date("2026-06-11")
    assert roll_date(product("GC"), ContractMonth(2026, 6)) == date("2026-05-26")


def test_a_roll_before_a_notice_that_never_comes_counts_from_last_trade():
    odd = attrs.evolve(product("CL"), roll="notice:3")

    assert roll_date(odd, ContractMonth(2026, 8)) == date("2026-07-16")


# --- calendars -----------------------------------------------------------------------


def test_the_calendar_is_the_exchanges_own_or_plain_weekdays():
    elsewhere = attrs.evolve(product("ES"), exchange="MOON")

    assert product_calendar(product("HSI")) == HolidayCalendar("HONG_KONG")
    assert product_calendar(elsewhere) == Weekdays()
    assert last_trade(elsewhere, ContractMonth(2026, 6)) == date("2026-06-19")


def test_another_calendar_can_be_given_but_a_rule_keeps_the_one_it_names():
    assert last_trade(product("ES"), ContractMonth(2026, 6), Weekdays()) == date("2026-06-19")
    assert first_notice(product("ZC"), ContractMonth(2024, 4), Weekdays()) == date("2024-03-29")
    assert last_trade(product("BZ"), ContractMonth(2020, 10), Weekdays()) == date("2020-08-28")
    assert roll_date(product("ES"), ContractMonth(2026, 6), Weekdays()) == date("2026-06-12")
    assert close_out(product("ZC"), ContractMonth(2026, 12), Weekdays()) == CloseOut(
        date("2026-11-26"), date("2026-12-10")
    )


# --- time of day -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("root", "named", "moment"),
    [
        ("ES", "2026-06", "2026-06-18T08:30:00-05:00"),
        ("ES", "2026-12", "2026-12-18T08:30:00-06:00"),
        ("BTC", "2026-06", "2026-06-26T16:00:00+01:00"),
        ("FDAX", "2026-12", "2026-12-18T13:00:00+01:00"),
        ("NKD", "2026-03", "2026-03-12T17:00:00-04:00"),
    ],
)
def test_the_moment_of_the_last_trade_has_its_zone(root, named, moment):
    found = last_trade_at(product(root), month(named))

    assert found is not None
    assert found.isoformat() == moment


def test_a_time_that_is_not_known_is_none():
    assert last_trade_clock(product("ZC")) is None
    assert last_trade_at(product("ZC"), ContractMonth(2026, 12)) is None
    assert last_trade_clock(product("VX")) == Clock(dt.time(8), "America/Chicago")


@pytest.mark.parametrize("ask", [last_trade, roll_date, last_trade_at, first_notice, close_out])
def test_a_product_and_a_month_may_be_named(ask):
    assert ask("gc", "2026-06") == ask(product("GC"), ContractMonth(2026, 6))


@pytest.mark.parametrize("ask", [last_trade, roll_date, last_trade_at, first_notice, close_out])
@pytest.mark.parametrize(
    "month", [None, 5, "soon", "Z6", ContractMonth(2026, 13), ContractMonth(26, 6)]
)
def test_what_is_no_month_is_refused_for_cash_and_delivery_alike(ask, month):
    for name in ("ES", "GC"):
        with pytest.raises(MalformedMonth):
            ask(name, month)


def test_what_is_no_product_is_refused():
    for name in (None, 5, "NOTHING"):
        with pytest.raises(UnknownProduct):
            last_trade(name, "2026-06")
