"""Ask for everything that must be known before a connection counts as up.

ib_async asks at connect too, but takes a missing answer for an empty one (traps B19): it logs
"positions request timed out" and says it is connected, with no positions.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from attrs import frozen
from ib_async import ExecutionFilter, Position

from ibkit.errors import GatewayError, RequestTimeout

from ._compat import drop_positions
from ._greeting import Ending, Failure
from ._requests import Requests

Part: TypeAlias = Callable[[], Awaitable[object]]

COMPLETED = "completed orders"
"""A part that some TWS never answer (ib_insync#224, #355, #638)."""

_ATTEMPTS = 2
_MOST_ACCOUNTS = 50  # as many as ib_async synchronises


@frozen(kw_only=True)
class SyncPlan:
    """What to ask for."""

    accounts: tuple[str, ...] = ()
    """Every managed account."""
    account: str = ""
    """The one whose portfolio is kept up to date; the only one by default."""
    readonly: bool = False
    """The API is read-only: TWS gives no orders."""
    everything: bool = True
    """False after TWS lost IB: subscriptions stand, so only what could be missed is asked for."""
    timeout: float = 10.0
    """Seconds per part without any progress."""


async def synchronise(requests: Requests, plan: SyncPlan) -> tuple[str, ...]:
    """
    Ask for it, and return the names of what did not come and can be done without.

    Raises `SyncFailed` when positions, open orders or executions did not end.
    """
    missing, lacking = await asyncio.gather(
        _all(_needed(requests, plan)), _all(_useful(requests, plan))
    )
    if not missing:
        # after the orders, so that each execution finds the trade it belongs to
        missing = await _all({"executions": lambda: _executions(requests, plan)})
    if missing:
        raise SyncFailed(_failure(missing))
    return tuple(lacking)


class SyncFailed(Exception):
    """What must be known did not come."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


def _needed(requests: Requests, plan: SyncPlan) -> dict[str, Part]:
    parts: dict[str, Part] = {
        "positions": lambda: _positions(requests, plan),
    }
    if not plan.readonly:
        parts["open orders"] = lambda: requests.open_orders_async(timeout=plan.timeout)
    return parts


def _useful(requests: Requests, plan: SyncPlan) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    if not plan.readonly:
        parts[COMPLETED] = lambda: requests.completed_orders_async(timeout=plan.timeout)
    if not plan.everything:
        return parts
    account = plan.account or (plan.accounts[0] if len(plan.accounts) == 1 else "")
    if account:
        parts[f"account updates of {account}"] = lambda: requests.account_updates_async(
            account, timeout=plan.timeout
        )
    if 1 < len(plan.accounts) <= _MOST_ACCOUNTS:
        for name in plan.accounts:
            parts[f"account values of {name}"] = functools.partial(
                requests.account_values_async, name, follow=True, timeout=plan.timeout
            )
    return parts


async def _positions(requests: Requests, plan: SyncPlan) -> None:
    """Ask for positions; one that was held before TWS lost IB, and is not told now, is gone."""
    before = requests.ib.positions()
    told = {_key(p) for p in await requests.positions_async(timeout=plan.timeout)}
    drop_positions(requests.ib, [p for p in before if _key(p) not in told])


def _key(position: Position) -> tuple[str, int]:
    return position.account, position.contract.conId


async def _executions(requests: Requests, plan: SyncPlan) -> object:
    return await requests.executions_async(ExecutionFilter(), timeout=plan.timeout)


async def _all(parts: Mapping[str, Part]) -> dict[str, Exception]:
    """Run the parts together; tell which failed, and how."""
    attempts = (1 if name == COMPLETED else _ATTEMPTS for name in parts)
    results = await asyncio.gather(*map(_patiently, parts.values(), attempts))
    return {name: error for name, error in zip(parts, results, strict=True) if error is not None}


async def _patiently(part: Part, attempts: int) -> Exception | None:
    try:
        await part()
    except RequestTimeout as error:
        return error if attempts == 1 else await _patiently(part, attempts - 1)
    except Exception as error:  # noqa: BLE001 - it is judged by whoever needs the part
        return error
    return None


def _failure(missing: Mapping[str, Exception]) -> Failure:
    for error in missing.values():
        if isinstance(error, GatewayError) and "read-only" in error.text.lower():
            return Failure(ending=Ending.READ_ONLY, code=error.code)
    name, error = next(iter(missing.items()))
    if isinstance(error, RequestTimeout):
        return Failure(ending=Ending.NOT_SYNCED, detail=f"{', '.join(missing)} never came")
    code = error.code if isinstance(error, GatewayError) else None
    return Failure(ending=Ending.NOT_SYNCED, detail=f"{name} failed: {error}", code=code)
