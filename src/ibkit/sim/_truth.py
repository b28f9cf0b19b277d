"""`gateway.truth`: what the broker really has, for assertions."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple, final

from ibkit.sim import _checked as checked
from ibkit.sim._engine import AccountFigures, Broker, Fill, OrderView, PositionView
from ibkit.sim._session import Floor


class Subscription(NamedTuple):
    """Something that goes on for a client: its kind (``quotes``, ``depth``, ...) and request."""

    client_id: int
    kind: str
    req_id: int
    name: str = ""
    """The local symbol of its instrument, where it is about one."""


@final
class Truth:
    """Frozen values, valid at the moment of the call."""

    _broker: Broker
    _floor: Floor

    @classmethod
    def _of(cls, broker: Broker, floor: Floor) -> Truth:
        self = cls()
        self._broker, self._floor = broker, floor
        return self

    def __repr__(self) -> str:
        held = (
            f"{len(self.orders)} orders, {len(self.fills)} fills, {len(self.positions)} positions"
        )
        return f"<Truth: {held}>"

    @property
    def orders(self) -> tuple[OrderView, ...]:
        """Every live order of every client, oldest first."""
        return self._broker.orders()

    @property
    def completed_orders(self) -> tuple[OrderView, ...]:
        """The orders that have ended today."""
        return self._broker.completed_orders()

    @property
    def fills(self) -> tuple[Fill, ...]:
        """The executions of today, corrected ones as corrected."""
        return self._broker.executions()

    @property
    def positions(self) -> dict[tuple[str, int], Decimal]:
        """What is held, by account and conId; nothing that is flat."""
        return {
            (view.account, view.con_id): view.quantity
            for view in self._broker.positions()
            if view.quantity
        }

    def position(self, account: str, con_id: int) -> PositionView | None:
        """One position with its cost and its P&L; ``None`` if it was never held.

        Raises:
            LookupError: There is no such account.
            ValueError: The conId is no number.

        """
        return self._broker.position(self._known(account), checked.whole("con_id", con_id))

    def figures(self, account: str | None = None) -> AccountFigures:
        """The money of an account, of the first one by default. Raises `LookupError`."""
        first = self._floor.scenario.accounts[0].name
        return self._broker.figures(first if account is None else self._known(account))

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """What goes on for whom."""
        return tuple(
            Subscription(session.client_id, kind, req_id, about.local_symbol if about else "")
            for session in self._floor.sessions
            for (kind, req_id), about in session.about.items()
        )

    @property
    def clients(self) -> tuple[int, ...]:
        """The ids of the clients that are logged in."""
        return tuple(session.client_id for session in self._floor.ready_sessions())

    def _known(self, account: str) -> str:
        names = [one.name for one in self._floor.scenario.accounts]
        if account not in names:
            raise LookupError(f"account: got {account!r}; the gateway has {', '.join(names)}")
        return account
