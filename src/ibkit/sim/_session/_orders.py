"""Requests about orders and executions (1.1 to 1.11)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ibkit.sim import _wire as wire
from ibkit.sim._engine import (
    Cancel,
    CancelAll,
    ExecutionFilter,
    OrderKey,
    OrderView,
    Place,
)
from ibkit.sim._session._contracts import find_one
from ibkit.sim._session._order_messages import (
    commission_report,
    completed_order,
    exec_details,
    open_order,
    order_status,
)
from ibkit.sim._session._order_terms import (
    BadTime,
    order_terms,
    parse_time,
    times_of,
    warn_without_zone,
)

if TYPE_CHECKING:
    from ibkit.sim._session._floor import Floor
    from ibkit.sim._session._session import Session

READ_ONLY = "The API interface is currently in Read-Only mode."
BIND_ALL = 0
"""The client id that may see and bind manual orders."""


def place(session: Session, request: wire.PlaceOrder, now: dt.datetime) -> None:
    """Place or modify an order; the checks follow the order of section 8, item 3."""
    order_id = request.order_id
    if _refused(session, order_id):
        return
    if not request.contract.exchange and not request.contract.con_id:
        session.refuse(order_id, 321, "bX", "Missing order exchange")
        return
    scenario = session.floor.scenario
    if request.contract.sec_type == "CONTFUT" and scenario.continuous_orders == "refuse":
        session.refuse(order_id, 321, "bX", "Continuous futures are not available for trading")
        return
    instrument = find_one(session, order_id, request.contract, now)
    if instrument is None:
        return
    if not request.contract.exchange:
        session.refuse(order_id, 321, "bX", "Missing order exchange")
        return
    try:
        terms = order_terms(request, session.floor.scenario.zone)
    except BadTime as error:
        session.error(order_id, 343, f"{error}: The date, time, or time-zone entered is invalid.")
        return
    warn_without_zone(session, order_id, *times_of(request))
    if session.floor.is_offline and scenario.offline_orders == "refuse":
        session.refuse(order_id, 10328)
        return
    key = OrderKey(session.client_id, order_id)
    command = Place(
        key=key, con_id=instrument.con_id, exchange=request.contract.exchange, terms=terms
    )
    session.floor.apply(command, now)


def cancel(session: Session, request: wire.CancelOrder, now: dt.datetime) -> None:
    """Cancel an order of this client, or another's where the scenario allows it."""
    if _refused(session, request.order_id):
        return
    key = OrderKey(session.client_id, request.order_id)
    session.floor.apply(Cancel(key=key, by=session.client_id), now)


def cancel_all(session: Session, request: wire.ReqGlobalCancel, now: dt.datetime) -> None:
    """Cancel every order of every client, manual ones too."""
    if _refused(session):
        return
    session.floor.apply(CancelAll(by=session.client_id), now)


def _refused(session: Session, order_id: int = -1) -> bool:
    """Refuse whatever is about orders while the API is in read-only mode, lists of them too.

    That is what users saw of reqOpenOrders and reqCompletedOrders: 321 without an id, and no end
    (ib_insync#1, #7, #224, bankroll#65); of the others it is our choice.
    """
    if session.floor.scenario.read_only:
        session.refuse(order_id, 321, "bX", READ_ONLY)
    return session.floor.scenario.read_only


def _send_pair(session: Session, view: OrderView) -> None:
    session.send(open_order(session.floor, view))
    session.send(order_status(view))


def own_orders(session: Session) -> list[OrderView]:
    """The live orders that a client may call its own; client 0 has the manual ones too."""
    return [v for v in session.floor.broker.orders() if v.key.client_id == session.client_id]


def open_orders(session: Session, request: wire.ReqOpenOrders, now: dt.datetime) -> None:
    """This client's live orders. Client 0 thereby binds the manual ones (1.1)."""
    if _refused(session):
        return
    floor = session.floor
    if session.client_id == BIND_ALL:
        floor.publish(floor.broker.operator.bind(now))
    for view in own_orders(session):
        _send_pair(session, view)
    session.send(wire.OpenOrderEnd())


def all_open_orders(session: Session, request: wire.ReqAllOpenOrders, now: dt.datetime) -> None:
    """Every live order. Later ids of this client must exceed those seen here (1.1)."""
    if _refused(session):
        return
    broker = session.floor.broker
    for view in broker.orders():
        broker.raise_order_id(session.client_id, view.key.order_id)
        _send_pair(session, view)
    session.send(wire.OpenOrderEnd())


def auto_open_orders(session: Session, request: wire.ReqAutoOpenOrders, now: dt.datetime) -> None:
    """Bind manual orders to client 0 as they are placed; there is no end message."""
    if session.client_id != BIND_ALL:
        session.refuse(-1, 327)
        return
    if _refused(session):
        return
    session.floor.broker.operator.auto_bind = request.auto_bind


def completed_orders(session: Session, request: wire.ReqCompletedOrders, now: dt.datetime) -> None:
    """The orders that ended today; with *api_only*, not those entered by hand."""
    if _refused(session):
        return
    session.floor.mark(now)
    for view in session.floor.broker.completed_orders():
        if not (request.api_only and view.key == OrderKey(0, 0)):
            session.send(completed_order(session.floor, view))
    session.send(wire.CompletedOrdersEnd())


def executions(session: Session, request: wire.ReqExecutions, now: dt.datetime) -> None:
    """The executions that match, each with its commission, then the end (1.10)."""
    floor = session.floor
    try:
        since = parse_time(request.time, floor.scenario.zone)
        warn_without_zone(session, request.req_id, request.time)
    except BadTime:
        session.refuse(request.req_id, 321, "bX", f"Invalid time format {request.time!r}")
        return
    wanted = ExecutionFilter(
        client_id=request.client_id or None,
        account=request.acct_code,
        since=since,
        symbol=request.symbol,
        sec_type=request.sec_type,
        exchange=request.exchange,
        side=request.side,
    )
    floor.mark(now)
    found = floor.broker.executions(wanted)
    for fill in found:
        session.send(exec_details(floor, request.req_id, fill))
        session.send(commission_report(fill))
    if found or floor.scenario.empty_executions_end:
        session.send(wire.ExecDetailsEnd(request.req_id))


def send_open_orders(floor: Floor, session: Session) -> None:
    """The orders that are downloaded on connection, before the log-in ends (1.4)."""
    if not floor.scenario.read_only:
        for view in own_orders(session):
            _send_pair(session, view)
        session.send(wire.OpenOrderEnd())
