"""Chains of futures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ibkit.contracts import FuturesChain
from ibkit.products import Product
from ibkit.testing.strategies._contracts import products_of

FIRST, LAST = dt.date(2016, 1, 1), dt.date(2035, 12, 31)


def futures_chains(
    roots: Sequence[str] | None = None,
    *,
    first: dt.date = FIRST,
    last: dt.date = LAST,
) -> SearchStrategy[FuturesChain]:
    """Draw the chain of a product as it should be listed on some day, made by rule.

    Its contracts have no conId. Shrinks to ES on the first day.

    Args:
        roots: The products to choose from, such as ``["ES", "CL"]``.
        first: The earliest day.
        last: The latest.

    Raises:
        ValueError: A root whose rule for months is not known.

    >>> from hypothesis import find
    >>> chain = find(futures_chains(["ES", "CL"]), lambda chain: chain.product.root == "CL")
    >>> print(chain.since, chain[0])
    2016-01-01 CLG6
    """
    products = st.sampled_from(products_of(roots))
    return st.builds(_on_day, products, st.just(first), st.integers(0, (last - first).days))


def _on_day(product: Product, first: dt.date, days: int) -> FuturesChain:
    return FuturesChain.by_rule(product, first + dt.timedelta(days=days))
