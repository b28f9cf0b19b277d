"""What holds for every product of the table and any month."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, strategies as st

from ibkit.products import (
    PRODUCTS,
    ContractMonth,
    HolidayCalendar,
    add_business_days,
    business_days,
    first_notice,
    last_trade,
    local_symbol,
    parse_local_symbol,
    product_calendar,
)

dated = st.sampled_from([each for each in PRODUCTS if each.last_trade_rule])
months = st.builds(ContractMonth, st.integers(2015, 2039), st.integers(1, 12))
days = st.dates(dt.date(2016, 1, 1), dt.date(2038, 12, 31))
calendars = st.sampled_from(["US", "EUREX", "LONDON", "JAPAN", "CHINA"]).map(HolidayCalendar)


@given(months, st.sampled_from(["{0.yyyymm}", "{0}", "{0.code}", "{0.letter}{0.year}"]))
def test_a_month_is_read_back_from_any_form_it_is_written_in(month, form):
    assert ContractMonth.parse(form.format(month)) == month


@given(days, st.integers(-24, 95))
def test_a_one_digit_year_is_read_back_from_two_years_past_to_eight_ahead(today, ahead):
    month = ContractMonth.of(today).plus(ahead)

    assert ContractMonth.parse(f"{month.letter}{month.year % 10}", today=today) == month


@given(dated, days, st.integers(0, 60))
def test_a_local_symbol_is_read_back_as_its_product_and_month(product, today, ahead):
    month = ContractMonth.of(today).plus(ahead)
    found = parse_local_symbol(local_symbol(product, month), today)

    assert (found.product, found.month) == (product, month)


@given(dated, months)
def test_trading_ends_on_a_weekday_and_never_runs_backwards(product, month):
    this, following = last_trade(product, month), last_trade(product, month.plus(1))

    assert this.weekday() < 5
    assert this < following


@given(st.sampled_from(["ES", "GC", "CL", "ZN", "VX", "FGBL", "HSI", "ZC"]), months)
def test_trading_ends_on_a_business_day_of_the_exchange(root, month):
    product = PRODUCTS[root]

    assert product_calendar(product).is_business_day(last_trade(product, month))


@given(dated, months)
def test_notice_comes_before_the_last_trade(product, month):
    if product.is_physical and product.first_notice_rule:
        notice = first_notice(product, month)

        assert notice is None or notice <= last_trade(product, month)


@given(days, st.integers(1, 30), calendars)
def test_counting_business_days_is_the_same_as_listing_them(day, count, calendar):
    later = add_business_days(day, count, calendar)
    between = list(business_days(day + dt.timedelta(days=1), later, calendar))

    assert len(between) == count
    assert between[-1] == later
    if calendar.is_business_day(day):
        assert add_business_days(later, -count, calendar) == day
