import datetime as dt
from decimal import Decimal

import pytest

from ibkit.streams._tick_feed import TickFeed
from ibkit.streams._values import BidAskTick, MidTick, TradeTick

AT = dt.datetime(2026, 11, 20, 14, 30, 5, 123, tzinfo=dt.timezone.utc)
TIME = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)
SECOND = "1795185000"


@pytest.fixture
def feed():
    feed = TickFeed(7)
    feed.live = True
    return feed


def test_a_trade_keeps_the_time_of_the_exchange(feed):
    feed.trade(["99", "1", "1", SECOND, "5000.25", "3", "2", "CME", "TI"], AT)

    assert feed.latest == TradeTick(
        7, TIME, AT, Decimal("5000.25"), Decimal(3), "CME", "TI", past_limit=False, unreported=True
    )


def test_bid_and_ask(feed):
    feed.bid_ask(["99", "1", "3", SECOND, "5000", "5000.25", "3", "4", "1"], AT)

    assert feed.latest == BidAskTick(
        7, TIME, AT, 5000, Decimal("5000.25"), 3, 4, bid_past_low=True, ask_past_high=False
    )


@pytest.mark.parametrize("price", ["-1", "0"])
def test_a_side_without_price_and_size_is_not_there(feed, price):
    feed.bid_ask(["99", "1", "3", SECOND, price, "5000.25", "0", "4", "0"], AT)

    assert (feed.latest.bid, feed.latest.bid_size, feed.latest.ask) == (
        None,
        None,
        Decimal("5000.25"),
    )


def test_a_negative_bid_with_a_size_is_a_bid(feed):
    feed.bid_ask(["99", "1", "3", SECOND, "-1", "0", "5", "4", "0"], AT)

    assert (feed.latest.bid, feed.latest.ask) == (-1, 0)


def test_midpoint(feed):
    feed.midpoint(["99", "1", "4", SECOND, "5000.125"], AT)

    assert feed.latest == MidTick(7, TIME, AT, Decimal("5000.125"))


def test_each_tick_of_a_second_has_its_time(feed):
    seen = []
    feed.puts = [seen.append]
    for second in (SECOND, SECOND, "1795185001"):
        feed.midpoint(["99", "1", "4", second, "5000"], AT)

    assert [tick.time.second for tick in seen] == [0, 0, 1]


@pytest.mark.parametrize(
    ("read", "fields"),
    [
        ("trade", ["99", "1", "1", SECOND, "", "3", "0", "", ""]),
        ("trade", ["99", "1", "1", "", "5000", "3", "0", "", ""]),
        ("bid_ask", ["99", "1", "3", "x", "1", "1", "1", "1", "0"]),
        ("midpoint", ["99", "1", "4", SECOND, "nan"]),
    ],
)
def test_what_cannot_be_read_is_counted(feed, read, fields):
    getattr(feed, read)(fields, AT)

    assert (feed.latest, feed.faults) == (None, 1)


@pytest.mark.parametrize("read", ["trade", "bid_ask", "midpoint"])
def test_nothing_is_delivered_while_the_line_is_not_live(feed, read):
    feed.live = False
    getattr(feed, read)([], AT)

    assert (feed.latest, feed.missed) == (None, 1)


@pytest.mark.parametrize("price", ["-1", "0"])
def test_an_ask_without_price_and_size_is_not_there(feed, price):
    feed.bid_ask(["99", "1", "3", SECOND, "5000", price, "3", "0", "0"], AT)

    assert (feed.latest.bid, feed.latest.ask, feed.latest.ask_size) == (5000, None, None)
