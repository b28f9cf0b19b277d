"""Profit and loss, about once a second (3.6)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, final

from ibkit.sim import _wire as wire
from ibkit.sim._session._account import account_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from ibkit.sim._session._session import Session

SECOND = dt.timedelta(seconds=1)


@final
class Ticker:
    """Sends a message at once, and again every second when it has changed."""

    def __init__(
        self, session: Session, message: Callable[[dt.datetime], wire.Answer], now: dt.datetime
    ) -> None:
        self._session, self._message = session, message
        self._told: wire.Answer | None = None
        self._timer = session.floor.timers.every(SECOND, now, self._tell)
        self._tell(now)

    def stop(self) -> None:
        """Send nothing more."""
        self._timer.cancel()

    def _tell(self, now: dt.datetime) -> None:
        message = self._message(now)
        if message != self._told:
            self._told = message
            self._session.send(message)


def _knows(session: Session, req_id: int, account: str) -> bool:
    """Whether an account is the user's; if not, the client has been told."""
    if account and account_names(session, account) == [account]:
        return True
    session.refuse(req_id, 321, "bX", f"Invalid account code '{account}'.")
    return False


def account(session: Session, request: wire.ReqPnL, now: dt.datetime) -> None:
    """Subscribe to the figures of an account."""
    broker, req_id = session.floor.broker, request.req_id
    if not _knows(session, req_id, request.account):
        return

    def message(now: dt.datetime) -> wire.Answer:
        session.floor.mark(now)
        figures = broker.pnl(request.account)
        return wire.PnL(req_id, figures.daily, figures.unrealized, figures.realized)

    session.stop("pnl", req_id)
    session.start("pnl", req_id, Ticker(session, message, now))


def cancel_account(session: Session, request: wire.CancelPnL, now: dt.datetime) -> None:
    """End it; 10185 if it is not there."""
    if not session.stop("pnl", request.req_id):
        session.refuse(request.req_id, 10185)


def single(session: Session, request: wire.ReqPnLSingle, now: dt.datetime) -> None:
    """Subscribe to one position; a conId that the account never held has no answer (3.6)."""
    broker, req_id = session.floor.broker, request.req_id
    if not _knows(session, req_id, request.account):
        return
    if broker.position(request.account, request.con_id) is None:
        return

    def message(now: dt.datetime) -> wire.Answer:
        session.floor.mark(now)
        figures = broker.position_pnl(request.account, request.con_id)
        assert figures is not None
        return wire.PnLSingle(
            req_id,
            figures.quantity,
            figures.daily,
            figures.unrealized,
            figures.realized,
            figures.value,
        )

    session.stop("pnl_single", req_id)
    session.start("pnl_single", req_id, Ticker(session, message, now))


def cancel_single(session: Session, request: wire.CancelPnLSingle, now: dt.datetime) -> None:
    """End it; 10186 if it is not there."""
    if not session.stop("pnl_single", request.req_id):
        session.refuse(request.req_id, 10186)
