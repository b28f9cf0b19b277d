"""The past of an instrument, as requests for history want it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, final

from ibkit.sim._market._bars import Window, start_of, windows
from ibkit.sim._market._figures import DayFigures, MarketBar, PriceCount
from ibkit.sim._market._hours import Days, spans_between, trading_days_back
from ibkit.sim._market._path import SIZES, block_of, day_of, moment_of, stamp_of
from ibkit.sim._market._tape import Piece, Tape, What, joined
from ibkit.sim._market._ticks import MarketTick, Quote, Trade

__all__ = ["Reel", "TickKind", "bars", "day_figures", "histogram", "start_of"]

TickKind = Literal["TRADES", "BID_ASK", "MIDPOINT"]
_PLAIN: dict[str, What] = {
    "TRADES": "TRADES",
    "MIDPOINT": "MIDPOINT",
    "BID": "BID",
    "ASK": "ASK",
}
_MINUTE = 60_000
_MOST_STEPS = 2_000
"""Into how many stretches a histogram's period is cut at most."""
_LONGEST_SEARCH = 45 * SIZES[0]
"""How far a request for ticks looks for them: longer than any market is closed."""


def _over(tape: Tape, what: What, window: Window) -> Piece | None:
    return joined(tape.piece(what, *span) for span in window.spans)


def bars(
    tape: Tape, days: Days, stretch: tuple[int, int], size: str, what: str, *, regular: bool
) -> list[MarketBar]:
    """Return the bars of a stretch."""
    found = []
    for window in windows(days, *stretch, size, regular=regular):
        bar = _both_sides(tape, window) if what == "BID_ASK" else _plain(tape, what, window)
        if bar is not None:
            found.append(bar)
    return found


def _plain(tape: Tape, what: str, window: Window) -> MarketBar | None:
    piece = _over(tape, _PLAIN[what], window)
    if piece is None:
        return None
    is_trades = what == "TRADES"
    return MarketBar(
        time=stamp_of(window.spans[0][0]),
        day=window.day,
        open=piece.open,
        high=piece.high,
        low=piece.low,
        close=piece.close,
        volume=piece.size if is_trades else None,
        wap=_typical(piece) if is_trades else None,
        trades=piece.trades if is_trades else None,
    )


def _typical(piece: Piece) -> Decimal:
    return (piece.open + piece.high + piece.low + piece.close) / 4


def _both_sides(tape: Tape, window: Window) -> MarketBar | None:
    bid, ask = _over(tape, "BID", window), _over(tape, "ASK", window)
    if bid is None or ask is None:
        return None
    return MarketBar(
        time=stamp_of(window.spans[0][0]),
        day=window.day,
        open=_typical(bid),
        high=ask.high,
        low=bid.low,
        close=_typical(ask),
        volume=None,
        wap=None,
        trades=None,
    )


def day_figures(tape: Tape, days: Days, time: int) -> DayFigures:
    """Return the figures of the last trading day that has begun."""
    today = trading_days_back(days, time + 1, 1, regular=False)
    yesterday = trading_days_back(days, moment_of(today.start), 1, regular=False)
    start = moment_of(today.start)
    what: What = "TRADES"
    piece = tape.piece(what, start, time + 1)
    before = tape.last_at(start - 1)
    previous = before.price if before else None
    if piece is None and before is None:
        what = "BID"
        piece = tape.piece(what, start, time + 1)
        closing = tape.piece(what, moment_of(yesterday.start), start)
        previous = closing.close if closing else None
    return DayFigures(
        day=today.day,
        open=piece.open if piece else None,
        high=piece.high if piece else None,
        low=piece.low if piece else None,
        previous_close=previous,
        volume=piece.size if piece else Decimal(0),
        vwap=_typical(piece) if piece and what == "TRADES" else None,
    )


def histogram(
    tape: Tape, days: Days, stretch: tuple[int, int], *, regular: bool
) -> list[PriceCount]:
    """Return the volume traded per price, by price."""
    step = -(-(stretch[1] - stretch[0]) // _MOST_STEPS // _MINUTE) * _MINUTE or _MINUTE
    found: dict[Decimal, Decimal] = {}
    for start, end in spans_between(days, *stretch, regular=regular):
        for begin in range(start, end, step):
            piece = tape.piece("TRADES", begin, min(begin + step, end))
            for price, size in _quarters(piece) if piece else ():
                found[price] = found.get(price, Decimal(0)) + size
    return [PriceCount(price, found[price]) for price in sorted(found) if found[price]]


def _quarters(piece: Piece) -> Iterator[tuple[Decimal, Decimal]]:
    part = piece.size // 4
    yield piece.open, part
    yield piece.high, part
    yield piece.low, part
    yield piece.close, piece.size - 3 * part


@final
class Reel:
    """Winds a tape to and fro for a request for ticks."""

    def __init__(self, tape: Tape, days: Days, what: TickKind, *, regular: bool) -> None:
        self._tape, self._days, self._regular = tape, days, regular
        self._kind = Trade if what == "TRADES" else Quote

    def _ticks(self, start: int, end: int) -> list[MarketTick]:
        spans = [(start, end)]
        if self._regular:
            spans = list(spans_between(self._days, start, end, regular=True))
        ticks = (tick for span in spans for tick in self._tape.ticks(*span))
        return [tick for tick in ticks if isinstance(tick, self._kind)]

    def forward(self, start: int, count: int) -> list[MarketTick]:
        """Return ticks from a moment on, the last second completed."""
        found: list[MarketTick] = []
        time, limit = start, start + _LONGEST_SEARCH
        while len(found) < count and time < limit:
            following = self._tape.next_after(time - 1)
            if following is None:
                break
            time = following // _MINUTE * _MINUTE + _MINUTE
            found += self._ticks(following, time)
        return _upto(found, count)

    def backward(self, end: int, count: int) -> list[MarketTick]:
        """Return ticks up to a moment, the earliest second completed."""
        parts: list[list[MarketTick]] = []
        number, time, step = 0, end + 1, _MINUTE
        while number < count and time > end - _LONGEST_SEARCH:
            part = self._ticks(time - step, time)
            parts.append(part)
            number += len(part)
            time -= step
            step = _MINUTE if part else min(2 * step, SIZES[1])
        found = [tick for part in reversed(parts) for tick in part]
        return list(reversed(_upto(list(reversed(found)), count)))


def _upto(ticks: list[MarketTick], count: int) -> list[MarketTick]:
    """Return the first *count* and what shares a second with the last of them."""
    if len(ticks) <= count:
        return ticks
    second = ticks[count - 1].time.replace(microsecond=0)
    while count < len(ticks) and ticks[count].time.replace(microsecond=0) == second:
        count += 1
    return ticks[:count]


def first_session(days: Days, since: int, *, regular: bool) -> int | None:
    """Return when the first session from a moment on begins."""
    day = block_of(day_of(since // SIZES[0]))
    for block in range(day, day + 45):
        for start, _ in days.sessions(day_of(block), regular=regular):
            if start >= since:
                return start
    return None
