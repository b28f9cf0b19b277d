import datetime as dt
import math
import sys
from decimal import Decimal

import pytest

from ibkit.errors import MissingExtra
from ibkit.streams._frame import frame
from ibkit.streams._kinds import DataType
from ibkit.streams._quote import Greeks, Quote
from ibkit.streams._values import Bar, Book, BookRow

AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


def test_quotes_are_rows_by_arrival_with_nan_for_what_is_not_there():
    pytest.importorskip("pandas")
    table = frame(
        [
            Quote(1, AT, bid=Decimal("5000.25"), data_type=DataType.DELAYED),
            Quote(1, AT, ask=Decimal(5001), extra={"shortable": Decimal(3)}),
        ]
    )

    assert list(table.index) == [AT, AT]
    assert table.bid.iloc[0] == 5000.25
    assert math.isnan(table.bid.iloc[1])
    assert (table.data_type.iloc[0], table.shortable.iloc[1]) == ("delayed", 3.0)


def test_greeks_and_rows_of_a_book_have_columns_of_their_own():
    pytest.importorskip("pandas")
    greeks = frame([Quote(1, AT, greeks=Greeks(delta=Decimal("0.5")))])
    rows = (BookRow(Decimal(5), Decimal(2)), BookRow(Decimal(4), Decimal(1), "ARCA"))
    book = frame([Book(1, AT, rows)])

    assert greeks.greeks_delta.iloc[0] == 0.5
    assert (book.bid_price_0.iloc[0], book.bid_size_1.iloc[0], book.bid_maker_1.iloc[0]) == (
        *(5.0, 1.0),
        "ARCA",
    )


def test_bars_are_rows_by_their_time():
    pytest.importorskip("pandas")
    table = frame([Bar(1, AT, AT, *map(Decimal, (1, 3, 1, 2)))])

    assert (table.index.name, table.close.iloc[0]) == ("time", 2.0)


def test_no_values_are_an_empty_table():
    pytest.importorskip("pandas")

    assert len(frame([])) == 0


def test_without_pandas_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(MissingExtra, match="frames"):
        frame([])
