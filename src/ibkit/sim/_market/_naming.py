"""What a script means by a name."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator

from ibkit.products import PRODUCTS
from ibkit.sim._market import _futures
from ibkit.sim._market._forex import pairs
from ibkit.sim._market._indices import indices
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._listings import Listings
from ibkit.sim._market._question import Question, Refusal
from ibkit.sim._market._stocks import stocks


def named(listings: Listings, name: str | int, today: dt.date) -> Instrument:
    """Return what is called so, the first that there is. Raises LookupError."""
    found = next(_meanings(listings, name, today), None)
    if found is None:
        raise LookupError(
            f"nothing is called {name!r}{_nearest(name)}; accepted are a conId, a share (AAPL), "
            "a pair (EUR.USD), a futures root (ES), an index (SPX), and the local symbol of a "
            "future or an option"
        )
    return found


def _nearest(name: object) -> str:
    if not isinstance(name, str):
        return ""
    shares = (share.symbol for share in stocks().values())
    currencies = (pair.local_symbol for pair in pairs().values())
    known = {*shares, *currencies, *(product.root for product in _futures.products())}
    close = difflib.get_close_matches(name.strip().upper(), known, 3)
    return f", nearest: {', '.join(close)}" if close else ""


def _meanings(listings: Listings, name: str | int, today: dt.date) -> Iterator[Instrument]:
    if isinstance(name, int) and (known := listings.by_con_id(name)):
        yield known
    if not isinstance(name, str):
        return
    for share in stocks().values():
        if (share.symbol, share.currency) == (name, "USD"):
            yield share
    for pair in pairs().values():
        if pair.local_symbol == name:
            yield pair
    if name in PRODUCTS and (leader := _lead(name, today)):
        yield leader
    for index in indices().values():
        if index.instrument.symbol == name:
            yield index.instrument
    for kind in ("FUT", "OPT"):
        local = listings.find(Question(sec_type=kind, local_symbol=name), today)
        if not isinstance(local, Refusal):
            yield from local


def _lead(root: str, today: dt.date) -> Instrument | None:
    product = PRODUCTS[root]
    leader = _futures.lead(product, today) if product in _futures.products() else None
    return _futures.instrument(leader) if leader else None
