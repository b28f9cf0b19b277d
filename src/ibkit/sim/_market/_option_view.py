"""An option's quote, from its underlying.

Time runs in whole days here: during a block the price depends on the underlying alone, so all
resolutions agree as they do for everything else.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import final

from ibkit.sim._market._black_scholes import Terms, worth
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._path import BASE, block_of
from ibkit.sim._market._rules import Bands
from ibkit.sim._market._view import Rule, Ticks

_YEAR = 365.0
_LAST_DAY = 0.4
"""Days that are left on the day of expiry."""
_DAYS_OF_TRADING = 252


@final
class OptionView:
    """Follows the walk of the underlying, through Black and Scholes.

    Args:
        option: The option.
        bands: Its market rule.
        level: The underlying's price when the walk stands at its base.
        volatility: A day's, of the underlying; away from the money it is taken higher.
    """

    def __init__(self, option: Instrument, bands: Bands, level: float, volatility: float) -> None:
        assert option.strike is not None
        assert option.last_trade is not None
        self.tick = bands[0][1]
        self.is_inverse = option.right == "P"
        self._strike, self._expires = float(option.strike), block_of(option.last_trade)
        self._level = level
        self._edge, self._wide = int(bands[1][0] / self.tick), int(bands[1][1] / self.tick)
        distance = math.log(self._strike / level)
        self.volatility = volatility * math.sqrt(_DAYS_OF_TRADING) * (1 + 0.8 * distance * distance)

    def terms(self, block: int) -> Terms:
        """Return what the price is computed with during a block."""
        days = max(_LAST_DAY, self._expires - block)
        return Terms(self._strike, days / _YEAR, self.is_inverse)

    def rule(self, block: int) -> Rule:
        """Return the rule that holds during a block."""
        scale = self._level / BASE
        terms, volatility = self.terms(block), self.volatility
        return lambda price: self.ticks(worth(terms, price * scale, volatility))

    def quoted(self, block: int, under: float) -> Ticks:
        """Return the prices at a price of the underlying that is not its walk's."""
        return self.ticks(worth(self.terms(block), under, self.volatility))

    def ticks(self, price: float) -> Ticks:
        """Put a price on the grid, with bid and ask around it: a cent or a hundredth off."""
        scaled = price / float(self.tick)
        margin = max(1.0, scaled / 100)
        return (
            max(1, self._snapped(scaled - margin, math.floor)),
            max(2, self._snapped(scaled + margin, math.ceil)),
            max(1, self._snapped(scaled, round)),
        )

    def _snapped(self, scaled: float, rounding: Callable[[float], int]) -> int:
        step = self._wide if scaled >= self._edge else 1
        return rounding(scaled / step) * step
