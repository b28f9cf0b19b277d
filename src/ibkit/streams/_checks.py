"""What IB would refuse or never answer, found before anything is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from ib_async import Contract

from ibkit._ib._arguments import contract_of, whole, word
from ibkit.errors import NotTradable, PlanError

from ._kinds import Kind
from ._values import TickKind

BarKind = Literal["TRADES", "MIDPOINT", "BID", "ASK"]
"""What real-time bars are made of. IB refuses others with 10179."""
MOST_ROWS = 60

_RESOLVE = "resolve it first, for example with FuturesResolver(ib).resolve_async(...)"
_NOT_FOR_COMBOS = frozenset({Kind.TICKS, Kind.DEPTH, Kind.BARS, Kind.BARS_5S})
_EXPIRING = frozenset({"FUT", "FOP", "OPT", "WAR"})


def check_contract(contract: Contract, kind: Kind, today: dt.date) -> None:
    """Refuse a contract that cannot be streamed.

    Raises:
        NotTradable: It has no conId or exchange, is continuous or expired, or is of a sort for
            which IB has no such data (gateway-behaviour 3.3 to 3.5).
    """
    contract_of(contract)
    reason = (
        _incomplete(contract)
        or _unsuitable(contract.secType, kind)
        or _expired(contract, today - dt.timedelta(days=1))
    )
    if reason is not None:
        raise NotTradable(contract, reason)


def _incomplete(contract: Contract) -> str | None:
    if contract.secType == "CONTFUT":
        return f"a continuous future has no live data; stream its front month: {_RESOLVE}"
    if contract.secType == "BAG":
        if not contract.comboLegs or not all(leg.conId for leg in contract.comboLegs):
            return "a combo needs legs, each with a conId"
    elif not contract.conId:
        return f"it has no conId; {_RESOLVE}"
    if not contract.exchange:
        return f"it has no exchange (contracts of positions never have one); {_RESOLVE}"
    return None


def _unsuitable(sec_type: str, kind: Kind) -> str | None:
    if sec_type == "BAG" and kind in _NOT_FOR_COMBOS:
        return f"IB has no {kind.value} for combos; stream its legs, or quotes of the combo"
    if sec_type in {"OPT", "FOP"} and kind is Kind.TICKS:
        return "IB has no tick-by-tick data for options; stream its quotes"
    return None


def _expired(contract: Contract, yesterday: dt.date) -> str | None:
    text = str(contract.lastTradeDateOrContractMonth)
    if contract.secType not in _EXPIRING or len(text) < 8 or not text[:8].isdigit():
        return None
    # A day of grace: it may still be yesterday where it trades.
    if text[:8] >= yesterday.strftime("%Y%m%d"):
        return None
    return f"it expired on {text[:4]}-{text[4:6]}-{text[6:8]}"


def tick_kind(kind: TickKind) -> TickKind:
    """Give IB's word for a kind of tick-by-tick data."""
    return word(kind, "kind", get_args(TickKind))


def bar_kind(what: BarKind) -> BarKind:
    """Give IB's word for what live bars are made of."""
    return word(what, "what", get_args(BarKind))


def check_rows(rows: int) -> int:
    """Refuse a book without rows, or with more than any exchange shows."""
    return whole(rows, "rows", 1, MOST_ROWS)


def generic_ticks(generic: Sequence[int]) -> tuple[int, ...]:
    """Give the numbers of generic ticks; ib_async's ``"233,236"`` is taken as well."""
    given: object = generic
    if isinstance(given, str):
        given = [int(part) if part.isdecimal() else part for part in given.split(",") if part]
    if not isinstance(given, Iterable):
        raise PlanError("generic", generic, "numbers of generic ticks, such as (233, 236)")
    return tuple(whole(tick, "generic", 1) for tick in given)
