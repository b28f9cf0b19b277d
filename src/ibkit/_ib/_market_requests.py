"""The requests for market data that go on until they are cancelled, each with its cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import frozen
from ib_async import Contract

Client: TypeAlias = Any  # ib_async's client has no types

_EPOCH_SECONDS = 2  # no zone name to trip over (traps B27)
_KEEP = True  # up to date
_NOT_REGULATORY = False  # regulatory snapshots cost money


@frozen
class MarketRequest:
    """A subscription as it is sent, and as it is cancelled."""

    what: str
    send: Callable[[Client, int], object]
    cancel: Callable[[Client, int], object]


def quotes(contract: Contract, generic: str, *, snapshot: bool = False) -> MarketRequest:
    """Ask for quotes, streaming or once."""
    return MarketRequest(
        f"quotes of {contract.localSymbol or contract.conId}",
        lambda client, req_id: client.reqMktData(
            req_id, contract, generic, snapshot, _NOT_REGULATORY, []
        ),
        lambda client, req_id: client.cancelMktData(req_id),
    )


def ticks(contract: Contract, kind: str, *, ignore_size: bool = False) -> MarketRequest:
    """Ask for tick-by-tick data."""
    return MarketRequest(
        f"{kind} ticks of {contract.localSymbol or contract.conId}",
        lambda client, req_id: client.reqTickByTickData(req_id, contract, kind, 0, ignore_size),
        lambda client, req_id: client.cancelTickByTickData(req_id),
    )


def depth(contract: Contract, rows: int, *, smart: bool = False) -> MarketRequest:
    """Ask for the book. The cancel repeats the smart flag, or TWS answers 310 (traps B26)."""
    return MarketRequest(
        f"depth of {contract.localSymbol or contract.conId}",
        lambda client, req_id: client.reqMktDepth(req_id, contract, rows, smart, []),
        lambda client, req_id: client.cancelMktDepth(req_id, smart),
    )


def bars_5s(contract: Contract, what: str, *, rth: bool = False) -> MarketRequest:
    """Ask for 5-second bars."""
    return MarketRequest(
        f"5-second bars of {contract.localSymbol or contract.conId}",
        lambda client, req_id: client.reqRealTimeBars(req_id, contract, 5, what, rth, []),
        lambda client, req_id: client.cancelRealTimeBars(req_id),
    )


def bars(
    contract: Contract, duration: str, size: str, what: str, *, rth: bool = False
) -> MarketRequest:
    """Ask for bars that are kept up to date."""
    return MarketRequest(
        f"{size} bars of {contract.localSymbol or contract.conId}",
        lambda client, req_id: client.reqHistoricalData(
            req_id, contract, "", duration, size, what, rth, _EPOCH_SECONDS, _KEEP, []
        ),
        lambda client, req_id: client.cancelHistoricalData(req_id),
    )
