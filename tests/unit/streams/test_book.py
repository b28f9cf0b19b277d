import datetime as dt
from decimal import Decimal

from ibkit.streams._book import ASK, BID, DELETE, INSERT, UPDATE, BookBuilder

AT = dt.datetime(2026, 11, 20, tzinfo=dt.timezone.utc)


def build(*operations, rows=3):
    builder = BookBuilder(rows)
    for operation, side, position, price in operations:
        builder.apply(
            operation=operation,
            side=side,
            position=position,
            price=Decimal(price),
            size=Decimal(1),
        )
    return builder


def bids(builder):
    return [int(row.price) for row in builder.book(1, AT).bids]


def test_an_insert_pushes_the_rows_below_it_down():
    builder = build((INSERT, BID, 0, 101), (INSERT, BID, 1, 99), (INSERT, BID, 1, 100))

    assert bids(builder) == [101, 100, 99]


def test_delete_and_insert_at_the_top_keep_the_best_first():
    builder = build(
        (INSERT, BID, 0, 100), (INSERT, BID, 1, 99), (DELETE, BID, 0, 0), (INSERT, BID, 0, 101)
    )

    assert bids(builder) == [101, 99]


def test_what_is_pushed_out_at_the_bottom_is_gone():
    builder = build(*((INSERT, BID, 0, 100 + n) for n in range(5)), rows=3)

    assert bids(builder) == [104, 103, 102]


def test_an_update_just_below_the_last_row_adds_it():
    assert bids(build((INSERT, BID, 0, 100), (UPDATE, BID, 1, 99))) == [100, 99]


def test_operations_that_do_not_fit_are_counted_and_change_nothing():
    builder = build(
        (INSERT, BID, 0, 100), (DELETE, BID, 1, 0), (UPDATE, BID, 2, 9), (INSERT, BID, 5, 9),
        (7, BID, 0, 9), (DELETE, BID, -1, 0), (DELETE, ASK, 0, 0),
    )  # fmt: skip

    assert bids(builder) == [100]
    assert builder.faults == 6


def test_the_sides_are_apart_and_market_makers_are_kept():
    builder = BookBuilder(5)
    for side, price, maker in ((BID, 99, "NSDQ"), (ASK, 101, "ARCA")):
        builder.apply(
            operation=INSERT,
            side=side,
            position=0,
            price=Decimal(price),
            size=Decimal(2),
            maker=maker,
        )
    book = builder.book(7, AT)

    assert (book.best_bid, book.best_ask) == ((99, 2, "NSDQ"), (101, 2, "ARCA"))
    assert (book.con_id, book.arrived) == (7, AT)


def test_clearing_empties_both_sides_and_leaves_earlier_values_alone():
    builder = build((INSERT, BID, 0, 100), (INSERT, ASK, 0, 101))
    before = builder.book(1, AT)
    builder.clear()

    assert builder.book(1, AT) == (1, AT, (), ())
    assert before.bids[0].price == 100


def test_an_update_replaces_its_row_alone():
    builder = build((INSERT, BID, 0, 101), (INSERT, BID, 1, 100), (UPDATE, BID, 0, 102))

    assert bids(builder) == [102, 100]
