"""Log-in, and what a client asks of the gateway itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ibkit.sim import _wire as wire

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session


def start_api(session: Session, request: wire.StartApi, now: dt.datetime) -> None:
    """Accept a client, or refuse an id that is in use (326, then the socket closes)."""
    floor = session.floor
    if floor.logged_in(request.client_id) is not None:
        session.refuse(-1, 326)
        session.close(f"client id {request.client_id} is in use")
        return
    session.client_id = request.client_id
    floor.clients.add(request.client_id)
    session.logged_in()
    if floor.scenario.download_open_orders:
        floor.send_open_orders(session)
    session.send(wire.ManagedAccounts(account_list(session)))
    session.send(wire.NextValidId(floor.next_valid_id(session.client_id)))
    _tell_of_ib(session)


def _tell_of_ib(session: Session) -> None:
    """Say of each farm whether it is there (4.1), and before that when IB is out of reach."""
    floor = session.floor
    if floor.is_offline:
        session.refuse(-1, int(floor.scenario.offline_login))
    for code, farm in floor.farms.notices(in_reach=not floor.is_offline):
        session.refuse(-1, code, farm)


def account_list(session: Session) -> str:
    """The accounts of the user, as managedAccounts writes them."""
    names = [account.name for account in session.floor.scenario.accounts]
    return ",".join([*names, ""]) if len(names) > 1 else names[0]


def ids(session: Session, request: wire.ReqIds, now: dt.datetime) -> None:
    """Tell the next order id; the number asked for is ignored (1.1)."""
    session.send(wire.NextValidId(session.floor.next_valid_id(session.client_id)))


def managed_accounts(session: Session, request: wire.ReqManagedAccts, now: dt.datetime) -> None:
    """Tell the accounts."""
    session.send(wire.ManagedAccounts(account_list(session)))


def current_time(session: Session, request: wire.ReqCurrentTime, now: dt.datetime) -> None:
    """Tell the time in whole seconds."""
    session.send(wire.CurrentTime(int(now.timestamp())))


def user_info(session: Session, request: wire.ReqUserInfo, now: dt.datetime) -> None:
    """No white branding."""
    session.send(wire.UserInfo(request.req_id, ""))


def ignore(session: Session, request: object, now: dt.datetime) -> None:
    """Take a request that TWS takes without an answer."""


def soft_dollar_tiers(session: Session, request: wire.ReqSoftDollarTiers, now: dt.datetime) -> None:
    """There are none."""
    session.send(wire.SoftDollarTiers(request.req_id, ()))


def family_codes(session: Session, request: wire.ReqFamilyCodes, now: dt.datetime) -> None:
    """One account without a family (as a plain user gets)."""
    codes = tuple(wire.FamilyCode(a.name, "") for a in session.floor.scenario.accounts)
    session.send(wire.FamilyCodes(codes))
