"""What an option is worth: Black and Scholes, European, no dividends."""

from __future__ import annotations

import math
from typing import NamedTuple

from ibkit.sim._market._figures import Greeks

RATE = 0.04
"""The interest that the simulated world pays."""


class Terms(NamedTuple):
    """An option at a moment."""

    strike: float
    years: float
    is_put: bool


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def worth(terms: Terms, under: float, volatility: float) -> float:
    """Return the price."""
    strike, years, is_put = terms
    spread = volatility * math.sqrt(years)
    first = (math.log(under / strike) + (RATE + volatility * volatility / 2) * years) / spread
    paid = strike * math.exp(-RATE * years)
    if is_put:
        return paid * _normal(spread - first) - under * _normal(-first)
    return under * _normal(first) - paid * _normal(first - spread)


def greeks(terms: Terms, under: float, volatility: float) -> Greeks:
    """Return the price and how it moves."""
    strike, years, is_put = terms
    root = math.sqrt(years)
    first = (math.log(under / strike) + (RATE + volatility**2 / 2) * years) / (volatility * root)
    density = math.exp(-first * first / 2) / math.sqrt(2 * math.pi)
    side = -1.0 if is_put else 1.0
    paid = RATE * strike * math.exp(-RATE * years) * _normal(side * (first - volatility * root))
    decay = under * density * volatility / (2 * root)
    return Greeks(
        implied_volatility=volatility,
        delta=side * _normal(side * first),
        price=worth(terms, under, volatility),
        gamma=density / (under * volatility * root),
        vega=under * density * root / 100,
        theta=-(decay + side * paid) / 365,
        under_price=under,
    )


def implied(terms: Terms, under: float, price: float) -> float | None:
    """Return the volatility at which an option has a price; ``None`` if none gives it."""
    low, high = 1e-4, 5.0
    if not worth(terms, under, low) <= price <= worth(terms, under, high):
        return None
    for _ in range(60):
        middle = (low + high) / 2
        if worth(terms, under, middle) < price:
            low = middle
        else:
            high = middle
    return (low + high) / 2
