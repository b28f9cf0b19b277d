"""Combos: their market and their fills are those of the legs (gateway-behaviour 1.4, 2.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ibkit.sim._engine._board import Board
from ibkit.sim._engine._markets import Markets
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._ticks import Quote

ZERO = Decimal(0)
GRAIN = Decimal("0.00000001")


class Part(NamedTuple):
    """One leg of one combo: `ratio` is negative for a leg that a buyer of the combo sells."""

    ratio: int
    board: Board


def parts(markets: Markets, combo: Instrument) -> list[Part] | None:
    """Return the legs of a combo; ``None`` if one of them is not known."""
    found = []
    for leg in combo.legs:
        board = markets.board(leg.con_id)
        if board is None:
            return None
        found.append(Part(leg.ratio if leg.action == "BUY" else -leg.ratio, board))
    return found


def imply_quote(markets: Markets, combo: Instrument, now: dt.datetime) -> None:
    """Set the quote of a combo that has no market of its own from those of its legs."""
    legs = parts(markets, combo)
    if legs and combo.con_id not in markets.quoted_combos:
        markets.board_of(combo).quote(implied_quote(combo, legs, now))


def imply_last(markets: Markets, combo: Instrument) -> bool:
    """Set its last price in the same way; tell whether that has moved. Nothing was traded."""
    legs, board = parts(markets, combo), markets.board_of(combo)
    last = implied_last(legs) if legs else None
    if last is None or last == board.last or combo.con_id in markets.quoted_combos:
        return False
    board.trade(last, ZERO)
    return True


def implied_quote(combo: Instrument, legs: Sequence[Part], now: dt.datetime) -> Quote:
    """Return the quote of a combo that follows from its legs."""
    bid, bid_size = _side(legs, is_buy=False)
    ask, ask_size = _side(legs, is_buy=True)
    return Quote(combo.con_id, now, bid, bid_size, ask, ask_size)


def implied_last(legs: Sequence[Part]) -> Decimal | None:
    """Return the net of the legs' last prices, if each has one."""
    net = ZERO
    for ratio, board in legs:
        if board.last is None:
            return None
        net += ratio * board.last
    return net


def leg_prices(legs: Sequence[Part], net: Decimal, *, is_buy: bool) -> list[Decimal]:
    """Return a price per leg so that together they make *net* exactly.

    Each leg gets its touch; one with the smallest ratio takes up the difference.
    """
    prices = [_leg_price(part, is_buy=is_buy) for part in legs]
    index = min(range(len(legs)), key=lambda i: (abs(legs[i].ratio), i))
    rest = sum(
        (part.ratio * price for i, (part, price) in enumerate(zip(legs, prices, strict=True))
         if i != index),
        ZERO,
    )  # fmt: skip
    exact = (net - rest) / legs[index].ratio
    prices[index] = exact.quantize(GRAIN) if exact != exact.quantize(GRAIN) else exact
    return prices


def _side(legs: Sequence[Part], *, is_buy: bool) -> tuple[Decimal | None, Decimal]:
    net, size = ZERO, None
    for ratio, board in legs:
        touch = board.touch(is_buy=is_buy is (ratio > 0))
        if touch is None:
            return None, ZERO
        net += ratio * touch.price
        units = touch.size // abs(ratio)
        size = units if size is None else min(size, units)
    return net, size or ZERO


def _leg_price(part: Part, *, is_buy: bool) -> Decimal:
    touch = part.board.touch(is_buy=is_buy is (part.ratio > 0))
    if touch is not None:
        return touch.price
    mark = part.board.mark
    return ZERO if mark is None else mark
