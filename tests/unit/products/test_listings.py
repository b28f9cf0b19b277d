from __future__ import annotations

import datetime as dt

import attrs
import pytest

from ibkit.products import PRODUCTS, RuleUnknown, Weekdays, last_trade, listed_months, product

TODAY = dt.date(2026, 6, 1)


def codes(root: str, today: dt.date = TODAY, **how: str) -> str:
    return " ".join(month.code for month in listed_months(product(root), today, **how))


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ("ES", "M26 U26 Z26 H27 M27 U27 Z27 H28 M28 Z28 Z29 Z30"),
        ("MES", "M26 U26 Z26 H27 M27"),
        ("YM", "M26 U26 Z26 H27"),
        ("ZN", "M26 U26 Z26"),
        ("FGBL", "M26 U26 Z26"),
        ("BTC", "M26 N26 Q26 U26 V26 X26 Z26"),
        ("MCL", "N26 Q26 U26 V26 X26 Z26 F27 G27 H27 J27 K27 M27 Z27 M28"),
        ("HSI", "M26 N26 U26 Z26"),
        ("LE", "M26 Q26 V26 Z26 G27 J27 M27 Q27"),
        ("QO", "Q26 V26 Z26 G27 J27 M27 Q27 V27 Z27 G28 J28 M28 Q28 V28 Z28 G29 J29 M29"),
    ],
)
def test_the_months_on_the_board(root, expected):
    assert codes(root) == expected


def test_the_active_months_are_those_of_the_listed_that_most_people_hold():
    assert codes("GC").startswith("M26 N26 Q26 U26 V26")
    assert codes("GC", cycle="active").startswith("M26 Q26 V26 Z26 G27")


def test_a_contract_is_listed_through_its_last_day():
    assert codes("ES", dt.date(2026, 6, 18)).startswith("M26")
    assert codes("ES", dt.date(2026, 6, 19)).startswith("U26")


def test_a_contract_that_outlives_its_name_is_still_listed():
    assert codes("SR3", dt.date(2026, 3, 17)).startswith("Z25 F26")
    assert codes("SR3", dt.date(2026, 3, 18)).startswith("F26")


def test_a_contract_that_ends_before_its_name_is_gone_by_then():
    assert codes("CL", dt.date(2026, 1, 21)).startswith("H26")


def test_another_calendar_can_be_given():
    friday = dt.date(2026, 6, 19)

    assert listed_months(product("ES"), friday, calendar=Weekdays())[0].code == "M26"


def test_a_class_of_its_own_has_a_board_too():
    odd = attrs.evolve(product("HE"), root="ODD", asset_class="weather")

    assert len(listed_months(odd, TODAY)) == 8


@pytest.mark.parametrize("each", PRODUCTS, ids=lambda each: each.root)
def test_every_product_with_a_rule_has_a_board_in_order_that_still_trades(each):
    if not each.last_trade_rule:
        with pytest.raises(RuleUnknown):
            listed_months(each, TODAY)
        return
    months = listed_months(each, TODAY)

    assert len(months) >= 3
    assert list(months) == sorted(set(months))
    assert min(last_trade(each, month) for month in months) >= TODAY
    assert set(listed_months(each, TODAY, cycle="active")) <= set(months)


def test_a_product_without_any_month_has_an_empty_board():
    odd = attrs.evolve(product("HE"), listed_months="", active_months="")

    assert listed_months(odd, TODAY) == ()


def test_a_cycle_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="listed, active"):
        listed_months("ES", dt.date(2026, 6, 10), cycle="all")
