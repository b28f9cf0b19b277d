"""Compare what is held here with what TWS has just told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set as AbstractSet
from decimal import Decimal

from attrs import frozen

from ._order import TrueOrder

ZERO = Decimal(0)


@frozen(kw_only=True)
class PositionDifference:
    """A position on which the two do not agree."""

    account: str
    con_id: int
    held: Decimal
    """What the live view says."""
    told: Decimal
    """What TWS has just told."""


@frozen(kw_only=True)
class Differences:
    """What does not agree; false when everything does."""

    positions: tuple[PositionDifference, ...] = ()
    not_listed: tuple[TrueOrder, ...] = ()
    """Orders that are live here for certain, and that TWS does not list as open."""
    not_known: tuple[int, ...] = ()
    """permIds that TWS lists as open, and that are done or unknown here."""

    def __bool__(self) -> bool:
        return bool(self.positions or self.not_listed or self.not_known)


def reconcile(
    *,
    held: Mapping[tuple[str, int], Decimal],
    told: Mapping[tuple[str, int], Decimal],
    ledger: Iterable[TrueOrder],
    listed: AbstractSet[int],
) -> Differences:
    """What does not agree between the views and a fresh answer of TWS."""
    orders = list(ledger)
    live = {order.perm_id for order in orders if order.is_live}
    return Differences(
        positions=tuple(
            PositionDifference(
                account=key[0], con_id=key[1], held=held.get(key, ZERO), told=told.get(key, ZERO)
            )
            for key in sorted(held.keys() | told.keys())
            if held.get(key, ZERO) != told.get(key, ZERO)
        ),
        not_listed=tuple(o for o in orders if o.is_live and o.certain and o.perm_id not in listed),
        not_known=tuple(sorted(listed - live)),
    )
