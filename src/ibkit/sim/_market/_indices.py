"""The indices: those that IB lists by themselves, and the one behind every future.

At IB a future's underlying is an index with the future's symbol at its exchange: ES is one at
CME, beside SPX at CBOE. conIds 416904, 416843, 13455763, 825711, 4356500, 11004968 and 11004958
are IB's.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import NamedTuple

from ibkit.products import EXCHANGES, PRODUCTS, Product
from ibkit.sim._market import _ids
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._levels import levels
from ibkit.sim._market._rules import TICKS

_CON_IDS = {
    ("SPX", "CBOE"): 416904,
    ("NDX", "NASDAQ"): 416843,
    ("VIX", "CBOE"): 13455763,
    ("DAX", "EUREX"): 825711,
    ("ESTX50", "EUREX"): 4356500,
    ("ES", "CME"): 11004968,
    ("NQ", "CME"): 11004958,
}


class _Alone(NamedTuple):
    symbol: str
    exchange: str
    zone: str
    name: str


_ALONE = (
    _Alone("SPX", "CBOE", "US/Central", "S&P 500 Stock Index"),
    _Alone("VIX", "CBOE", "US/Central", "CBOE Volatility Index"),
    _Alone("NDX", "NASDAQ", "US/Eastern", "NASDAQ 100 Stock Index"),
)


class Index(NamedTuple):
    """An index and the name of the level that it stands at."""

    instrument: Instrument
    level: str


@cache
def indices() -> dict[int, Index]:
    """Return all indices by conId."""
    found = {}
    for symbol, exchange, zone, name in _ALONE:
        index = _index(symbol, exchange, zone, name, "USD", Decimal("0.01"))
        found[index.con_id] = Index(index, symbol)
    for product in PRODUCTS:
        if product.root in levels() and product.symbol != "VIX":
            index = _behind(product)
            found.setdefault(index.con_id, Index(index, product.root))
    return found


@cache
def _behind(product: Product) -> Instrument:
    zone = EXCHANGES[product.exchange].ib_zone
    tick = min(Decimal("0.01"), product.min_tick or TICKS[product.root])
    return _index(product.symbol, product.exchange, zone, product.name, product.currency, tick)


def behind(product: Product) -> Instrument:
    """Return the index that a product's futures are on."""
    if product.symbol == "VIX":
        return indices()[_CON_IDS["VIX", "CBOE"]].instrument
    return indices()[_con_id(product.symbol, product.exchange)].instrument


def _con_id(symbol: str, exchange: str) -> int:
    return _CON_IDS.get((symbol, exchange)) or _ids.named(f"IND:{symbol}:{exchange}")


def _index(
    symbol: str, exchange: str, zone: str, name: str, currency: str, tick: Decimal
) -> Instrument:
    return Instrument(
        con_id=_con_id(symbol, exchange),
        symbol=symbol,
        sec_type="IND",
        exchange=exchange,
        currency=currency,
        local_symbol=symbol,
        trading_class=symbol,
        min_tick=tick,
        long_name=name,
        market_name=symbol,
        zone=zone,
        valid_exchanges=(exchange,),
    )
