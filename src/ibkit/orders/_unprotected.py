"""Positions without a stop, whoever opened them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import final

from attrs import frozen
from ib_async import Contract

from ibkit.orders._numbers import plain
from ibkit.state import Holding, Owner, Phase, TrueOrder

ZERO = Decimal(0)
_STOPS = ("STP", "TRAIL")
"""How the types of orders begin that protect: STP, STP LMT, STP PRT, TRAIL, TRAIL LIMIT."""

_AT_WORK = frozenset({Phase.HELD, Phase.WORKING})


@final
@frozen(kw_only=True, repr=False)
class UnprotectedPosition:
    """A position that the stops at work would not close, or not all of it."""

    account: str
    contract: Contract
    size: Decimal
    """What is held; negative when short."""
    bare: Decimal
    """How much of it no stop would close."""

    @property
    def figures(self) -> str:
        """What is held, without the account: for logs."""
        name = self.contract.localSymbol or self.contract.symbol
        return f"{plain(self.size)} {name}, {plain(self.bare)} without a stop"

    def __str__(self) -> str:
        return f"{self.account} holds {self.figures}"

    def __repr__(self) -> str:
        return f"<UnprotectedPosition {self}>"


def without_stop(
    held: Iterable[Holding], orders: Iterable[TrueOrder]
) -> Iterator[UnprotectedPosition]:
    """
    The positions that no stop of anybody's would close completely.

    A stop that is being cancelled, is in doubt, or waits for its parent does not count, and of
    an OCA group only the largest does. *orders* are what TWS has just listed: later it keeps
    silent about those of other clients.
    """
    stops = [order for order in orders if _works(order)]
    for one in held:
        mine = (o for o in stops if (o.order.account, o.contract.conId) == _key(one))
        bare = abs(one.size) - _covered(o for o in mine if _closes(o, one.size))
        if bare > 0:
            yield UnprotectedPosition(
                account=one.account, contract=one.contract, size=one.size, bare=bare
            )


def _key(holding: Holding) -> tuple[str, int]:
    return holding.account, holding.contract.conId


def _works(order: TrueOrder) -> bool:
    stops = order.order.orderType.startswith(_STOPS)
    certain = order.certain or order.owner is not Owner.OURS
    stays = certain and not order.cancelling and order.phase in _AT_WORK
    return stops and stays and "child" not in order.why_held


def _closes(order: TrueOrder, size: Decimal) -> bool:
    return order.order.action == ("SELL" if size > 0 else "BUY")


def _covered(stops: Iterable[TrueOrder]) -> Decimal:
    by_group: dict[object, Decimal] = {}
    for place, stop in enumerate(stops):
        group = stop.order.ocaGroup or place
        by_group[group] = max(stop.remaining, by_group.get(group, ZERO))
    return sum(by_group.values(), ZERO)
