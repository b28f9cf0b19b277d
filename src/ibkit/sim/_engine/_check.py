"""One rule about an order, as a row of a table; and what such a rule looks at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from ibkit.sim._engine._kinds import KINDS, Kind
from ibkit.sim._engine._order import Order
from ibkit.sim._engine._terms import OrderKey, OrderTerms
from ibkit.sim._market._instrument import Instrument
from ibkit.sim._scenario import Scenario

NO_KIND = Kind(code="")


class Draft(NamedTuple):
    """An order as it was sent, before it is one."""

    key: OrderKey
    exchange: str
    terms: OrderTerms
    instrument: Instrument | None
    order: Order | None
    """The order of that key, if there is one."""
    parent: Order | None
    scenario: Scenario
    now: dt.datetime
    highest: int
    """The highest order id of this client so far."""
    increment: Callable[[Instrument, Decimal], Decimal]
    is_known: Callable[[int], bool]
    is_regular: Callable[[Instrument], bool]
    """Whether regular trading is on."""

    @property
    def kind(self) -> Kind:
        """Return what the order type does; nothing at all if it is not known."""
        return KINDS.get(self.terms.order_type, NO_KIND)

    @property
    def quantity(self) -> Decimal:
        """Return the size, 0 if it was not given."""
        return self.terms.quantity or Decimal(0)


class Check(NamedTuple):
    """If `fails`, the order is refused with an error and nothing else happens."""

    code: int
    text: str
    """With ``{d...}`` for what the draft says."""
    fails: Callable[[Draft], bool]
    inside: int = 0
    """The code that goes over the wire when `code` is only the reason inside: 320 or 321."""


class Answer(NamedTuple):
    """An error text to be sent."""

    code: int
    text: str


INSIDE = {
    320: "Error reading request:{}",
    # the two letters differ from request to request
    321: "Error validating request.-'bW' : cause - {}",
}


def first_failure(checks: Sequence[Check], draft: Draft) -> Answer | None:
    """Return the first rule of a table that a draft breaks."""
    for check in checks:
        if check.fails(draft):
            text = check.text.format(d=draft)
            if check.inside:
                return Answer(check.inside, INSIDE[check.inside].format(text))
            return Answer(check.code, text)
    return None
