"""Trades, bids and asks, and midpoints from tick-by-tick messages."""

from __future__ import annotations

import datetime as dt

from ._feed import EXACT, Feed, second
from ._values import BidAskTick, MidTick, TradeTick

Tick = TradeTick | BidAskTick | MidTick


class TickFeed(Feed[Tick]):
    """One tick-by-tick subscription. Each message is a value of its own."""

    __slots__ = ("_second", "_text")

    def __init__(self, con_id: int) -> None:
        super().__init__(con_id)
        self._text = ""
        self._second: dt.datetime | None = None

    def trade(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 99 of type 1 or 2: ..., time, price, size, mask, exchange, conditions."""
        if not self.live and not self.admits(arrived):
            return
        price, size, time = EXACT[fields[4]], EXACT[fields[5]], self._time(fields[3])
        if price is None or size is None or time is None:
            self.faults += 1
            return
        mask = int(fields[6])
        tick = TradeTick(
            self.con_id, time, arrived, price, size, fields[7], fields[8],
            bool(mask & 1), bool(mask & 2),
        )  # fmt: skip
        self.deliver(tick, arrived)

    def bid_ask(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 99 of type 3: ..., time, bid, ask, bid size, ask size, mask."""
        if not self.live and not self.admits(arrived):
            return
        time = self._time(fields[3])
        if time is None:
            self.faults += 1
            return
        bid, ask, bid_size, ask_size = (EXACT[text] for text in fields[4:8])
        if not bid_size and bid in {-1, 0}:
            bid = bid_size = None
        if not ask_size and ask in {-1, 0}:
            ask = ask_size = None
        mask = int(fields[8])
        tick = BidAskTick(
            self.con_id, time, arrived, bid, ask, bid_size, ask_size,
            bool(mask & 1), bool(mask & 2),
        )  # fmt: skip
        self.deliver(tick, arrived)

    def midpoint(self, fields: list[str], arrived: dt.datetime) -> None:
        """Message 99 of type 4: ..., time, midpoint."""
        if not self.live and not self.admits(arrived):
            return
        price, time = EXACT[fields[4]], self._time(fields[3])
        if price is None or time is None:
            self.faults += 1
            return
        self.deliver(MidTick(self.con_id, time, arrived, price), arrived)

    def _time(self, text: str) -> dt.datetime | None:
        if text != self._text:  # many ticks share a second
            self._text, self._second = text, second(text)
        return self._second
