"""The currency pairs of IDEALPRO. Those with a conId here have IB's own."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from ibkit.sim._market import _ids
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._market._rules import EUR_USD, rule_of_tick

_CON_IDS = {
    "EUR.USD": 12087792,
    "GBP.USD": 12087797,
    "AUD.USD": 14433401,
    "NZD.USD": 39453441,
    "USD.JPY": 15016059,
    "USD.CAD": 15016062,
    "USD.CHF": 12087820,
    "EUR.GBP": 12087807,
    "EUR.JPY": 14321016,
    "EUR.CHF": 12087817,
    "EUR.AUD": 15016065,
    "GBP.JPY": 14321015,
    "GBP.CHF": 12087826,
    "AUD.JPY": 15016133,
    "USD.SEK": 0,
    "USD.NOK": 0,
    "USD.MXN": 0,
    "USD.HKD": 0,
    "USD.CNH": 0,
    "USD.SGD": 0,
}
_NAMES = {
    "EUR": "European Monetary Union Euro",
    "GBP": "British pound",
    "AUD": "Australian dollar",
    "NZD": "New Zealand dollar",
    "USD": "United States dollar",
}
_ORDER_TYPES_TEXT = """
ACTIVETIM AD ADJUST ALERT ALGO ALLOC AVGCOST BASKET CASHQTY COND CONDORDER DAY DEACT GAT GTC GTD
GTT HID IOC LIT LMT MIT MKT NONALGO OCA REL RELPCTOFS SCALE STP STPLMT TRAIL TRAILLIT TRAILLMT
TRAILMIT WHATIF
"""
_ORDER_TYPES = tuple(_ORDER_TYPES_TEXT.split())


@cache
def pairs() -> dict[int, Instrument]:
    """Return all pairs by conId."""
    made = (_pair(name, con_id) for name, con_id in _CON_IDS.items())
    return {pair.con_id: pair for pair in made}


def _pair(name: str, con_id: int) -> Instrument:
    base, quote = name.split(".")
    return Instrument(
        con_id=con_id or _ids.named(f"CASH:{name}"),
        symbol=base,
        sec_type="CASH",
        exchange="IDEALPRO",
        currency=quote,
        local_symbol=name,
        trading_class=name,
        min_tick=Decimal("0.005" if quote == "JPY" else "0.00005"),
        long_name=_NAMES[base],
        market_name=name,
        zone="US/Eastern",
        valid_exchanges=("IDEALPRO",),
        market_rules=(_rule(quote),),
        order_types=_ORDER_TYPES,
        min_size=Decimal(1),
    )


def _rule(quote: str) -> int:
    return rule_of_tick(Decimal("0.005")) if quote == "JPY" else EUR_USD
