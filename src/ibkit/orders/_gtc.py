"""Orders that stay until somebody cancels them, and how old they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import final

from attrs import frozen

from ibkit.orders._birth import birth_of
from ibkit.orders._ref import parse_order_ref
from ibkit.orders._tif import read_time
from ibkit.state import TrueOrder

ENDURING = frozenset({"GTC", "GTD"})


@final
@frozen(kw_only=True, repr=False)
class GtcOrder:
    """A live order that outlives the day."""

    order: TrueOrder
    placed: dt.date | None
    """The day on which its group was made; ``None`` for orders that ibkit did not place or name.
    IB lists orders without their age, so the desk writes the day into the ids of its groups."""
    age: dt.timedelta | None
    """In whole days."""
    ends: dt.datetime | None
    """When IB cancels it: the moment of a GTD, the quarter's end of a GTC where TWS tells it."""

    def __str__(self) -> str:
        age = "of unknown age" if self.age is None else f"{self.age.days} days old"
        ends = f", ends {self.ends:%Y-%m-%d}" if self.ends else ""
        return f"{self.order}: {self.order.order.tif}, {age}{ends}"

    def __repr__(self) -> str:
        return f"<GtcOrder {self}>"


def enduring(orders: Iterable[TrueOrder], today: dt.date) -> tuple[GtcOrder, ...]:
    """The live orders that outlive the day, the oldest first, those of unknown age last."""
    found = [_aged(order, today) for order in orders if order.order.tif in ENDURING]
    return tuple(sorted(found, key=lambda one: one.placed or dt.date.max))


def _aged(order: TrueOrder, today: dt.date) -> GtcOrder:
    ref = parse_order_ref(order.order_ref)
    placed = birth_of(ref.group_id, today) if ref else None
    terms = order.order
    return GtcOrder(
        order=order,
        placed=placed,
        age=today - placed if placed else None,
        ends=read_time(terms.goodTillDate if terms.tif == "GTD" else terms.autoCancelDate),
    )
