import datetime as dt
from decimal import Decimal

import pytest

from ibkit.streams._kinds import DataType
from ibkit.streams._quote import Quote

AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


def quote(**fields):
    numbers = {
        name: Decimal(value) if isinstance(value, (int, str)) else value
        for name, value in fields.items()
    }
    return Quote(1, AT, **numbers)


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        ({"bid": 10, "ask": 12, "last": 11}, 11),
        ({"bid": 10, "ask": 12, "last": 13}, 11),  # a last trade outside of the market is old
        ({"bid": 10, "ask": 12}, 11),
        ({"bid": 10, "last": 9}, 9),
        ({"last": 9}, 9),
        ({"bid": 10}, None),
        ({"close": 10}, None),
        ({"bid": -2, "ask": 0, "last": -1}, -1),  # spreads trade at any price
    ],
)
def test_the_market_price(fields, price):
    assert quote(**fields).market_price == price


def test_middle_and_spread_need_both_sides():
    assert (quote(bid=10, ask="10.5").mid, quote(bid=10, ask="10.5").spread) == (
        Decimal("10.25"),
        Decimal("0.5"),
    )
    assert (quote(bid=10).mid, quote(ask=10).spread) == (None, None)


def test_a_quote_of_delayed_data_says_so():
    delayed = quote(bid=10, data_type=DataType.DELAYED)

    assert delayed.is_delayed
    assert repr(delayed) == "Quote(bid 10 x -, ask - x -, last - x -, delayed at 14:30:00Z)"


def test_a_quote_is_not_called_live_before_tws_says_so():
    assert quote().data_type is None
    assert not quote().is_delayed


def test_age():
    assert quote().age(AT + dt.timedelta(seconds=3)) == dt.timedelta(seconds=3)


def test_html_shows_generic_ticks_by_name():
    drawn = quote(bid=10, extra={"shortable_shares": Decimal(7)})._repr_html_()

    assert "<th>shortable_shares</th><td>7</td>" in drawn
    assert "extra" not in drawn
