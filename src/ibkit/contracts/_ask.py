"""From what a user names to what is asked of TWS. Pure."""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

from attrs import frozen
from ib_async import Contract, Future

from ibkit._ib._arguments import con_id_of
from ibkit.errors import PlanError, UnknownContract
from ibkit.products import (
    AmbiguousProduct,
    ContractMonth,
    MalformedMonth,
    MalformedSymbol,
    Product,
    Products,
    UnknownProduct,
    corrected_exchange,
    parse_local_symbol,
)

from ._resolution import ExchangeCorrected, Note

Query: TypeAlias = str | int | Contract
"""What can be resolved: a text, a conId, or a contract as far as it is known."""

FIELDS = (
    "secType",
    "conId",
    "symbol",
    "lastTradeDateOrContractMonth",
    "strike",
    "right",
    "multiplier",
    "exchange",
    "primaryExchange",
    "currency",
    "localSymbol",
    "tradingClass",
    "includeExpired",
    "secIdType",
    "secId",
)


@frozen(kw_only=True)
class Asked:
    """What a query means."""

    contract: Contract
    product: Product | None = None
    given: Contract | None = None
    """The contract as it was given, where only its conId is asked for."""
    front_of: Product | None = None
    """The query names a product, or a continuous future: its front month is meant."""
    notes: tuple[Note, ...] = ()


def asked(query: Query, products: Products, today: dt.date) -> Asked:
    """
    What a query means.

    Raises `UnknownContract` for a name that no product has and for a text that cannot be
    read, `PlanError` for anything that is no query.
    """
    if isinstance(query, Contract):
        return _by_contract(query, products, today)
    if isinstance(query, str):
        return _by_text(query.strip(), products, today)
    if hasattr(query, "__index__") and not isinstance(query, bool):
        return Asked(contract=Contract(conId=con_id_of(query, "query")))
    raise PlanError("query", query, "a text such as 'ESZ6' or 'ES 2026-12', a conId, or a Contract")


_NO_FUTURE = "no futures product has this name; a text names futures, give a Contract for the rest"


def _by_text(text: str, products: Products, today: dt.date) -> Asked:
    if text.isdecimal():
        return Asked(contract=Contract(conId=con_id_of(int(text), "query")))
    try:
        product = products.find(text)
    except AmbiguousProduct as error:
        raise UnknownContract(text, str(error)) from error
    except UnknownProduct as error:
        unknown = error
    else:
        return Asked(contract=_future(product), product=product, front_of=product)
    try:
        found = parse_local_symbol(text, today, products)
    except UnknownProduct as error:
        raise UnknownContract(text, "no futures product has this name", error.nearest) from error
    except MalformedSymbol as error:
        reason = str(error) if any(letter.isdigit() for letter in text) else _NO_FUTURE
        raise UnknownContract(text, reason, unknown.nearest) from error
    contract = _future(found.product)
    contract.lastTradeDateOrContractMonth = (
        f"{found.last_trade:%Y%m%d}" if found.last_trade else found.month.yyyymm
    )
    return Asked(contract=contract, product=found.product)


def _future(product: Product) -> Future:
    return Future(symbol=product.symbol, exchange=product.exchange, currency=product.currency)


def _by_contract(given: Contract, products: Products, today: dt.date) -> Asked:
    contract = Contract(**{name: getattr(given, name) for name in FIELDS})
    if not (contract.conId or contract.secType or contract.secId):
        raise PlanError("query", given, "a conId, or a secType, as Future(...) and Stock(...) have")
    contract.lastTradeDateOrContractMonth = _month(contract.lastTradeDateOrContractMonth, today)
    if contract.secType in {"FUT", "CONTFUT"}:  # IB minds the case, and has none of small letters
        for name in ("symbol", "exchange", "currency", "localSymbol", "tradingClass"):
            setattr(contract, name, getattr(contract, name).upper())
    if contract.conId and contract.secType != "CONTFUT":  # its conId may be of an earlier front
        return Asked(contract=_by_id(contract), given=contract)
    contract.conId = 0
    if contract.secType not in {"FUT", "CONTFUT"}:
        return Asked(contract=contract)
    product = product_of(contract, products)
    notes: tuple[Note, ...] = ()
    if product is not None:
        correction = corrected_exchange(product, contract.exchange)
        if correction is not None:
            notes = (ExchangeCorrected(correction.given, correction.exchange, correction.reason),)
            contract.exchange = correction.exchange
        elif not contract.exchange:
            contract.exchange = product.exchange
    front = product if contract.secType == "CONTFUT" else None
    return Asked(contract=contract, product=product, front_of=front, notes=notes)


def _month(given: object, today: dt.date) -> str:
    """As IB takes it; a time behind the day is error 10330, other forms of a month are, too."""
    if isinstance(given, dt.date):
        return f"{given:%Y%m%d}"
    text = str(given).strip()
    if not text or text[:8].isdecimal():
        return text[:8]
    try:
        return text if text.isdecimal() else ContractMonth.parse(text, today=today).yyyymm
    except MalformedMonth as error:
        raise PlanError("lastTradeDateOrContractMonth", given, str(error)) from error


def _by_id(contract: Contract) -> Contract:
    """By conId alone: other fields could only contradict it (478)."""
    exchange = "" if contract.secType == "FUT" else contract.exchange
    return Contract(conId=contract.conId, exchange=exchange, includeExpired=contract.includeExpired)


def product_of(contract: Contract, products: Products) -> Product | None:
    """The one product that a contract is of, as far as it says; None if it is not clear."""
    found = products.matching(
        contract.symbol,
        trading_class=contract.tradingClass,
        multiplier=contract.multiplier,
    )
    return found[0] if len(found) == 1 else None
