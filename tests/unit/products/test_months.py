from __future__ import annotations

import datetime as dt

import pytest

from ibkit.products import ContractMonth, MalformedMonth

DECEMBER = ContractMonth(2026, 12)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12",
        "2026/12",
        "202612",
        "Z26",
        "z26",
        "Z2026",
        "DEC 26",
        "Dec 2026",
        "DEC26",
        "dec-26",
        "December 2026",
        " Z26 ",
        202612,
        DECEMBER,
    ],
)
def test_every_form_that_traders_and_ib_write_names_the_month(text):
    assert ContractMonth.parse(text) == DECEMBER


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("20261218", "a date of eight digits"),
        ("2026-13", "there is no month 13"),
        ("202600", "there is no month 0"),
        ("A26", "no month and year"),
        ("Z", "no month and year"),
        ("Z126", "no month and year"),
        ("", "no month and year"),
        (None, "no month and year"),
        ("Z6", "give `today`"),
    ],
)
def test_what_names_no_month_is_refused_with_what_came_and_what_is_accepted(text, reason):
    with pytest.raises(MalformedMonth) as caught:
        ContractMonth.parse(text)

    assert caught.value.received == text
    assert reason in str(caught.value)
    assert "accepted are 2026-12" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "today", "expected"),
    [
        ("Z6", dt.date(2026, 6, 1), "2026-12"),
        ("M6", dt.date(2026, 6, 30), "2026-06"),
        ("H6", dt.date(2026, 6, 1), "2026-03"),  # expired three months ago
        ("H4", dt.date(2026, 3, 1), "2024-03"),  # IB still serves it
        ("G4", dt.date(2026, 3, 1), "2034-02"),  # it no longer does
        ("F5", dt.date(2026, 12, 31), "2025-01"),
        ("X4", dt.date(2026, 12, 31), "2034-11"),
    ],
)
def test_a_one_digit_year_is_read_in_the_window_that_begins_two_years_ago(text, today, expected):
    assert str(ContractMonth.parse(text, today=today)) == expected


@pytest.mark.parametrize(
    ("text", "today", "expected"),
    [
        ("Z9", dt.date(2029, 12, 31), "2029-12"),
        ("H0", dt.date(2029, 12, 31), "2030-03"),
        ("Z9", dt.date(2030, 1, 2), "2029-12"),
        ("H0", dt.date(2030, 1, 2), "2030-03"),
        ("F0", dt.date(2029, 12, 18), "2030-01"),
    ],
)
def test_the_turn_of_a_decade_moves_no_month(text, today, expected):
    assert str(ContractMonth.parse(text, today=today)) == expected


def test_months_are_ordered_by_time():
    assert ContractMonth(2025, 12) < ContractMonth(2026, 1) < ContractMonth(2026, 2)


@pytest.mark.parametrize(
    ("months", "expected"),
    [(0, "2026-12"), (1, "2027-01"), (-12, "2025-12"), (13, "2028-01"), (-11, "2026-01")],
)
def test_counting_months_crosses_years(months, expected):
    assert str(DECEMBER.plus(months)) == expected


def test_a_month_knows_its_names():
    january = ContractMonth(2009, 1)

    assert (january.letter, january.code, january.yyyymm) == ("F", "F09", "200901")
    assert january.first_day == dt.date(2009, 1, 1)
    assert ContractMonth.of(dt.date(2009, 1, 31)) == january
