"""The turn of the day, at midnight of the login zone (gateway-behaviour 1.10)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from ibkit.sim._engine._figures import equity
from ibkit.sim._engine._world import World


def turn_if_due(world: World, now: dt.datetime) -> None:
    """Forget yesterday's executions, ended orders and closed positions; mark the others.

    What the day begins with is worth what it was at midnight, however late this is noticed.
    """
    if now < world.day_ends:
        return
    local = now.astimezone(ZoneInfo(world.scenario.zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    world.day_ends = (midnight + dt.timedelta(days=1)).astimezone(dt.timezone.utc)
    world.now = max(world.now, midnight.astimezone(dt.timezone.utc))
    world.orders.forget_ended()
    world.executions.clear()
    for ledger in world.ledgers.values():
        ledger.forget_closed()
        ledger.start_equity = equity(world, ledger)
        for position in ledger.held():
            position.start_day(world.markets.mark(position.instrument.con_id, world.now))
