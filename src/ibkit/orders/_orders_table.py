"""The orders of one group as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ib_async import Order

from ibkit.errors import PlanError
from ibkit.orders._facts import LegFacts
from ibkit.orders._planned import PlannedOrder
from ibkit.orders._types import describe, read_leg
from ibkit.state._tables import Row, html_table, text_table

if TYPE_CHECKING:
    from ibkit.orders._live_group import GroupTrade


def order_rows(trade: GroupTrade) -> list[Row]:
    """A line for each order: what it is now, or what is planned, and where it stands."""
    planned = {order.role: order for order in trade.group.legs}
    return [_row(trade, leg, planned.get(leg.role)) for leg in trade.facts.legs]


def _row(trade: GroupTrade, leg: LegFacts, planned: PlannedOrder | None) -> Row:
    shown = trade.track(leg.role).latest
    side = shown.order.action if shown else planned.side if planned else ""
    return {
        "role": leg.role,
        "side": side,
        "order": _words(shown.order) if shown else describe(planned.leg) if planned else "",
        "status": "WAITING" if leg.live and not leg.active else leg.status.name,
        "size": shown.size.normalize() if shown else leg.size,
        "filled": leg.filled.normalize(),
        "reason": leg.refused or leg.reason,
    }


def _words(order: Order) -> str:
    try:
        return describe(read_leg(order))
    except PlanError:  # of a type that ibkit never sends
        return order.orderType


def orders_text(trade: GroupTrade) -> str:
    """For a terminal."""
    return text_table(repr(trade), order_rows(trade))


def orders_html(trade: GroupTrade) -> str:
    """For a notebook."""
    return html_table(repr(trade), order_rows(trade))
