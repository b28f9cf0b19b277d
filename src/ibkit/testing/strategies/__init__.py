"""Hypothesis strategies for trading code: prices, faults, contracts, chains, groups of orders.

Everything shrinks to the simplest case: a still market, no fault, one contract of ES, a market
order for one. Needs hypothesis (the extra `testing`).

    >>> from hypothesis import given, settings
    >>> from ibkit.testing.strategies import price_paths
    >>> @settings(max_examples=10)
    ... @given(price_paths(start=5000, tick="0.25"))
    ... def test_prices_stay_on_the_grid(path):
    ...     assert all(price % 1 in {0, 0.25, 0.5, 0.75} for price in path)
    >>> test_prices_stay_on_the_grid()
"""

from ibkit.testing.strategies._chains import futures_chains as futures_chains
from ibkit.testing.strategies._contracts import contracts as contracts
from ibkit.testing.strategies._faults import fault_schedules as fault_schedules
from ibkit.testing.strategies._groups import order_groups as order_groups
from ibkit.testing.strategies._prices import price_paths as price_paths

__all__ = ["contracts", "fault_schedules", "futures_chains", "order_groups", "price_paths"]
