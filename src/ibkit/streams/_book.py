"""An order book from the operations IB sends.

IB's rows are places in a list: an insert pushes what is below it down, a delete pulls it up, as
IB's own samples do. ib_async keeps a dict by position instead, so after a delete and an insert at
the top its best bid stands last (ib-async-traps B26).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from ._values import Book, BookRow

INSERT, UPDATE, DELETE = 0, 1, 2
ASK, BID = 0, 1


class BookBuilder:
    """The rows of both sides as they stand now."""

    __slots__ = ("_sides", "faults", "rows")

    def __init__(self, rows: int) -> None:
        self.rows = rows
        """How many rows a side may have; what is pushed out at the bottom is gone."""
        self.faults = 0
        """Operations that did not fit the book: a row that is not there, an unknown operation."""
        self._sides: tuple[list[BookRow], list[BookRow]] = ([], [])

    def apply(
        self,
        *,
        operation: int,
        side: int,
        position: int,
        price: Decimal,
        size: Decimal,
        maker: str = "",
    ) -> bool:
        """Do one operation. False, and a fault counted, if it does not fit the book."""
        rows = self._sides[side]
        is_there = 0 <= position < len(rows)
        row = BookRow(price, size, maker)
        if operation == INSERT and 0 <= position <= len(rows):
            rows.insert(position, row)
            del rows[self.rows :]
        elif operation == UPDATE and is_there:
            rows[position] = row
        elif operation == UPDATE and position == len(rows) < self.rows:
            rows.append(row)  # TWS updates the row below the last one to add it, now and then
        elif operation == DELETE and is_there:
            del rows[position]
        else:
            self.faults += 1
            return False
        return True

    def clear(self) -> None:
        """Empty both sides, as error 317 demands."""
        for rows in self._sides:
            rows.clear()

    def book(self, con_id: int, arrived: dt.datetime) -> Book:
        """Give the book as a value."""
        return Book(con_id, arrived, tuple(self._sides[BID]), tuple(self._sides[ASK]))
