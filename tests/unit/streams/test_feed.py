import datetime as dt
from decimal import Decimal

import pytest

from ibkit.streams._feed import EXACT, Feed, decimal, second

AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5000.25", Decimal("5000.25")),
        ("-37.63", Decimal("-37.63")),
        ("1E-7", Decimal("1E-7")),
        ("0", Decimal(0)),
        ("", None),
        ("x", None),
        ("Infinity", None),
        ("-inf", None),
        ("NaN", None),
        ("1.7976931348623157E308", None),
    ],
)
def test_numbers_are_exact_or_not_there(text, number):
    assert decimal(text) == number
    assert EXACT[text] == number


def test_the_cache_of_numbers_is_bounded():
    for number in range(20_000):
        assert EXACT[str(number)] == number

    assert len(EXACT) < 5000


@pytest.mark.parametrize("text", ["", "soon", "1e9", "9" * 30])
def test_a_time_that_is_none(text):
    assert second(text) is None


def test_a_value_goes_to_every_consumer_there_and_then():
    feed = Feed(1)
    first, other = [], []
    feed.puts = [first.append, other.append]
    feed.deliver("a", AT)

    assert (first, other, feed.latest, feed.arrived) == (["a"], ["a"], "a", AT)


def test_messages_that_are_not_admitted_are_counted():
    feed = Feed(1)

    assert not feed.admits(AT)
    assert feed.missed == 1
    feed.on_data = lambda arrived: arrived == AT
    assert feed.admits(AT)
    assert feed.missed == 1


def test_clearing_forgets_the_latest_and_keeps_the_time_of_the_last_arrival():
    feed = Feed(1)
    feed.deliver("a", AT)
    feed.clear()

    assert (feed.latest, feed.arrived) == (None, AT)
