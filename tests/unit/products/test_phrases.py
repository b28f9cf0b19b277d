from __future__ import annotations

import pytest

from ibkit.products import PRODUCTS
from ibkit.products._expiry import NO_NOTICE
from ibkit.products._phrases import _WHOLE, rule_of
from ibkit.products._rules import (
    Before,
    CalendarDaysBefore,
    DayOfMonth,
    InCalendar,
    NthBusinessDay,
    NthWeekday,
    OnOrAfter,
    OnOrBefore,
)

USED = {p.last_trade_rule for p in PRODUCTS} | {p.first_notice_rule for p in PRODUCTS}


@pytest.mark.parametrize("phrase", sorted(USED - {"", NO_NOTICE}))
def test_every_phrase_of_the_table_is_understood(phrase):
    assert rule_of(phrase) is not None


def test_no_rule_is_kept_for_a_phrase_that_nobody_uses():
    spelled = {phrase.replace("last London business", "last business") for phrase in USED}

    assert set(_WHOLE) <= spelled


@pytest.mark.parametrize(
    ("phrase", "rule"),
    [
        ("3rd Friday", OnOrBefore(NthWeekday(3, 4))),
        ("last Friday of month", OnOrBefore(NthWeekday(-1, 4))),
        ("first Monday of the delivery month", OnOrBefore(NthWeekday(1, 0))),
        ("last business day of month", NthBusinessDay(-1)),
        ("17th last business day of month", NthBusinessDay(-17)),
        ("first business day of the delivery month", NthBusinessDay(1)),
        ("10th business day of month", NthBusinessDay(10)),
        ("3rd last business day of the prior month", NthBusinessDay(-3, months=-1)),
        ("the 15th", OnOrBefore(DayOfMonth(15))),
        ("15th of month (or the next business day)", OnOrAfter(DayOfMonth(15))),
        ("business day before the 15th", Before(1, DayOfMonth(15))),
        ("3 business days before the first day of the delivery month", Before(3, DayOfMonth(1))),
        (
            "3 business days before the 25th of the prior month (or the prior business day)",
            Before(3, OnOrBefore(DayOfMonth(25, months=-1))),
        ),
        (
            "16 calendar days before the first day of the delivery month",
            OnOrBefore(CalendarDaysBefore(16, DayOfMonth(1))),
        ),
        (
            "business day before the 3rd Wednesday of the 3rd month after the named month",
            Before(1, NthWeekday(3, 2, months=3)),
        ),
        (
            "2 US bank business days before the 3rd Wednesday",
            InCalendar("US_BANKS", Before(2, NthWeekday(3, 2))),
        ),
        ("2nd last China business day of month", InCalendar("CHINA", NthBusinessDay(-2))),
    ],
)
def test_a_phrase_stands_for_its_rule(phrase, rule):
    assert rule_of(phrase) == rule


@pytest.mark.parametrize(
    "phrase",
    [
        "",
        "after last trade",
        "3rd Sunday",
        "whenever (or the next business day)",
        "2 business days before whenever",
        "2 TARGET business days before whenever",
        "2 Martian business days before the 3rd Wednesday",
        "3rd Friday of the month after",
    ],
)
def test_another_phrase_is_not_understood_and_not_guessed(phrase):
    assert rule_of(phrase) is None
