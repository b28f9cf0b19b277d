"""What a query was resolved to, and what was corrected on the way. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import combinations
from typing import TypeAlias

from attrs import frozen
from ib_async import Contract, ContractDetails, Future

from ._listing import last_trade_of


@frozen
class ExchangeCorrected:
    """The exchange was one that IB does not take (any more)."""

    given: str
    exchange: str
    reason: str

    def __str__(self) -> str:
        return f"exchange {self.given} -> {self.exchange}: {self.reason}"


@frozen
class ContinuousReplaced:
    """A continuous future cannot be ordered: its front month stands for it."""

    front: str

    def __str__(self) -> str:
        return f"continuous future -> {self.front}, its front month by the roll rule"


Note: TypeAlias = ExchangeCorrected | ContinuousReplaced


@frozen(kw_only=True, eq=False, repr=False)
class Resolution:
    """Exactly one contract, what TWS says of it, and what was corrected."""

    contract: Contract
    """Qualified: with conId and exchange, and a last trading day of 8 digits."""
    details: ContractDetails
    notes: tuple[Note, ...] = ()
    last_trade: dt.date | None = None
    is_tradable: bool = True
    """False for one that has expired."""

    @classmethod
    def of(cls, details: ContractDetails, notes: tuple[Note, ...], today: dt.date) -> Resolution:
        """Read what TWS answered."""
        assert details.contract is not None
        last = last_trade_of(details)
        return cls(
            contract=_fresh(details.contract, last),
            details=details,
            notes=notes,
            last_trade=last,
            is_tradable=last is None or last >= today,
        )

    def describe(self) -> str:
        """The resolution in plain lines."""
        c = self.contract
        name = f"{c.localSymbol or c.symbol}: {self.details.longName}"
        size = f"multiplier {c.multiplier or 1}, {c.currency}, class {c.tradingClass}"
        lines = [
            f"{name} ({c.secType}, conId {c.conId})",
            f"  on {c.exchange}, {size}, smallest step {self.details.minTick}",
        ]
        if self.last_trade:
            state = "" if self.is_tradable else ", expired"
            lines.append(f"  last trade {self.last_trade} {self.details.lastTradeTime}{state}")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def __str__(self) -> str:
        return self.describe()

    def __repr__(self) -> str:
        c = self.contract
        return f"<Resolution {c.localSymbol or c.symbol} ({c.secType}) on {c.exchange}, {c.conId}>"


def _fresh(contract: Contract, last: dt.date | None) -> Contract:
    """A contract of its own, so that nobody's change reaches another."""
    kind = Future if contract.secType == "FUT" else Contract
    fields = {name: value for name, value in vars(contract).items() if name != "secType"}
    fresh = kind(**fields)
    fresh.secType = contract.secType
    if last is not None:
        fresh.lastTradeDateOrContractMonth = f"{last:%Y%m%d}"
    return fresh


DECIDING = {
    "lastTradeDateOrContractMonth": "the last trading day",
    "multiplier": "the multiplier",
    "tradingClass": "the trading class",
    "exchange": "the exchange",
    "currency": "the currency",
    "strike": "the strike",
    "right": "the right",
}


def deciding_fields(candidates: Sequence[Contract]) -> str:
    """
    The fewest fields that tell the candidates apart, in words.

    >>> big = Contract(symbol="SI", multiplier="5000", tradingClass="SI")
    >>> small = Contract(symbol="SI", multiplier="1000", tradingClass="SIL")
    >>> deciding_fields([big, small])
    'Name the multiplier: 1000, 5000.'
    """
    for count in range(1, len(DECIDING) + 1):
        for names in combinations(DECIDING, count):
            values = {tuple(getattr(c, name) for name in names) for c in candidates}
            if len(values) == len(candidates):
                return _words(names, candidates)
    return "Name its conId."


def _words(names: Sequence[str], candidates: Sequence[Contract]) -> str:
    what = " and ".join(DECIDING[name] for name in names)
    if len(names) > 1:
        return f"Name {what}."
    values = sorted({str(getattr(c, names[0])) for c in candidates})
    shown = ", ".join(values[:8]) + (", ..." if len(values) > 8 else "")
    return f"Name {what}: {shown}."
