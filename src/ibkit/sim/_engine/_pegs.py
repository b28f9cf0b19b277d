"""Orders whose limit follows the quote: REL and MIDPRICE."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ibkit.sim._engine._board import Board
from ibkit.sim._engine._predicates import better_of

DEFAULT_OFFSET = Decimal("0.01")
"""What the gateway fills in for a REL without an offset (1.7)."""


def peg_price(
    order_type: str,
    board: Board,
    *,
    is_buy: bool,
    offset: Decimal | None,
    cap: Decimal | None,
) -> Decimal | None:
    """Return the limit of a pegged order now; ``None`` while there is nothing to peg it to.

    REL: the own side's quote, more aggressive by the offset. MIDPRICE: the middle, rounded to
    the order's favour. Neither goes beyond its cap (`limit_price`); a cap of 0 is none.
    """
    price = board.mid if order_type == "MIDPRICE" else (board.bid if is_buy else board.ask)
    if price is None:
        return None
    if order_type == "REL":
        step = DEFAULT_OFFSET if offset is None else offset
        price = price + step if is_buy else price - step
    price = _on_grid(price, board.instrument.min_tick, is_buy=is_buy)
    return better_of(is_buy=is_buy, one=price, other=cap) if cap else price


def _on_grid(price: Decimal, tick: Decimal, *, is_buy: bool) -> Decimal:
    rounding = ROUND_FLOOR if is_buy else ROUND_CEILING
    return (price / tick).to_integral_value(rounding=rounding) * tick
