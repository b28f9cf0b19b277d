"""Accounts and positions: what is asked once and what goes on (3.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, final

from ibkit.sim import _wire as wire
from ibkit.sim._engine import PositionView
from ibkit.sim._session._account_values import (
    Value,
    account_values,
    changed_values,
    summary_values,
)
from ibkit.sim._session._lines import admit
from ibkit.sim._session._texts import zone

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session

THREE_MINUTES = dt.timedelta(minutes=3)
"""How often account values are told again; the interval cannot be changed (3.6)."""

ZERO = Decimal(0)
UPDATES = ("updates", 0)
POSITIONS = ("positions", 0)


def account_names(session: Session, asked: str) -> list[str]:
    """The accounts that a request means: one, or all for an empty text or ``All``."""
    names = [account.name for account in session.floor.scenario.accounts]
    return [name for name in names if asked in ("", "All", name)]


# -- reqAccountUpdates: one account per client


def updates(session: Session, request: wire.ReqAccountUpdates, now: dt.datetime) -> None:
    """Subscribe to an account, or end the subscription. A second account replaces the first."""
    if not request.subscribe:
        session.stop(*UPDATES)
        return
    names = account_names(session, request.acct_code)
    if not names:
        session.refuse(-1, 321, "bX", f"Invalid account code '{request.acct_code}'.")
        return
    if others := _subscribed_elsewhere(session, names[0]):
        session.refuse(-1, 2101, ",".join(map(str, others)))
        return
    if session.stop(*UPDATES):
        session.refuse(-1, 2100)
    session.start(*UPDATES, AccountUpdates(session, names[0], now))


def _subscribed_elsewhere(session: Session, account: str) -> list[int]:
    """The other clients that follow another account: all clients follow the same one (2101)."""
    others = [each for each in session.floor.ready_sessions() if each is not session]
    return [
        each.client_id
        for each in others
        if isinstance(updates := each.running.get(UPDATES), AccountUpdates)
        and updates.account != account
    ]


@final
class AccountUpdates:
    """Tells one account's values and holdings: all at first, then what has changed."""

    def __init__(self, session: Session, account: str, now: dt.datetime) -> None:
        self._session, self.account = session, account
        session.floor.mark(now)
        self._figures = session.floor.broker.figures(account)
        self._send_values(account_values(self._figures))
        for view in session.floor.broker.positions(account):
            self._send_holding(view, now)
        self._send_time(now)
        session.send(wire.AccountDownloadEnd(account))
        self._timer = session.floor.timers.every(THREE_MINUTES, now, self._again)

    def stop(self) -> None:
        """Tell nothing more."""
        self._timer.cancel()

    def position_changed(self, con_id: int, now: dt.datetime) -> None:
        """Tell a holding that has just changed, and the values that changed with it."""
        view = self._session.floor.broker.position(self.account, con_id)
        if view is not None:
            self._send_holding(view, now)
        self._send_changes()

    def _again(self, now: dt.datetime) -> None:
        self._session.floor.mark(now)
        self._send_changes()
        for view in self._session.floor.broker.positions(self.account):
            self._send_holding(view, now)

    def _send_changes(self) -> None:
        old, self._figures = self._figures, self._session.floor.broker.figures(self.account)
        self._send_values(changed_values(old, self._figures))

    def _send_values(self, rows: list[Value]) -> None:
        for row in rows:
            self._session.send(wire.UpdateAccountValue(*row, self.account))

    def _send_holding(self, view: PositionView, now: dt.datetime) -> None:
        self._session.send(
            wire.UpdatePortfolio(
                contract=self._session.floor.contract(view.con_id),
                position=view.quantity,
                market_price=view.market_price or ZERO,
                market_value=view.market_value or ZERO,
                average_cost=view.average_cost,
                unrealized_pnl=view.unrealized_pnl or ZERO,
                realized_pnl=view.realized_pnl,
                account_name=self.account,
            )
        )
        self._send_time(now)

    def _send_time(self, now: dt.datetime) -> None:
        local = now.astimezone(zone(self._session.floor.scenario.zone))
        self._session.send(wire.UpdateAccountTime(f"{local:%H:%M}"))


# -- reqAccountSummary


def summary(session: Session, request: wire.ReqAccountSummary, now: dt.datetime) -> None:
    """Subscribe to a summary of all accounts; two at a time (322)."""
    if admit(session, "summary", request.req_id):
        session.start("summary", request.req_id, AccountSummary(session, request, now))


def cancel_summary(session: Session, request: wire.CancelAccountSummary, now: dt.datetime) -> None:
    """End a summary; cancelling what is not there does nothing."""
    session.stop("summary", request.req_id)


