"""Everything the broker holds, in one place, and the mouth through which it speaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import final

from ibkit.sim._engine._agenda import Agenda
from ibkit.sim._engine._calendar import Calendar
from ibkit.sim._engine._events import (
    Event,
    OrderShown,
    PositionChanged,
    Refused,
    StatusReported,
)
from ibkit.sim._engine._executions import Executions
from ibkit.sim._engine._groups import Groups
from ibkit.sim._engine._identity import Identities
from ibkit.sim._engine._ledger import Ledger
from ibkit.sim._engine._markets import Markets
from ibkit.sim._engine._models import Models
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._orders import Orders
from ibkit.sim._engine._routing import Routing
from ibkit.sim._engine._traps import Traps
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._scenario import Scenario

Increment = Callable[[Instrument, Decimal], Decimal]
NEVER = dt.datetime.min.replace(tzinfo=dt.timezone.utc)


@final
class World:
    """The state that the parts of the engine share. One per broker."""

    def __init__(
        self,
        scenario: Scenario,
        markets: Markets,
        calendar: Calendar,
        models: Models,
        increment: Increment,
    ) -> None:
        self.scenario, self.markets, self.calendar = scenario, markets, calendar
        self.models, self.increment = models, increment
        self.ledgers = {account.name: Ledger(account) for account in scenario.accounts}
        self.orders, self.groups = Orders(), Groups()
        self.executions, self.identities = Executions(), Identities()
        self.agenda, self.traps, self.routing = Agenda(), Traps(), Routing()
        self.now = self.day_ends = NEVER
        self.sequence = 0
        self.events: list[Event] = []
        self.woken: list[Order] = []
        """Orders whose gate may have opened: children of a parent that was filled."""

    # -- speaking

    def tell(self, event: Event) -> None:
        """Say something."""
        self.events.append(event)

    def show(self, order: Order) -> None:
        """Send openOrder and orderStatus."""
        view = order.view()
        self.events.append(OrderShown(view))
        self._report(StatusReported(view))

    def report(self, order: Order) -> None:
        """Send orderStatus alone."""
        self._report(StatusReported(order.view()))

    def warn(self, order: Order, code: int, text: str) -> None:
        """Send an error text about an order."""
        self.events.append(Refused(order.key, code, text, order.is_live, order.account))

    def move_position(self, order: Order, con_id: int) -> None:
        """Tell that a position has moved."""
        self.events.append(PositionChanged(order.account, con_id))

    def _report(self, event: StatusReported) -> None:
        self.events.append(event)
        if self.scenario.duplicate_statuses:
            self.events.append(event)
