"""Market rules: which step of price holds where (reqMarketRule).

Ids 67 (captured with ES and NQ), 26, 32, 109 and 239 are IB's; all others are ours, for one
tick each. Of the bands of 32 and 109 IB's documents say nothing; they are the exchanges' for
options in pennies and in nickels.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from ibkit.products import PRODUCTS
from ibkit.sim._market._instrument import Instrument

Bands = tuple[tuple[Decimal, Decimal], ...]
"""``(low edge, increment)``, the edges rising from 0."""

STOCK, PENNY_OPTION, NICKEL_OPTION, EUR_USD = 26, 32, 109, 239
_NAMED: dict[int, Bands] = {
    67: ((Decimal(0), Decimal("0.25")),),
    STOCK: ((Decimal(0), Decimal("0.01")),),
    PENNY_OPTION: ((Decimal(0), Decimal("0.01")), (Decimal(3), Decimal("0.05"))),
    NICKEL_OPTION: ((Decimal(0), Decimal("0.05")), (Decimal(3), Decimal("0.10"))),
    EUR_USD: ((Decimal(0), Decimal("0.00005")),),
}
_QUARTER_RULE = 67
_FIRST_OF_OURS = 2000

_TICKS = """
FSMX=1 FIE=1 OMXS30=0.25 225=10 TPX=0.5 HHI=1 HTI=1 Z3N=0.00390625 TWE=0.03125 ZQ=0.0025
SR1=0.0025 FBTS=0.01 FBON=0.01 CONF=0.01 CGZ=0.005 CGF=0.01 CRA=0.005 165=0.01 RF=0.0001
QO=0.25 QI=0.0125 QC=0.002 XC=0.125 T=0.01
"""
TICKS = {root: Decimal(tick) for root, tick in (row.split("=") for row in _TICKS.split())}
"""What the table of products leaves blank: known to the exchanges, here by our own choice."""

_OTHER_TICKS = ("0.00001", "0.0001", "0.0005", "0.005", "0.01", "0.05")


@cache
def _ours() -> tuple[Decimal, ...]:
    ticks = {product.min_tick for product in PRODUCTS if product.min_tick is not None}
    return tuple(sorted(ticks | set(TICKS.values()) | {Decimal(text) for text in _OTHER_TICKS}))


def rule_of_tick(tick: Decimal) -> int:
    """Return the id of the rule with this one increment."""
    if tick == Decimal("0.25"):
        return _QUARTER_RULE
    return _FIRST_OF_OURS + _ours().index(tick)


def bands(rule_id: int) -> Bands | None:
    """Return a rule's rows, ``None`` for an unknown id."""
    if rule_id in _NAMED:
        return _NAMED[rule_id]
    place = rule_id - _FIRST_OF_OURS
    return ((Decimal(0), _ours()[place]),) if 0 <= place < len(_ours()) else None


def increment(instrument: Instrument, price: Decimal) -> Decimal:
    """Return the step at *price*: the row with the highest edge up to it (1.12)."""
    for edge, step in reversed(_bands_at(instrument)):
        if edge <= abs(price):
            return step
    return instrument.min_tick


def _bands_at(instrument: Instrument) -> Bands:
    """Return the rule of the instrument's exchange, else of the first it names."""
    if not instrument.market_rules:
        return ()
    places = dict(zip(instrument.valid_exchanges, instrument.market_rules, strict=True))
    rule = places.get(instrument.exchange, instrument.market_rules[0])
    return bands(rule) or ()
