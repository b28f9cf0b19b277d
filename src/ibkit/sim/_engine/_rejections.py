"""Why IB or the exchange rejects an order that the gateway has let pass: Inactive and 201."""

from __future__ import annotations

from collections.abc import Callable

from ibkit.sim._engine._order import Order
from ibkit.sim._engine._predicates import is_limit_fillable
from ibkit.sim._engine._risk import shortfall
from ibkit.sim._engine._world import World

NOT_OFFERED = frozenset({"AUC", "DTC"})


def rejection(world: World, order: Order) -> str | None:
    """Return why an order is rejected; ``None`` if it is not."""
    for rule in RULES:
        reason = rule(world, order)
        if reason is not None:
            return reason
    return None


def banded(world: World, order: Order) -> str | None:
    """Return why an exchange cancels a limit that is too aggressive (1.4, C)."""
    share, limit = world.scenario.price_band, order.limit
    market = world.markets.mark(order.con_id, world.now)
    if share is None or limit is None or market is None:
        return None
    reach = abs(market) * share
    edge = market + reach if order.is_buy else market - reach
    if not is_limit_fillable(is_buy=order.is_buy, limit=limit, price=edge) or limit == edge:
        return None
    return (
        "We cannot accept an order at a limit price at or more aggressive than "
        f"{edge.normalize():f}. Please submit your order using a limit price that is closer to "
        f"the current market price of {market.normalize():f}."
    )


def _bad_tif(_world: World, order: Order) -> str | None:
    tif = order.terms.tif
    if tif not in NOT_OFFERED:
        return None
    return f"The time-in-force {tif} is invalid for this combination of exchange and security type"


def _too_late_to_open(world: World, order: Order) -> str | None:
    if order.terms.tif != "OPG" or world.scenario.late_opening == "queue":
        return None
    session = world.calendar.session(order.instrument, world.now, extended=False)
    return "It is too late for the opening." if session.opens <= world.now else None


def _dead_parent(_world: World, order: Order) -> str | None:
    parent = order.parent
    if parent is None or parent.is_live:
        return None
    return "Parent order is being cancelled."


def _too_large(world: World, order: Order) -> str | None:
    most = world.scenario.large_order
    if most is None or order.limit is None or order.quantity <= most:
        return None
    return f"Large Limit Orders: this one of {order.quantity} exceeds {most}; use a smaller order."


def _both_sides(world: World, order: Order) -> str | None:
    if not world.scenario.refuse_both_sides or order.parent is not None:
        return None
    for other in world.orders.live:
        same = (other.con_id, other.account) == (order.con_id, order.account)
        if same and other.is_buy is not order.is_buy and other.is_working:
            return "You cannot have both sides of the contract in working orders."
    return None


def _poor(world: World, order: Order) -> str | None:
    # a child only gets rid of what its parent buys
    return None if order.parent is not None else shortfall(world, order)


RULES: tuple[Callable[[World, Order], str | None], ...] = (
    _bad_tif,
    _too_late_to_open,
    _dead_parent,
    _too_large,
    _both_sides,
    _poor,
)
