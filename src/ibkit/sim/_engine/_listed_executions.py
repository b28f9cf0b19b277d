"""reqExecutions: the executions of the day that a filter lets through (gateway-behaviour 1.10)."""

from __future__ import annotations

from ibkit.sim._engine._events import Fill
from ibkit.sim._engine._views import ExecutionFilter
from ibkit.sim._engine._world import World

SIDES = {"BUY": "BOT", "SELL": "SLD", "SSHORT": "SLD"}


def select(world: World, wanted: ExecutionFilter) -> tuple[Fill, ...]:
    """Return the executions that a filter lets through, oldest first."""
    return tuple(fill for fill, _ in world.executions if _passes(world, fill, wanted))


def _passes(world: World, fill: Fill, wanted: ExecutionFilter) -> bool:
    if wanted.client_id is not None and fill.key.client_id != wanted.client_id:
        return False
    if wanted.account and fill.account != wanted.account:
        return False
    if wanted.since is not None and fill.time < wanted.since:
        return False
    if wanted.side and fill.side != SIDES.get(wanted.side, wanted.side):
        return False
    if wanted.exchange and fill.exchange != wanted.exchange:
        return False
    return _fits_instrument(world, fill, wanted)


def _fits_instrument(world: World, fill: Fill, wanted: ExecutionFilter) -> bool:
    if not wanted.symbol and not wanted.sec_type:
        return True
    instrument = world.markets.instrument(fill.con_id)
    assert instrument is not None  # of a fill
    return (wanted.symbol in {"", instrument.symbol}) and (
        wanted.sec_type in {"", instrument.sec_type}
    )
