import datetime as dt

import pytest

from ibkit.streams._book_feed import BookFeed

AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


@pytest.fixture
def feed():
    feed = BookFeed(7, 5)
    feed.live = True
    return feed


def depth(feed, position, operation, side, price, size=1):
    feed.depth(["12", "1", "1", *map(str, (position, operation, side, price, size))], AT)


def test_delete_and_insert_at_the_top_keep_the_best_first(feed):
    depth(feed, 0, 0, 1, 100)
    depth(feed, 1, 0, 1, 99)
    depth(feed, 0, 2, 1, 0, 0)
    depth(feed, 0, 0, 1, 101)

    assert [int(row.price) for row in feed.latest.bids] == [101, 99]


def test_rows_of_market_makers(feed):
    feed.depth_by_maker(["13", "1", "1", "0", "ARCA", "0", "0", "101", "2", "1"], AT)

    assert feed.latest.best_ask == (101, 2, "ARCA")


@pytest.mark.parametrize(
    "fields", [(0, 0, 2, 100, 1), (0, 0, 1, "x", 1), (9, 1, 1, 100, 1), (0, 2, 1, 0, 0)]
)
def test_what_does_not_fit_is_counted_and_is_no_book(feed, fields):
    depth(feed, *fields)

    assert (feed.latest, feed.faults) == (None, 1)


def test_clearing_empties_the_book(feed):
    depth(feed, 0, 0, 1, 100)
    feed.clear()
    assert feed.latest is None
    depth(feed, 0, 0, 0, 101)

    assert (feed.latest.bids, len(feed.latest.asks)) == ((), 1)


def test_operations_in_a_gap_do_not_touch_the_book(feed):
    feed.live = False
    depth(feed, 0, 0, 1, 100)

    assert (feed.builder.book(7, AT).bids, feed.missed) == ((), 1)
