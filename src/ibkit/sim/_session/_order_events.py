"""From what the broker says to messages, and to whom they go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ibkit.sim._engine import (
    Commissioned,
    Event,
    Executed,
    OrderBound,
    OrderKey,
    OrderShown,
    PositionChanged,
    Refused,
    StatusReported,
    WhatIfAnswered,
)
from ibkit.sim._session._order_messages import (
    bound,
    commission_report,
    exec_details,
    open_order,
    order_status,
    what_if_order,
)

if TYPE_CHECKING:
    from ibkit.sim._session._floor import Floor
    from ibkit.sim._session._session import Session

LIVE = -1
"""The request id of executions that nobody asked for."""


def audience(floor: Floor, key: OrderKey) -> Iterator[Session]:
    """Who hears of an order: its client, the master client, client 0 of manual orders (1.1)."""
    master = floor.scenario.master_client_id
    for session in floor.ready_sessions():
        if session.client_id in (key.client_id, master):
            yield session


def _shown(floor: Floor, event: OrderShown) -> None:
    for session in audience(floor, event.order.key):
        session.send(open_order(floor, event.order))


def _status(floor: Floor, event: StatusReported) -> None:
    for session in audience(floor, event.order.key):
        session.send(order_status(event.order))


def _executed(floor: Floor, event: Executed) -> None:
    for session in audience(floor, event.fill.key):
        session.send(exec_details(floor, LIVE, event.fill))


def _commissioned(floor: Floor, event: Commissioned) -> None:
    for session in audience(floor, event.fill.key):
        session.send(commission_report(event.fill))


def _refused(floor: Floor, event: Refused) -> None:
    for session in floor.ready_sessions():
        if session.client_id == event.key.client_id:
            session.error(event.key.order_id, event.code, event.text)


def _what_if(floor: Floor, event: WhatIfAnswered) -> None:
    for session in floor.ready_sessions():
        if session.client_id == event.order.key.client_id:
            session.send(what_if_order(floor, event))


def _position(floor: Floor, event: PositionChanged) -> None:
    floor.position_changed(event.account, event.con_id)


def _bound(floor: Floor, event: OrderBound) -> None:
    for session in audience(floor, event.key):
        session.send(bound(event))


TELL: dict[type[Event], Callable[[Floor, Any], None]] = {
    OrderShown: _shown,
    StatusReported: _status,
    Executed: _executed,
    Commissioned: _commissioned,
    Refused: _refused,
    WhatIfAnswered: _what_if,
    PositionChanged: _position,
    OrderBound: _bound,
}


def tell(floor: Floor, event: Event) -> None:
    """Send what one event means to everyone it concerns."""
    TELL[type(event)](floor, event)
