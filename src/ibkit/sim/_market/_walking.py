"""The tape of an instrument that follows a walk."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple, final

from ibkit.sim._market._flow import Flow
from ibkit.sim._market._memory import remember
from ibkit.sim._market._path import (
    DAY,
    FIVE,
    SIZES,
    Moment,
    Node,
    Path,
    cover,
    merged,
)
from ibkit.sim._market._prints import Prints
from ibkit.sim._market._tape import Mask, Piece, What, joined
from ibkit.sim._market._ticks import MarketTick, Quote, Trade
from ibkit.sim._market._view import Rule, Ticks, View

_PAGE = 2 * SIZES[FIVE]
"""What is written at once: longer pages are cheaper by the tick, and dearer for a single one."""
_new = tuple.__new__
"""Makes a named tuple in a third of the time of a call: this runs once a tick."""


class _Prices(dict[int, Decimal]):
    """Prices by number of ticks, each made once."""

    def __init__(self, tick: Decimal) -> None:
        super().__init__()
        self._tick = tick

    def __missing__(self, ticks: int) -> Decimal:
        if len(self) > 20_000:
            self.clear()
        price = self[ticks] = ticks * self._tick
        return price


class _Page(NamedTuple):
    times: list[int]
    ticks: list[MarketTick]


@final
class WalkTape:
    """Quotes at every moment of the walk, trades as the flow has them.

    Args:
        con_id: Whose ticks these are.
        exchange: Where its trades happen.
        path: The walk.
        view: From the walk to prices.
        flow: The trades. ``None`` and `quoted`: a pair, which has quotes alone. ``None`` and
            not `quoted`: an index, whose every value is a trade of size 0.
        mask: Opening hours.
        lot: Size of a quote is a small multiple of it.
    """

    def __init__(
        self,
        con_id: int,
        exchange: str,
        path: Path,
        view: View,
        flow: Flow | None,
        mask: Mask,
        *,
        quoted: bool = True,
        lot: int = 1,
    ) -> None:
        self._con_id, self._exchange = con_id, exchange
        self._path, self._view, self._flow, self._mask = path, view, flow, mask
        self._prints = Prints(path, flow, is_computed=not quoted)
        self._quoted = quoted
        self._prices = _Prices(view.tick)
        self._sizes = [Decimal(lot * (1 + number * number // 8)) for number in range(16)]
        self._rules: dict[int, Rule] = {}
        self._pages: dict[int, _Page] = {}

    # -- the ticks

    def ticks(self, start: int, end: int) -> list[MarketTick]:
        """Return what happens in ``start <= time < end``, in order."""
        found: list[MarketTick] = []
        for number in range(start // _PAGE, -(-end // _PAGE)):
            times, ticks = self._page(number)
            found += ticks[bisect_left(times, start) : bisect_left(times, end)]
        return found

    def _page(self, number: int) -> _Page:
        page = self._pages.get(number)
        if page is None:
            page = _Page([], [])
            for start, end in self._mask.spans(number * _PAGE, (number + 1) * _PAGE):
                self._write(page, start, end)
            remember(self._pages, number, page, 4)
        return page

    def _write(self, page: _Page, start: int, end: int) -> None:
        rule, prints = self._rule(start), self._prints.between(start, end)
        times, ticks, prices, sizes = page.times, page.ticks, self._prices, self._sizes
        con_id, exchange, quoted = self._con_id, self._exchange, self._quoted
        for time, stamp, price, bits in self._path.between(start, end):
            bid, ask, trade = rule(price)
            if quoted:
                bid_size, ask_size = sizes[bits & 15], sizes[bits >> 4 & 15]
                ticks.append(
                    _new(Quote, (con_id, stamp, prices[bid], bid_size, prices[ask], ask_size))
                )
                times.append(time)
            for size in prints.get(time, ()):
                fields = (con_id, stamp, prices[trade], Decimal(size), exchange)
                ticks.append(_new(Trade, fields))
                times.append(time)

    # -- a moment

    def quote_at(self, time: int) -> Quote | None:
        """Return the last quote up to *time*."""
        moment = self._moment_at(time) if self._quoted else None
        if moment is None:
            return None
        bid, ask, _ = self._rule(moment.time)(moment.price)
        sizes, prices, bits = self._sizes, self._prices, moment.bits
        return Quote(
            self._con_id,
            moment.stamp,
            prices[bid],
            sizes[bits & 15],
            prices[ask],
            sizes[bits >> 4 & 15],
        )

    def _moment_at(self, time: int) -> Moment | None:
        span = self._mask.before(time)
        while span is not None:
            moment = self._path.at(min(time, span[1] - 1))
            if moment.time >= span[0]:
                return moment
            span = self._mask.before(span[0] - 1)
        return None

    def last_at(self, time: int) -> Trade | None:
        """Return the last trade up to *time*."""
        span = None if self._quoted and self._flow is None else self._mask.before(time)
        while span is not None:
            page_end = min(time, span[1] - 1)
            while page_end >= span[0]:
                start = max(span[0], page_end // _PAGE * _PAGE)
                for tick in reversed(self.ticks(start, page_end + 1)):
                    if isinstance(tick, Trade):
                        return tick
                page_end = start - 1
            span = self._mask.before(span[0] - 1)
        return None

    def next_after(self, time: int) -> int | None:
        """Return the time of the next tick after *time*; ``None`` if there will be none."""
        time += 1
        while (span := self._mask.after(time)) is not None:
            time = max(time, span[0])
            while time < span[1]:
                for moment in self._path.between(time, min(span[1], time + _PAGE)):
                    return moment.time
                time += _PAGE
            time = span[1]
        return None

    def window(self, start: int, end: int) -> tuple[list[MarketTick], int]:
        """Return `ticks`, and the time of the next one or the end of its page."""
        number = start // _PAGE
        if end // _PAGE != number:
            return self.ticks(start, end), end
        times, ticks = self._page(number)
        first = bisect_left(times, start)
        last = bisect_left(times, end, first)
        silent_until = times[last] if last < len(times) else (number + 1) * _PAGE
        return ticks[first:last], silent_until

    # -- stretches

    def piece(self, what: What, start: int, end: int) -> Piece | None:
        """Return the aggregate of ``start <= time < end``; ``None`` if nothing happened."""
        has_trades = self._flow is not None or not self._quoted
        if not (has_trades if what == "TRADES" else self._quoted):
            return None
        parts = (
            self._part(what, *part)
            for span in self._mask.spans(start, end)
            for part in _by_block(*span)
        )
        return joined(parts)

    def _part(self, what: What, start: int, end: int) -> Piece | None:
        """Aggregate a stretch that is open throughout and within one block."""
        if what != "TRADES" or self._flow is None:
            node = merged(self._path.nodes(start, end))
            return None if node is None else self._priced(what, start, node, 0, 0)
        size = SIZES[self._flow.grain(start // SIZES[DAY])]
        whole_start, whole_end = -(-start // size) * size, end // size * size
        if whole_start >= whole_end:
            return self._printed_piece(start, end)
        nodes, trades, volume = [], 0, 0
        for level, index in cover(whole_start, whole_end):
            nodes.append(self._path.node(level, index))
            more, traded = self._flow.traded(level, index)
            trades, volume = trades + more, volume + traded
        whole = merged(nodes)
        assert whole is not None
        if (whole_start, whole_end) == (start, end):
            return self._priced(what, start, whole, volume, trades)
        return joined(
            (
                self._printed_piece(start, whole_start),
                self._priced(what, start, whole, volume, trades),
                self._printed_piece(whole_end, end),
            )
        )

    def _printed_piece(self, start: int, end: int) -> Piece | None:
        if start >= end:
            return None
        rule, prints = self._rule(start), self._prints.between(start, end)
        found = [
            (rule(moment.price)[2], sizes)
            for moment in self._path.between(start, end)
            if (sizes := prints.get(moment.time))
        ]
        if not found:
            return None
        ticks = [trade for trade, _ in found]
        return Piece(
            self._prices[ticks[0]],
            self._prices[max(ticks)],
            self._prices[min(ticks)],
            self._prices[ticks[-1]],
            Decimal(sum(sum(sizes) for _, sizes in found)),
            sum(len(sizes) for _, sizes in found),
        )

    def _priced(self, what: What, time: int, node: Node, size: int, trades: int) -> Piece:
        rule = self._rule(time)
        start, high, low, close = (self._side(what, rule(price)) for price in node)
        if self._view.is_inverse:
            high, low = low, high
        return Piece(start, high, low, close, Decimal(size), trades)

    def _side(self, what: What, ticks: Ticks) -> Decimal:
        bid, ask, trade = ticks
        if what == "MIDPOINT":
            return (bid + ask) * self._view.tick / 2
        return self._prices[trade if what == "TRADES" else bid if what == "BID" else ask]

    def _rule(self, time: int) -> Rule:
        block = time // SIZES[DAY]
        rule = self._rules.get(block)
        if rule is None:
            rule = remember(self._rules, block, self._view.rule(block), 64)
        return rule


def _by_block(start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = min(end, (start // SIZES[DAY] + 1) * SIZES[DAY])
        yield start, stop
        start = stop
