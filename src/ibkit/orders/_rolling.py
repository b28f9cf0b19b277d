"""Rolls and the groups of a desk: left alone meanwhile, and taken to the new contract after it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from decimal import Decimal

from attrs import define
from ib_async import Contract

from ibkit._ib._requests import Requests
from ibkit.errors import PlanError
from ibkit.orders._actions import Alert
from ibkit.orders._book import book_of
from ibkit.orders._keeper import Keeper
from ibkit.orders._live_group import GroupTrade
from ibkit.orders._roll_hands import RollHands
from ibkit.orders._tradable import Tradable
from ibkit.orders._whose import Key
from ibkit.state import OrderLedger

ZERO = Decimal(0)
_REF = re.compile(r"ir/(\d+)-(\d+):[^:]*:([sco])")
"""The `orderRef` of a roll, as `ibkit.contracts` writes it: old and new conId, kind of order."""


@asynccontextmanager
async def rolling(
    keeper: Keeper,
    requests: Requests,
    tradable: Tradable,
    old: Contract,
    *,
    account: str,
    shift: Decimal | None,
) -> AsyncIterator[RollHands]:
    """Leave the groups on both contracts alone; on leaving, those that moved go along."""
    keys = {(account, old.conId), (account, tradable.contract.conId)}
    if keys & keeper.rolling:
        raise PlanError("old", old.localSymbol, "a contract that no other roll works on")
    keeper.rolling |= keys
    hands = RollHands(keeper, requests)
    try:
        yield hands
        await hands.settled_async()
        await requests.positions_async()
    finally:
        hands.close()
        keeper.rolling -= keys
        _take_back(keeper, keys, tradable, shift)


def _take_back(
    keeper: Keeper, keys: Iterable[Key], tradable: Tradable, shift: Decimal | None
) -> None:
    trades = [trade for key in keys for trade in keeper.groups_on(key)]
    if not keeper.state.link.is_up:
        keeper.split |= {trade.group_id for trade in trades}  # nobody knows how it stands
        return
    for trade in trades:
        keeper.split.discard(trade.group_id)
        months = exits_on(trade)
        if is_being_rolled(keeper.state.ledger, trade):
            leave_split(keeper, trade)
        elif months == {tradable.contract.conId} and trade.contract.conId not in months:
            keeper.move(trade, tradable, shift)
    for key in keys:
        keeper.holdings.rebase(key)
    for trade in trades:
        keeper.look_again(trade)


def exits_on(trade: GroupTrade) -> set[int]:
    """The conIds on which live exits of a group are."""
    tracks = book_of(trade).tracks.values()
    return {o.contract.conId for t in tracks if t.kind != "entry" for o in t.orders if o.is_live}


def leave_split(keeper: Keeper, trade: GroupTrade) -> None:
    """A roll has begun and not ended: repairs would count one contract alone."""
    keeper.split.add(trade.group_id)
    text = (
        f"a roll of {trade.contract.localSymbol} was begun and is not done: nothing of this group "
        "is repaired until FuturesRoller.resume_async has finished it"
    )
    keeper.tell(trade, Alert(rule="roll", severity="critical", text=text))


def is_being_rolled(ledger: OrderLedger, trade: GroupTrade) -> bool:
    """Whether a roll of an earlier run has begun to take the position of a group away."""
    orders = [o for track in book_of(trade).tracks.values() for o in track.orders]
    touched, live = {o.contract.conId for o in orders}, exits_on(trade)
    return len(live) > 1 or any(
        pair[0] in touched and (not moved.is_even or pair[0] in live)
        for pair, moved in _rolls(ledger).items()
    )


@define
class _Moved:
    """What the orders of a roll have done today."""

    sold: Decimal = ZERO
    bought: Decimal = ZERO
    works: bool = False

    @property
    def is_even(self) -> bool:
        return self.sold == self.bought and not self.works


def _rolls(ledger: OrderLedger) -> dict[tuple[int, int], _Moved]:
    """Every roll that TWS shows something of today, by old and new conId."""
    found: dict[tuple[int, int], _Moved] = {}
    for order in ledger.all():
        ref = _REF.fullmatch(order.order_ref)
        if ref is not None and (order.filled or not order.is_done):
            moved = found.setdefault((int(ref[1]), int(ref[2])), _Moved())
            moved.sold += order.filled if ref[3] in "sc" else ZERO
            moved.bought += order.filled if ref[3] in "so" else ZERO
            moved.works |= not order.is_done
    return found