@final
class AccountSummary:
    """Tells the wanted tags, an end, and every three minutes what has changed, and an end."""

    def __init__(self, session: Session, request: wire.ReqAccountSummary, now: dt.datetime) -> None:
        self._session, self._request = session, request
        self._told: dict[tuple[str, str, str], str] = {}
        self._timer = session.floor.timers.every(THREE_MINUTES, now, self._tell)
        self._tell(now)

    def stop(self) -> None:
        """Tell nothing more."""
        self._timer.cancel()

    def _tell(self, now: dt.datetime) -> None:
        floor, req_id = self._session.floor, self._request.req_id
        floor.mark(now)
        for account in floor.scenario.accounts:
            for row in summary_values(floor.broker.figures(account.name), self._request.tags):
                self._tell_row(account.name, row)
        self._session.send(wire.AccountSummaryEnd(req_id))

    def _tell_row(self, account: str, row: Value) -> None:
        key = (account, row.key, row.currency)
        if self._told.get(key) != row.value:
            self._told[key] = row.value
            self._session.send(wire.AccountSummary(self._request.req_id, account, *row))


# -- reqPositions and the multi-account requests


def positions(session: Session, request: wire.ReqPositions, now: dt.datetime) -> None:
    """Every position, the end, and every change from then on."""
    session.stop(*POSITIONS)
    watch = PositionWatch(session, "", lambda view: _position(session, view))
    session.start(*POSITIONS, watch)
    watch.tell_all()
    session.send(wire.PositionEnd())


def cancel_positions(session: Session, request: wire.CancelPositions, now: dt.datetime) -> None:
    """Tell changes no more."""
    session.stop(*POSITIONS)


def positions_multi(session: Session, request: wire.ReqPositionsMulti, now: dt.datetime) -> None:
    """As `positions`, for one account or all."""
    req_id, model = request.req_id, request.model_code

    def message(view: PositionView) -> wire.Answer:
        contract = _held(session, view)
        return wire.PositionMulti(
            req_id, view.account, contract, view.quantity, view.average_cost, model
        )

    session.stop("positions_multi", req_id)
    watch = PositionWatch(session, request.account, message)
    session.start("positions_multi", req_id, watch)
    watch.tell_all()
    session.send(wire.PositionMultiEnd(req_id))


def cancel_positions_multi(
    session: Session, request: wire.CancelPositionsMulti, now: dt.datetime
) -> None:
    """Tell changes no more."""
    session.stop("positions_multi", request.req_id)


@final
class PositionWatch:
    """Tells positions, by a message of the request's own."""

    def __init__(
        self, session: Session, account: str, message: Callable[[PositionView], wire.Answer]
    ) -> None:
        self._session, self._message = session, message
        self._accounts = account_names(session, account)

    def stop(self) -> None:
        """Nothing to free."""

    def tell_all(self) -> None:
        """Every position of the accounts, those closed today with 0."""
        for account in self._accounts:
            for view in self._session.floor.broker.positions(account):
                self._session.send(self._message(view))

    def position_changed(self, account: str, con_id: int) -> None:
        """Tell a position that has just changed."""
        if account in self._accounts:
            view = self._session.floor.broker.position(account, con_id)
            if view is not None:
                self._session.send(self._message(view))


def _held(session: Session, view: PositionView) -> wire.ContractFields:
    """A held contract; that of a future has no exchange (2.2)."""
    instrument = session.floor.market.instrument(view.con_id)
    exchange = "" if instrument.sec_type == "FUT" else instrument.primary_exchange
    return session.floor.contract(view.con_id, exchange)


def _position(session: Session, view: PositionView) -> wire.Position:
    return wire.Position(view.account, _held(session, view), view.quantity, view.average_cost)


def updates_multi(session: Session, request: wire.ReqAccountUpdatesMulti, now: dt.datetime) -> None:
    """The values of one account or all, the end, and then what changes."""
    session.stop("updates_multi", request.req_id)
    session.floor.mark(now)
    session.start("updates_multi", request.req_id, AccountUpdatesMulti(session, request, now))


def cancel_updates_multi(
    session: Session, request: wire.CancelAccountUpdatesMulti, now: dt.datetime
) -> None:
    """End it; cancelling what is not there does nothing."""
    session.stop("updates_multi", request.req_id)


@final
class AccountUpdatesMulti:
    """Tells the values of accounts: all at first, then what has changed (3.6)."""

    def __init__(
        self, session: Session, request: wire.ReqAccountUpdatesMulti, now: dt.datetime
    ) -> None:
        self._session, self._request = session, request
        broker = session.floor.broker
        self._figures = {
            name: broker.figures(name) for name in account_names(session, request.account)
        }
        for account, figures in self._figures.items():
            self._send(account, account_values(figures))
        session.send(wire.AccountUpdateMultiEnd(request.req_id))
        self._timer = session.floor.timers.every(THREE_MINUTES, now, self._again)

    def stop(self) -> None:
        """Tell nothing more."""
        self._timer.cancel()

    def position_changed(self, account: str) -> None:
        """Tell the values of an account that have just changed."""
        if account in self._figures:
            old, new = self._figures[account], self._session.floor.broker.figures(account)
            self._figures[account] = new
            self._send(account, changed_values(old, new))

    def _again(self, now: dt.datetime) -> None:
        self._session.floor.mark(now)
        for account in self._figures:
            self.position_changed(account)

    def _send(self, account: str, rows: list[Value]) -> None:
        req_id, model = self._request.req_id, self._request.model_code
        for row in rows:
            self._session.send(wire.AccountUpdateMulti(req_id, account, model, *row))
