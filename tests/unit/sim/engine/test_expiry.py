from __future__ import annotations

import datetime as dt

import pytest

from brokerage import AAPL, ES, NOW, RegularHours, terms_of
from ibkit.sim._engine import OrderKey
from ibkit.sim._engine._calendar import Calendar
from ibkit.sim._engine._expiry import expires, opening, quarter_end
from ibkit.sim._engine._order import Order


def order(instrument, **terms: object) -> Order:
    return Order(OrderKey(1, 1), instrument, "X", "", terms_of(**terms), 1)


@pytest.mark.parametrize(
    ("placed", "end"),
    [
        ((2026, 1, 1), (2026, 7, 1)),
        ((2026, 5, 31), (2026, 10, 1)),
        ((2026, 9, 30), (2027, 1, 1)),
        ((2026, 12, 31), (2027, 4, 1)),
    ],
)
def test_the_quarter_after_the_present_one(placed, end):
    moment = dt.datetime(*placed, 12, tzinfo=dt.timezone.utc)

    assert quarter_end(moment).astimezone(dt.timezone.utc).date() == dt.date(*end)


def test_the_quarter_is_new_yorks():
    new_years_eve = dt.datetime(2026, 1, 1, 4, tzinfo=dt.timezone.utc)  # still December there

    assert quarter_end(new_years_eve) == dt.datetime(2026, 4, 1, 4, tzinfo=dt.timezone.utc)


def test_a_future_works_through_the_trading_day():
    assert expires(order(ES, tif="DAY"), Calendar(RegularHours()), NOW) == NOW.replace(
        day=3, hour=1
    )


def test_an_order_that_starts_later_ends_on_its_own_day():
    tomorrow = NOW + dt.timedelta(days=1)

    assert expires(
        order(AAPL, tif="DAY", good_after=tomorrow), Calendar(RegularHours()), NOW
    ) == tomorrow.replace(hour=21)


def test_an_opening_order_ends_with_the_day_that_it_opens():
    end = expires(order(AAPL, tif="OPG"), Calendar(RegularHours()), NOW)

    assert end == NOW.replace(day=3, hour=21)


def test_the_next_opening_skips_the_weekend():
    friday = NOW.replace(day=6)

    assert opening(order(AAPL), Calendar(RegularHours()), friday) == NOW.replace(
        day=9, hour=14, minute=30
    )
