import datetime as dt
from decimal import Decimal

import pytest

from ibkit.streams import _values as values

AT = dt.datetime(2026, 11, 20, 14, 30, 1, 250_000, tzinfo=dt.timezone.utc)
SECOND = AT.replace(microsecond=0)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (
            values.TradeTick(1, SECOND, AT, Decimal("5000.25"), Decimal(3)),
            "TradeTick(5000.25 x 3 at 14:30:01Z)",
        ),
        (
            values.BidAskTick(1, SECOND, AT, Decimal(5), None, Decimal(1), None),
            "BidAskTick(bid 5 x 1, ask - x - at 14:30:01Z)",
        ),
        (values.MidTick(1, AT, AT, Decimal("5.5")), "MidTick(5.5 at 14:30:01.250Z)"),
        (
            values.Book(1, AT, (values.BookRow(Decimal(5), Decimal(2)),)),
            "Book(5 / -, 1 x 0 rows)",
        ),
        (
            values.Bar(1, SECOND, AT, *map(Decimal, (1, 3, 1, 2)), size="1 min", finished=False),
            "Bar(2026-11-20 14:30:01Z 1 min 1 3 1 2, unfinished)",
        ),
    ],
)
def test_values_are_short_to_read(value, shown):
    assert repr(value) == shown
    assert value._repr_html_().startswith("<table>")


def test_a_time_in_another_zone_is_shown_in_utc():
    eastern = dt.timezone(dt.timedelta(hours=-5))

    assert values.clock_time(AT.astimezone(eastern)) == "14:30:01.250Z"


def test_a_book_draws_both_sides_in_one_row():
    row = values.BookRow(Decimal(5), Decimal(2))
    drawn = values.Book(1, AT, (row, row), (row,))._repr_html_()

    assert "2 x 5 | 5 x 2" in drawn
    assert "2 x 5 | - x -" in drawn


def test_the_best_rows_of_an_empty_book_are_not_there():
    book = values.Book(1, AT)

    assert (book.best_bid, book.best_ask) == (None, None)


def test_a_time_that_is_not_known_is_a_dash():
    assert values.clock_time(None) == "-"
