"""The market of one instrument as the broker last saw it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple, final

from ibkit.sim._engine._trigger_methods import Source
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._ticks import Quote

ZERO = Decimal(0)
BY_QUOTE = (Source.BID, Source.ASK, Source.MID, Source.DOUBLE_BID, Source.DOUBLE_ASK)
BY_TRADE = (Source.LAST, Source.DOUBLE_LAST)


class Touch(NamedTuple):
    """The best price to be had, and how much stands there."""

    price: Decimal
    size: Decimal


@final
class Board:
    """Quote and last trade, what our own fills have left of them, and the ones before."""

    __slots__ = (
        "_ask",
        "_ask_before",
        "_ask_left",
        "_bid",
        "_bid_before",
        "_bid_left",
        "_last",
        "_last_before",
        "_quoted",
        "_trade_left",
        "instrument",
    )

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._bid: Decimal | None = None
        self._ask: Decimal | None = None
        self._last: Decimal | None = None
        self._bid_before: Decimal | None = None
        self._ask_before: Decimal | None = None
        self._last_before: Decimal | None = None
        self._bid_left = self._ask_left = self._trade_left = ZERO
        self._quoted = False

    def quote(self, tick: Quote) -> None:
        """Take a quote."""
        self._bid_before, self._ask_before = self._bid, self._ask
        self._bid, self._bid_left = tick.bid, tick.bid_size
        self._ask, self._ask_left = tick.ask, tick.ask_size
        self._quoted = True

    def trade(self, price: Decimal, size: Decimal) -> None:
        """Take a trade."""
        self._last_before, self._last, self._trade_left = self._last, price, size

    # -- what an order can get

    def touch(self, *, is_buy: bool) -> Touch | None:
        """Return what an aggressive order gets: the other side's quote.

        An instrument that has never been quoted is traded at its last price.
        """
        if not self._quoted:
            return None if self._last is None else Touch(self._last, self._trade_left)
        price = self._ask if is_buy else self._bid
        if price is None:
            return None
        return Touch(price, self._ask_left if is_buy else self._bid_left)

    def traded(self) -> Touch | None:
        """Return the last trade, which resting orders may share in."""
        return None if self._last is None else Touch(self._last, self._trade_left)

    def use_touch(self, quantity: Decimal, *, is_buy: bool) -> None:
        """Take away what one of our fills took from the quote."""
        if not self._quoted:
            self.use_trade(quantity)
        elif is_buy:
            self._ask_left = max(ZERO, self._ask_left - quantity)
        else:
            self._bid_left = max(ZERO, self._bid_left - quantity)

    def use_trade(self, quantity: Decimal) -> None:
        """Take away what one of our fills took from the last trade."""
        self._trade_left = max(ZERO, self._trade_left - quantity)

    @property
    def is_quoted(self) -> bool:
        """Return whether the instrument has ever been quoted."""
        return self._quoted

    # -- what a trigger sees

    def seen(self, source: Source, *, rising: bool) -> Decimal | None:
        """Return the price that a watch compares; ``None`` if there is none.

        A doubled source that must rise to a level is the lower of its last two prices.
        """
        if source is Source.MID:
            return self.mid
        now, before, doubled = self._pair(source)
        if now is None or not doubled:
            return now
        if before is None:
            return None
        return min(now, before) if rising else max(now, before)

    def _pair(self, source: Source) -> tuple[Decimal | None, Decimal | None, bool]:
        if source is Source.LAST or source is Source.DOUBLE_LAST:
            return self._last, self._last_before, source is Source.DOUBLE_LAST
        if source is Source.BID or source is Source.DOUBLE_BID:
            return self._bid, self._bid_before, source is Source.DOUBLE_BID
        return self._ask, self._ask_before, source is Source.DOUBLE_ASK

    # -- what a position is worth

    @property
    def bid(self) -> Decimal | None:
        """Return the bid."""
        return self._bid

    @property
    def ask(self) -> Decimal | None:
        """Return the ask."""
        return self._ask

    @property
    def last(self) -> Decimal | None:
        """Return the last price."""
        return self._last

    @property
    def mid(self) -> Decimal | None:
        """Return the middle of the quote, if it has two sides."""
        if self._bid is None or self._ask is None:
            return None
        return (self._bid + self._ask) / 2

    @property
    def mark(self) -> Decimal | None:
        """Return what the instrument is worth now: the last price if it lies within the quote."""
        bid, ask, last = self._bid, self._ask, self._last
        if last is None:
            return self.mid if self.mid is not None else (bid if bid is not None else ask)
        if bid is not None and last < bid:
            return bid
        return ask if ask is not None and last > ask else last
