"""Tapes that are made of other instruments' tapes: combos, and options on a scripted underlying."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple, final

from ibkit.sim._market._option_view import OptionView
from ibkit.sim._market._path import DAY, SIZES, moment_of
from ibkit.sim._market._tape import Piece, Tape, What, piece_of
from ibkit.sim._market._ticks import MarketTick, Quote, Trade

_OPTION_SIZE = Decimal(10)


class Part(NamedTuple):
    """A leg of a combo: its tape, and how often it is bought (negative: sold)."""

    tape: Callable[[], Tape]
    times: int


_OPPOSITE: dict[What, What] = {"BID": "ASK", "ASK": "BID"}


@final
class ComboTape:
    """The net price of legs, quoted whenever one of them is. It has no trades.

    Its bars are those of the legs netted: open and close are exact, high and low are the
    higher and the lower of the two.
    """

    def __init__(self, con_id: int, parts: list[Part]) -> None:
        self._con_id, self._parts = con_id, parts

    def ticks(self, start: int, end: int) -> list[MarketTick]:
        """Return what happens in ``start <= time < end``, in order."""
        quotes = [part.tape().quote_at(start - 1) for part in self._parts]
        moves = sorted(self._moves(start, end), key=lambda move: move[0])
        found: list[MarketTick] = []
        for place, (_, number, quote) in enumerate(moves):
            quotes[number] = quote
            is_last_of_moment = place + 1 == len(moves) or moves[place + 1][0] != quote.time
            if is_last_of_moment and (net := self._netted(quotes)):
                found.append(net)
        return found

    def _moves(self, start: int, end: int) -> Iterator[tuple[dt.datetime, int, Quote]]:
        for number, part in enumerate(self._parts):
            for tick in part.tape().ticks(start, end):
                if isinstance(tick, Quote):
                    yield tick.time, number, tick

    def _netted(self, quotes: list[Quote | None]) -> Quote | None:
        bid, ask = Decimal(0), Decimal(0)
        bids, asks, times = [], [], []
        for quote, (_, count) in zip(quotes, self._parts, strict=True):
            if quote is None or quote.bid is None or quote.ask is None:
                return None
            bought = count > 0
            bid += count * (quote.bid if bought else quote.ask)
            ask += count * (quote.ask if bought else quote.bid)
            bids.append((quote.bid_size if bought else quote.ask_size) // abs(count))
            asks.append((quote.ask_size if bought else quote.bid_size) // abs(count))
            times.append(quote.time)
        return Quote(self._con_id, max(times), bid, min(bids), ask, min(asks))

    def quote_at(self, time: int) -> Quote | None:
        """Return the last quote up to *time*."""
        return self._netted([part.tape().quote_at(time) for part in self._parts])

    def last_at(self, time: int) -> Trade | None:
        """Return ``None``: nobody trades combos here."""
        return None

    def piece(self, what: What, start: int, end: int) -> Piece | None:
        """Return the aggregate of ``start <= time < end``; ``None`` if nothing happened."""
        first, last, trades, sizes = Decimal(0), Decimal(0), [], []
        for tape, count in self._parts:
            leg = tape().piece(what if count > 0 else _OPPOSITE.get(what, what), start, end)
            if leg is None:
                return None
            first, last = first + count * leg.open, last + count * leg.close
            sizes.append(leg.size // abs(count))
            trades.append(leg.trades)
        high, low = max(first, last), min(first, last)
        return Piece(first, high, low, last, min(sizes), min(trades))

    def next_after(self, time: int) -> int | None:
        """Return the time of the next tick after *time*; ``None`` if there will be none."""
        times = (part.tape().next_after(time) for part in self._parts)
        return min((found for found in times if found is not None), default=None)

    def window(self, start: int, end: int) -> tuple[list[MarketTick], int]:
        """Return `ticks`, and *end*: a leg may be written to."""
        return self.ticks(start, end), end


@final
class FollowingTape:
    """The quotes of an option whose underlying is scripted: one for each price of that.

    An index has no quotes, so its values count (*by_trades*); of anything else the quotes do.
    """

    def __init__(self, con_id: int, view: OptionView, under: Tape, *, by_trades: bool) -> None:
        self._con_id, self._view, self._under = con_id, view, under
        self._kind = Trade if by_trades else Quote

    def _quote(self, tick: MarketTick) -> Quote | None:
        price = middle(tick)
        if price is None or price <= 0:
            return None
        block = moment_of(tick.time) // SIZES[DAY]
        bid, ask, _ = self._view.quoted(block, float(price))
        grid, size = self._view.tick, _OPTION_SIZE
        return Quote(self._con_id, tick.time, bid * grid, size, ask * grid, size)

    def ticks(self, start: int, end: int) -> list[MarketTick]:
        """Return what happens in ``start <= time < end``, in order."""
        told = (tick for tick in self._under.ticks(start, end) if isinstance(tick, self._kind))
        return [quote for tick in told if (quote := self._quote(tick)) is not None]

    def quote_at(self, time: int) -> Quote | None:
        """Return the last quote up to *time*."""
        read = self._under.last_at if self._kind is Trade else self._under.quote_at
        latest = read(time)
        return None if latest is None else self._quote(latest)

    def last_at(self, time: int) -> Trade | None:
        """Return ``None``: there are no trades."""
        return None

    def piece(self, what: What, start: int, end: int) -> Piece | None:
        """Return the aggregate of ``start <= time < end``; ``None`` if nothing happened."""
        return piece_of(what, self.ticks(start, end))

    def next_after(self, time: int) -> int | None:
        """Return the time of the next tick after *time*; ``None`` if there will be none."""
        return self._under.next_after(time)

    def window(self, start: int, end: int) -> tuple[list[MarketTick], int]:
        """Return `ticks`, and *end*: the underlying may be written to."""
        return self.ticks(start, end), end


def middle(tick: MarketTick) -> Decimal | None:
    """Return the price that a tick tells: of a trade, or the middle of a quote."""
    if isinstance(tick, Trade):
        return tick.price
    if tick.bid is None or tick.ask is None:
        return tick.ask if tick.bid is None else tick.bid
    return (tick.bid + tick.ask) / 2
