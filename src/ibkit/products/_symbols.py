"""Local symbols: the names IB gives to single contracts, written and read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from attrs import frozen

from ._errors import MalformedMonth, MalformedSymbol
from ._expiry import last_trade
from ._months import MONTH_CODES, ContractMonth
from ._product import Product
from ._table import PRODUCTS, Products, product_of


def _with_letter(product: Product, month: ContractMonth) -> str:
    return f"{product.local_class}{month.letter}{month.year % 10}"


def _with_last_trade(product: Product, month: ContractMonth) -> str:
    return f"{product.local_class} {last_trade(product, month):%Y%m%d} M"


_FORMS: dict[str, Callable[[Product, ContractMonth], str]] = {"EUREX": _with_last_trade}
"""By exchange; the others write class, month code and last digit of the year."""


def local_symbol(product: Product | str, month: ContractMonth | str) -> str:
    """Name a contract as IB's ``localSymbol`` does.

    ``ESZ6`` nearly everywhere: seen for CME, CBOT, NYMEX, COMEX, CFE, IPE and HKFE (``HSIJ4``).
    Eurex has had class, last trading day and ``M`` for a monthly contract since March 2023
    (gateway-behaviour 2.1). Osaka and Korea use issue codes of nine digits at IB
    (``169120018``); for those, and where nothing was seen, this is a name of the same common
    form, unique but not IB's.

    Raises:
        RuleUnknown: a product of Eurex without a last-trade rule.

    >>> from ibkit.products import product
    >>> local_symbol(product("6E"), ContractMonth(2026, 12))
    '6EZ6'
    >>> local_symbol(product("FESX"), ContractMonth(2026, 12))
    'FESX 20261218 M'
    """
    named = product_of(product)
    return _FORMS.get(named.exchange, _with_letter)(named, ContractMonth.parse(month))


@frozen
class LocalSymbol:
    """What a local symbol says."""

    product: Product
    month: ContractMonth
    last_trade: dt.date | None = None
    """Where the symbol itself carries it."""


_COMPACT = re.compile(rf"(?P<name>\w+?)(?P<month>[{MONTH_CODES}](?:\d{{1,2}}|\d{{4}}))")
_DATED = re.compile(r"(?P<name>\w+) +(?P<date>\d{8}) +M")
_SPACED = re.compile(r"(?P<name>\S+) +(?P<month>.+)")


def parse_local_symbol(text: str, today: dt.date, products: Products = PRODUCTS) -> LocalSymbol:
    """Read a local symbol, or a name and a month, in any form IB has used.

    Accepted are ``ESZ6``, ``ESZ26``, ``ESZ2026``, ``YM   DEC 26`` (CBOT until 2022),
    ``FESX DEC 26`` (Eurex until 2023), ``FESX 20261218 M``, and ``ES 2026-12``. The name may be a
    trading class, a root, or an IB symbol of one product. A one-digit year means the contract
    that can still trade, or one that ended up to two years ago (`ContractMonth.parse`).

    Raises:
        MalformedSymbol: no such form.
        UnknownProduct, AmbiguousProduct: the name is not that of one product.

    >>> found = parse_local_symbol("CLF7", dt.date(2026, 12, 1))
    >>> found.product.name, str(found.month)
    ('WTI Crude Oil', '2027-01')
    >>> parse_local_symbol("FESX 20261218 M", dt.date(2026, 12, 1)).last_trade
    datetime.date(2026, 12, 18)
    >>> parse_local_symbol("ES", dt.date(2026, 12, 1))
    Traceback (most recent call last):
    ...
    ibkit.products._errors.MalformedSymbol: local symbol 'ES': no contract month in it; accepted \
are ESZ6, ESZ26, ESZ2026, 'FESX DEC 26' and 'FESX 20261218 M'
    """
    cleaned = str(text).strip().upper()
    if dated := _DATED.fullmatch(cleaned):
        day = _date(text, dated["date"])
        return LocalSymbol(products.find(dated["name"]), ContractMonth.of(day), day)
    found = _COMPACT.fullmatch(cleaned) or _SPACED.fullmatch(cleaned)
    if not found:
        raise MalformedSymbol(text, "no contract month in it")
    try:
        month = ContractMonth.parse(found["month"], today=today)
    except MalformedMonth as error:
        raise MalformedSymbol(text, error.reason) from error
    return LocalSymbol(products.find(found["name"]), month)


def _date(text: str, digits: str) -> dt.date:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise MalformedSymbol(text, str(error)) from error
