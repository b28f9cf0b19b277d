"""Which account a view shows."""

from __future__ import annotations

from ib_async import IB

from ibkit.errors import PlanError


def chosen_account(ib: IB, account: str) -> str:
    """The account that a view shows. Raises `PlanError` that lists the managed ones."""
    managed = ib.managedAccounts()
    if account in managed:
        return account
    if not account and len(managed) == 1:
        return managed[0]
    raise PlanError("account", account, f"choose one of {', '.join(managed)}")
