"""Books from the operations of a depth subscription."""

from __future__ import annotations

import datetime as dt

from ._book import BookBuilder
from ._feed import EXACT, Feed
from ._values import Book


class BookFeed(Feed[Book]):
    """One depth subscription."""

    __slots__ = ("builder",)

    def __init__(self, con_id: int, rows: int) -> None:
        super().__init__(con_id)
        self.builder = BookBuilder(rows)

    def clear(self) -> None:
        super().clear()
        self.builder.clear()

    def depth(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 12: type, version, id, position, operation, side, price, size."""
        _, _, _, position, operation, side, price, size = fields[:8]
        self._apply((position, operation, side), price, size, "", arrived)

    def depth_by_maker(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 13: type, version, id, position, maker, operation, side, price, size, smart."""
        _, _, _, position, maker, operation, side, price, size = fields[:9]
        self._apply((position, operation, side), price, size, maker, arrived)

    def _apply(
        self, where: tuple[str, str, str], price: str, size: str, maker: str, arrived: dt.datetime
    ) -> None:
        if not self.live and not self.admits(arrived):
            return
        position, operation, side = map(int, where)
        level, amount = EXACT[price], EXACT[size]
        if level is None or amount is None or side not in {0, 1}:
            self.faults += 1
            return
        fits = self.builder.apply(
            operation=operation,
            side=side,
            position=position,
            price=level,
            size=amount,
            maker=maker,
        )
        if fits:
            self.deliver(self.builder.book(self.con_id, arrived), arrived)
        else:
            self.faults += 1
