"""From the rows of a gateway to the months of a product. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from attrs import frozen
from ib_async import Contract, ContractDetails, Future

from ibkit.products import Product, exact

from ._listing import last_trade_of


def question_of(product: Product, *, include_expired: bool = False) -> Future:
    """What to ask for all months of a product. Sizes of one symbol share the question.

    Class and multiplier are left out, so that a wrong guess of the table empties nothing.
    """
    return Future(
        symbol=product.symbol,
        exchange=product.exchange,
        currency=product.currency,
        includeExpired=include_expired,
    )


def contract_of(row: ContractDetails) -> Contract:
    """The contract of a row; the decoder always makes one."""
    assert row.contract is not None
    return row.contract


def one_per_contract(rows: Iterable[ContractDetails], exchange: str = "") -> list[ContractDetails]:
    """Keep one row of each conId: that of the wanted exchange, else of its first valid one.

    Without an exchange in the question there is a row for each (gateway-behaviour 2.1).
    """
    best: dict[int, ContractDetails] = {}
    for row in rows:
        known = best.get(contract_of(row).conId)
        if known is None or _rank(row, exchange) < _rank(known, exchange):
            best[contract_of(row).conId] = row
    return list(best.values())


def _rank(row: ContractDetails, exchange: str) -> tuple[bool, int]:
    where, valid = contract_of(row).exchange, row.validExchanges.split(",")
    return where != exchange, valid.index(where) if where in valid else len(valid)


@frozen(kw_only=True, eq=False)
class Family:
    """The rows of one symbol: those of a product, and those of its siblings."""

    own: tuple[ContractDetails, ...]
    siblings: tuple[ContractDetails, ...] = ()
    """Weekly contracts, and other sizes of the same symbol."""


def family_of(product: Product, rows: Sequence[ContractDetails]) -> Family:
    """Pick the rows of a product: its size, and its class where the table knows it.

    Where the table knows no class, it is the one that most rows have.
    """
    unique = one_per_contract(rows, product.exchange)
    sized = [row for row in unique if last_trade_of(row) and _has_size(row, product)]
    name = product.trading_class or _usual_class(sized)
    own = [row for row in sized if contract_of(row).tradingClass == name]
    ids = {contract_of(row).conId for row in own}
    others = [row for row in unique if contract_of(row).conId not in ids]
    return Family(own=tuple(own), siblings=tuple(others))


def _has_size(row: ContractDetails, product: Product) -> bool:
    given = contract_of(row).multiplier
    return product.multiplier is None or not given or exact(given) == product.multiplier


def _usual_class(rows: Sequence[ContractDetails]) -> str:
    counted = Counter(contract_of(row).tradingClass for row in rows)
    return counted.most_common(1)[0][0] if counted else ""


_COMPARED = ("symbol", "localSymbol", "tradingClass", "currency")


def contradiction(given: Contract, found: Contract) -> str:
    """Say where a contract says something else than its own conId; empty if nowhere.

    TWS refuses such a contract with 478 only where it reads the field at all.

    >>> given = Contract(conId=5, localSymbol="ESM6")
    >>> contradiction(given, Contract(conId=5, localSymbol="ESU6"))
    'conId 5 is ESU6, and its localSymbol says ESM6'
    """
    for name in _COMPARED:
        said, is_ = getattr(given, name), getattr(found, name)
        if said and said != is_:
            return f"conId {given.conId} is {found.localSymbol}, and its {name} says {said}"
    size = given.multiplier
    if size and found.multiplier and exact(size) != exact(found.multiplier):
        return f"conId {given.conId} is {found.localSymbol}, and its multiplier says {size}"
    return ""
