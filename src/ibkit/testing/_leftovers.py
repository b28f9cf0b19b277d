"""What a test left open at the gateway, by name."""

from __future__ import annotations

from collections.abc import Iterable

from ibkit.sim import OrderView, SimGateway

LINES = frozenset({"bars_5s", "depth", "live_bars", "quotes", "tick_by_tick"})
"""The kinds of subscriptions that are market-data lines."""


class LeftOpen(UserWarning):
    """A test ended with live orders or market-data lines.

    A warning names them. Make it an error with pytest's ``-W error::ibkit.testing.LeftOpen``, or
    for good with ``filterwarnings = error::ibkit.testing.LeftOpen``.
    """


def open_orders(gateway: SimGateway) -> list[str]:
    """Name each order that lives, of any client."""
    return [describe_order(gateway, order) for order in gateway.truth.orders]


def open_lines(gateway: SimGateway, client: int | None = None) -> list[str]:
    """Name each market-data subscription of a client, by default of all."""
    return [
        f"{line.kind} of {line.name}: request {line.req_id} of client {line.client_id}"
        for line in gateway.truth.subscriptions
        if line.kind in LINES and client in {None, line.client_id}
    ]


def describe_order(gateway: SimGateway, order: OrderView) -> str:
    """Say what an order is, as a person would look for it."""
    terms, key = order.terms, order.key
    prices = (terms.limit_price, terms.aux_price, terms.trail_stop_price)
    words = [
        f"order {key.order_id} of client {key.client_id}:",
        f"{terms.action} {order.remaining.normalize():f}",
        gateway.market.instrument(order.con_id).local_symbol,
        terms.order_type,
        *(f"{price.normalize():f}" for price in prices if price is not None),
        f"({order.status})",
    ]
    return " ".join(words)


def complaint(found: Iterable[str]) -> LeftOpen | None:
    """Return the warning about what was found, if there is anything."""
    if lines := list(found):
        return LeftOpen(
            f"the test left open: {'; '.join(lines)}. "
            "Cancel it in the test, or where the program ends."
        )
    return None
