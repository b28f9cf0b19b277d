"""Contracts that the simulated gateway lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from ib_async import Contract

from ibkit.products import Product
from ibkit.sim import Instrument
from ibkit.sim._market import _forex as forex, _futures as futures, _indices as indices
from ibkit.sim._market._stocks import stocks
from ibkit.testing._clock import MONDAY
from ibkit.testing._resolved import contract_of

KINDS = ("FUT", "STK", "CASH", "IND")
FIRST_DAY = MONDAY.date()
MONTHS = 12
"""How many months of each product are drawn: oil has more than a hundred."""


def contracts(
    kinds: Sequence[str] = KINDS[:3],
    *,
    qualified: bool = True,
    roots: Sequence[str] | None = None,
    on: dt.date = FIRST_DAY,
) -> SearchStrategy[Contract]:
    """Draw a contract that the simulated gateway lists; of a future, one of the next dozen months.

    Shrinks to the nearest month of ES.

    Args:
        kinds: Of which types, out of ``FUT STK CASH IND``. Indices cannot be traded.
        qualified: With its conId, as after a request for details. Without, every field that
            tells it from others is set still.
        roots: The futures to choose from, such as ``["ES", "CL"]``.
        on: The day on which a future has to be listed; by default the first day of virtual time.

    Raises:
        ValueError: A type or a root that is not listed.

    >>> from hypothesis import find
    >>> find(contracts(["FUT"]), lambda contract: contract.symbol == "CL").localSymbol
    'CLJ6'
    """
    if not kinds or not set(kinds) <= set(KINDS):
        raise ValueError(f"kinds: got {kinds!r}; wanted some of {', '.join(KINDS)}")
    if type(on) is not dt.date:
        raise ValueError(f"on: got {on!r}; wanted a date, as datetime.date(2026, 3, 2)")
    products = products_of(roots)
    rows: dict[str, Callable[[], list[Instrument]]] = {
        "FUT": lambda: _futures(products, on),
        "STK": lambda: list(stocks().values()),
        "CASH": lambda: list(forex.pairs().values()),
        "IND": lambda: [index.instrument for index in indices.indices().values()],
    }
    found = st.one_of(*(st.sampled_from(rows[kind]()) for kind in kinds))
    return found.map(lambda instrument: contract_of(instrument, qualified=qualified))


def _futures(products: Sequence[Product], on: dt.date) -> list[Instrument]:
    origins = (origin for product in products for origin in futures.listed(product, on)[:MONTHS])
    return [futures.instrument(origin) for origin in origins]


def products_of(roots: Sequence[str] | None) -> list[Product]:
    found = listed_products()
    if roots is None:
        return list(found.values())
    if isinstance(roots, str) or not roots:
        raise ValueError(f"roots: got {roots!r}; wanted a list such as ['ES', 'CL']")
    if unknown := [root for root in roots if root not in found]:
        raise ValueError(f"roots: got {', '.join(unknown)}, of which no rule for months is known")
    return [found[root] for root in roots]


@cache
def listed_products() -> dict[str, Product]:
    """Return the products whose months are listed, ES first."""
    found = {product.root: product for product in futures.products()}
    return {"ES": found["ES"]} | found
