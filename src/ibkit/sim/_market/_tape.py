"""What every tape can tell, whether it walks, is scripted, or is made of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol

from ibkit.sim._market._ticks import MarketTick, Quote, Trade

What = Literal["TRADES", "BID", "ASK", "MIDPOINT"]


class Piece(NamedTuple):
    """The aggregate of a stretch of tape. `size` and `trades` are 0 but for TRADES."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    size: Decimal
    trades: int


class Tape(Protocol):
    """One instrument's past and future. Times are the tape's milliseconds (`_path`)."""

    def ticks(self, start: int, end: int) -> list[MarketTick]:
        """Return what happens in ``start <= time < end``, in order."""
        ...

    def quote_at(self, time: int) -> Quote | None:
        """Return the last quote up to *time*."""
        ...

    def last_at(self, time: int) -> Trade | None:
        """Return the last trade up to *time*."""
        ...

    def piece(self, what: What, start: int, end: int) -> Piece | None:
        """Return the aggregate of ``start <= time < end``; ``None`` if nothing happened."""
        ...

    def next_after(self, time: int) -> int | None:
        """Return the time of the next tick after *time*; ``None`` if there will be none."""
        ...

    def window(self, start: int, end: int) -> tuple[list[MarketTick], int]:
        """Return `ticks`, and a time before which nothing more happens, found without effort.

        That is *end* when the tape may still be written to, or cannot tell at once.
        """
        ...


class Mask(Protocol):
    """When an instrument trades: spans of whole minutes, none before it is listed or after
    it has expired.
    """

    def spans(self, start: int, end: int) -> Sequence[tuple[int, int]]:
        """Return the open parts of a stretch."""
        ...

    def opened(self, start: int, end: int) -> int:
        """Return how many milliseconds of a stretch are open."""
        ...

    def before(self, time: int) -> tuple[int, int] | None:
        """Return the span that *time* is in, else the last one that ended before."""
        ...

    def after(self, time: int) -> tuple[int, int] | None:
        """Return the span that *time* is in, else the next one that begins."""
        ...


def joined(pieces: Iterable[Piece | None]) -> Piece | None:
    """Return the aggregate of adjoining pieces."""
    there = [piece for piece in pieces if piece is not None]
    if len(there) < 2:
        return there[0] if there else None
    return Piece(
        there[0].open,
        max(piece.high for piece in there),
        min(piece.low for piece in there),
        there[-1].close,
        sum((piece.size for piece in there), Decimal(0)),
        sum(piece.trades for piece in there),
    )


def piece_of(what: What, ticks: Iterable[MarketTick]) -> Piece | None:
    """Aggregate ticks one by one."""
    prices, size, trades = [], Decimal(0), 0
    for tick in ticks:
        if isinstance(tick, Trade):
            if what == "TRADES":
                prices.append(tick.price)
                size, trades = size + tick.size, trades + 1
        elif (price := side_of(what, tick)) is not None:
            prices.append(price)
    if not prices:
        return None
    return Piece(prices[0], max(prices), min(prices), prices[-1], size, trades)


def side_of(what: What, quote: Quote) -> Decimal | None:
    """Return the price of a quote that *what* means."""
    if what == "BID":
        return quote.bid
    if what == "ASK":
        return quote.ask
    if what == "MIDPOINT" and quote.bid is not None and quote.ask is not None:
        return (quote.bid + quote.ask) / 2
    return None
