"""A broker as far as a roll sees it: positions, orders, OCA groups, fills. No clock, no wire."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count

from ib_async import CommissionReport, Contract, Execution, Fill, Order, Position, Trade

from ibkit.contracts._market import spread_market
from ibkit.contracts._roll_ref import roll_ref_of
from ibkit.contracts._shown import Answers
from ibkit.contracts._steps import (
    CancelExit,
    PlaceExits,
    Reprice,
    ResizeExit,
    SendLeg,
    SendSpread,
    Withdraw,
)
from ibkit.contracts._write import exit_orders, leg_orders, spread_contract, spread_order
from rolling import ACCOUNT, ESM, ESU, QUOTES, trade

NOON = dt.datetime(2026, 6, 11, 17, tzinfo=dt.timezone.utc)


class RollBroker:
    """What a broker does with the steps of a roll, and what happens to it from outside."""

    def __init__(self, size: int, exits: list[Trade], *, old=ESM, new=ESU) -> None:
        self.old, self.new = old, new
        self.held = {old.con_id: size, new.con_id: 0}
        self.trades = {each.order.orderId: each for each in exits}
        self.fills: list[Fill] = []
        self.next_id = 1 + max([100, *self.trades])
        self.executions = count(1)
        self.sent: list[str] = []
        self.market = spread_market(old, new, QUOTES)

    # --- what it shows ---

    def answers(self) -> Answers:
        contracts = {each.con_id: each.contract for each in (self.old, self.new)}
        return Answers(
            account=ACCOUNT,
            positions=[
                Position(ACCOUNT, contracts[k], float(v), 0.0) for k, v in self.held.items()
            ],
            working=[each for each in self.trades.values() if not each.isDone()],
            done=[each for each in self.trades.values() if each.isDone()],
            fills=list(self.fills),
        )

    def live(self, con_id: int | None = None) -> list[Trade]:
        there = (each for each in self.trades.values() if not each.isDone())
        return [each for each in there if con_id in (None, each.contract.conId)]

    def rolls(self) -> list[Trade]:
        return [each for each in self.live() if roll_ref_of(each.order.orderRef)]

    def exits(self, con_id: int, *types: str) -> list[Trade]:
        return [
            each
            for each in self.live(con_id)
            if not roll_ref_of(each.order.orderRef) and (not types or each.order.orderType in types)
        ]

    def stops(self, con_id: int) -> int:
        """What stops close, those of an entry that has not filled aside."""
        return sum(left(each) for each in self.exits(con_id, "STP") if self.is_active(each))

    def is_active(self, one: Trade) -> bool:
        parent = self.trades.get(one.order.parentId)
        return parent is None or parent.orderStatus.filled > 0

    def active_size(self, one: Trade) -> int:
        """Of a child only what its parent has filled works."""
        parent = self.trades.get(one.order.parentId)
        working = parent is not None and not parent.isDone()
        return min(left(one), int(parent.orderStatus.filled)) if working else left(one)

    # --- what a roll does ---

    def perform(self, plan, step, *, cut_off: bool = False) -> None:
        self.sent.append(type(step).__name__)
        if isinstance(step, SendSpread):
            self._place(spread_contract(plan), [spread_order(plan, step, self.next_id)])
        elif isinstance(step, SendLeg):
            month = plan.old if step.kind == "c" else plan.new
            self._place(month.contract, leg_orders(plan, step, self.next_id))
        elif isinstance(step, PlaceExits):
            orders = exit_orders(plan, step, self.next_id)
            self._place(plan.new.contract, orders[:1] if cut_off else orders)
        elif isinstance(step, Reprice):
            self.trades[step.order_id].order.lmtPrice = float(step.limit)
        elif isinstance(step, ResizeExit):
            one = self.trades[step.order_id]
            one.order.totalQuantity = float(step.remaining) + one.orderStatus.filled
            one.orderStatus.remaining = float(step.remaining)
        elif isinstance(step, (Withdraw, CancelExit)):
            self.cancel(self.trades[step.order_id])

    def _place(self, contract: Contract, orders: list[Order]) -> None:
        assert len({each.orderId for each in orders}) == len(orders)
        for each in orders:
            each.clientId, each.permId = 1, 9000 + each.orderId
            if each.parentId:
                each.ocaGroup, each.ocaType = f"{9000 + each.parentId}", 3
            self.trades[each.orderId] = trade(each, contract)
        self.next_id += len(orders)

    # --- what happens ---

    def cancel(self, one: Trade) -> None:
        """A cancel takes the others of the OCA group along, and children with their parent."""
        for each in [one, *self._siblings(one), *self._children(one)]:
            if not each.isDone():
                each.orderStatus.status = "Cancelled"

    def _siblings(self, one: Trade) -> list[Trade]:
        name = one.order.ocaGroup
        return [each for each in self.live() if name and each.order.ocaGroup == name]

    def _children(self, one: Trade) -> list[Trade]:
        mine = [each for each in self.live() if each.order.parentId == one.order.orderId]
        for each in mine if one.orderStatus.filled else []:
            self._shrink(each, one.orderStatus.filled)  # what protects the filled part stays
        return [] if one.orderStatus.filled else mine

    def _shrink(self, one: Trade, size: float) -> None:
        one.order.totalQuantity = one.orderStatus.remaining = size

    def fill(self, one: Trade, size: int) -> None:
        size = min(size, left(one))
        if not size:
            return
        status, sign = one.orderStatus, 1 if one.order.action == "BUY" else -1
        before = status.remaining
        status.filled += size
        status.remaining -= size
        if one.contract.secType == "BAG":
            self._executed(one, one.contract, size)
            for leg in one.contract.comboLegs:
                side = sign if leg.action == "BUY" else -sign
                self._trade(one, leg.conId, side * size)
        else:
            self._trade(one, one.contract.conId, sign * size)
        for each in self._siblings(one):
            if each is not one:
                self._reduce(each, size, before)
        if not status.remaining:
            status.status = "Filled"

    def _reduce(self, one: Trade, size: float, before: float) -> None:
        rest = one.orderStatus.remaining * (before - size) // before
        one.order.totalQuantity = rest + one.orderStatus.filled
        one.orderStatus.remaining = rest
        if not rest:
            one.orderStatus.status = "Cancelled"

    def _trade(self, one: Trade, con_id: int, size: int) -> None:
        self.held[con_id] += size
        month = self.old if con_id == self.old.con_id else self.new
        self._executed(one, month.contract, abs(size))

    def _executed(self, one: Trade, contract: Contract, size: int) -> None:
        execution = Execution(
            execId=f"0001.{next(self.executions):06}.01",
            acctNumber=ACCOUNT,
            shares=float(size),
            permId=one.order.permId,
            orderRef=one.order.orderRef,
        )
        self.fills.append(Fill(contract, execution, CommissionReport(), NOON))


def left(one: Trade) -> int:
    return int(Decimal(one.orderStatus.remaining))
