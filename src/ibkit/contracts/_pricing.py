"""The limits of a roll's orders."""

from __future__ import annotations

from decimal import Decimal

from ibkit.products import PriceGrid

from ._market import SpreadMarket
from ._plan import RollPlan
from ._ways import CalendarSpread, Way


def spread_price(
    plan: RollPlan, market: SpreadMarket | None, way: CalendarSpread, *, crossing: bool
) -> Decimal | None:
    """The net price of the spread's order; None if no market tells and none was given."""
    grid = way.grid or plan.grid
    if crossing and market is not None:
        price = market.natural(is_long=plan.is_long)
    elif way.limit is not None:
        price = way.limit
    elif market is not None:
        price = market.patient(grid, is_long=plan.is_long)
    else:
        return None
    if way.worst is not None:
        price = min(price, way.worst) if plan.is_long else max(price, way.worst)
    return grid.round(price, "down" if plan.is_long else "up")


def named_price(plan: RollPlan, how: Way) -> Decimal | None:
    """
    What the new month would cost at the worst net price that was named; None if none was.

    It is what gates look at. Where the old month has no market, it is the net price itself, which
    a gate that compares prices cannot let pass. The limits of legs are steps from the touch.
    """
    if not isinstance(how, CalendarSpread):
        return None
    nets = [net for net in (how.limit, how.worst) if net is not None]
    market = plan.market
    if not nets or market is None:
        return nets[0] if nets else None
    middle = (market.old.bid + market.old.ask) / 2
    return middle + max(nets, key=lambda net: abs(net - market.mid))


def leg_price(plan: RollPlan, market: SpreadMarket | None, kind: str, ticks: int) -> Decimal | None:
    """The limit of a leg, so many steps through the touch; None without a market."""
    if market is None:
        return None
    touch = market.old if kind == "c" else market.new
    is_buy = plan.is_long is (kind == "o")
    return through(plan.grid, touch.ask if is_buy else touch.bid, ticks if is_buy else -ticks)


def through(grid: PriceGrid, price: Decimal, ticks: int) -> Decimal:
    """A price so many steps further."""
    return grid.add_ticks(price, ticks)
