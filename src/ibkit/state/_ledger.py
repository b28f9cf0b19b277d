"""The order ledger: what is true of every order, from whatever is heard of it, in any order.

All changes of an order's truth happen in this file. The rules (traps B1-B7, B10, B11):

* a status counts only when TWS says it in orderStatus, openOrder or completedOrder; an error
  text is a message, and ends an order only where the code table says that it does;
* *Filled* with the whole size filled is for ever; a cancelled order that seems to live again is
  uncertain until TWS lists it as open;
* what is filled is the union of the executions, or the highest figure that a status gave,
  whichever is more;
* terms become true when TWS shows them in openOrder; a refused modification leaves the old ones;
* an order of another client, or placed by hand, is never certain while it lives: TWS tells of it
  when it is asked, and not when something becomes of it (gateway-behaviour 1.1);
* an order is known for ever by its permId. Client and order id name it only within one
  connection, because TWS may hand the id out again (A6).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import final

from attrs import define
from ib_async import CommissionReport, Contract, Execution, Order, OrderState

from ibkit._ib._codes import CODES, Codes, Doing, Notice, OrderVerdict

from ._fill import FillBook, FillChange, TrueFill, exact, known, trade_of
from ._order import (
    MISSING,
    PHASES,
    REJECTED,
    ZERO,
    OrderChange,
    Owner,
    Phase,
    TrueOrder,
    changed,
    copy_of,
)
from ._same import is_it, is_leg, is_what_was_sent

MESSAGES_KEPT = 20

Change = OrderChange | FillChange


@define(eq=False)
class _Entry:
    """One order and what is not told of it."""

    truth: TrueOrder
    executed: dict[str, tuple[Decimal, Decimal]] | None = None
    """Size and money by trade; ``None`` before the first."""
    size: Decimal = ZERO
    """Of all trades."""
    money: Decimal = ZERO
    """Size times price of all trades."""
    highest: Decimal = ZERO
    """The most that a status or an execution said was filled."""
    taken_back: Decimal = ZERO
    """By corrections of trades; TWS may go on to count it as filled."""
    doing: Doing = Doing.NEW
    listed: bool = False
    """TWS has listed it since it was asked."""
    doubted: bool = False
    """What was sent last may have been lost: a listing tells the terms that stand."""
    asked: bool = False
    """TWS is being asked about it."""


@final
class OrderLedger:
    """Takes what TWS says and answers what is true. Pure: no clock, no connection."""

    def __init__(self, codes: Codes = CODES) -> None:
        self.codes: Codes = codes
        self.client_id: int = -1
        self.epoch: int = 0
        self.broker_lost: bool = False
        self.fills: FillBook = FillBook()
        self._entries: list[_Entry] = []
        self._by_perm_id: dict[int, _Entry] = {}
        self._by_order_id: dict[tuple[int, int], _Entry] = {}
        self._unanswered: dict[tuple[int, int], list[_Entry]] = {}
        """Sent in an earlier connection, and never heard of."""
        self._changes: list[Change] = []
        self._doubts: list[TrueOrder] = []
        self._unseen: TrueOrder | None = None
        """The value that was made last, if nobody has read it: it can still be completed, so that
        one message makes one change of an order, of however many fields."""

    # -- reading

    def all(self) -> tuple[TrueOrder, ...]:
        """Every order of the session, in the order in which they were first heard of."""
        self._unseen = None
        return tuple(entry.truth for entry in self._entries)

    def by_perm_id(self, perm_id: int) -> TrueOrder | None:
        """The order of a permId."""
        self._unseen = None
        entry = self._by_perm_id.get(perm_id)
        return entry.truth if entry else None

    def by_order_id(self, client_id: int, order_id: int) -> TrueOrder | None:
        """The order that a client calls by this id in this connection."""
        self._unseen = None
        entry = self._by_order_id.get((client_id, order_id))
        return entry.truth if entry else None

    def take_changes(self) -> list[Change]:
        """What has changed since the last call, in order."""
        self._unseen = None
        changes, self._changes = self._changes, []
        return changes

    def take_doubts(self) -> list[TrueOrder]:
        """The orders that TWS should be asked about, since the last call."""
        self._unseen = None
        doubts, self._doubts = self._doubts, []
        return doubts

    # -- the connection

    def connected(self, client_id: int, epoch: int) -> None:
        """TWS is connected, and connected to IB as far as it is known."""
        self.client_id, self.epoch, self.broker_lost = client_id, epoch, False

    def disconnected(self) -> None:
        """Nothing is certain of any order that may still trade, and order ids mean nothing."""
        for key, entry in self._by_order_id.items():
            if not entry.truth.perm_id and not entry.truth.is_done:
                self._unanswered.setdefault(key, []).append(entry)
        self._by_order_id.clear()
        self.doubt_all()
        self.broker_lost = False

    def doubt_all(self) -> None:
        """TWS has lost IB: what it says of live orders may be old."""
        self.broker_lost = True
        for entry in self._entries:
            if not entry.truth.is_done:
                self._disbelieve(entry)
        self.relist()

    def doubt(self, order: TrueOrder) -> None:
        """An answer about this order is overdue: it, or what it should answer, may be lost."""
        entry = self._find(order.perm_id, order.client_id, order.order_id)
        if entry is not None and not entry.truth.is_done:
            self._doubt(entry)

    def relist(self) -> None:
        """TWS is about to be asked for open orders, completed orders and executions."""
        for entry in self._entries:
            entry.asked = entry.doubted or not entry.truth.certain
            entry.listed = entry.listed and not entry.asked

    def asks_for_others(self) -> bool:
        """Whether an order is asked about that TWS lists with those of all clients only."""
        return any(entry.asked and self._is_of_others(entry.truth) for entry in self._entries)

    def _is_of_others(self, truth: TrueOrder) -> bool:
        """Whether the client that is connected now did not place an order."""
        return truth.client_id != self.client_id or truth.order_id <= 0

    def _hears_of(self, truth: TrueOrder) -> bool:
        """Whether TWS tells unasked what becomes of an order (1.1)."""
        by_hand = truth.owner is Owner.MANUAL and self.client_id == 0
        return not self.broker_lost and (truth.owner is Owner.OURS or by_hand)

    def listed(self, *, of_all: bool = False) -> None:
        """
        It has told them all: an order that was uncertain before it was asked, and that it did not
        mention, is not there; one that it did mention stands as it was shown.

        Args:
            of_all: It was asked for the orders of all clients. Otherwise it keeps silent about
                those of others, so that they have to be asked for.
        """
        for entry in self._entries:
            if entry.asked:
                entry.asked = False
                if of_all or entry.listed or not self._is_of_others(entry.truth):
                    self._answered(entry)
                else:
                    self._doubt(entry)

    def _answered(self, entry: _Entry) -> None:
        truth = entry.truth
        if entry.listed and not truth.is_done:
            entry.doubted, entry.doing = False, Doing.NOTHING
            certain = self._hears_of(truth)
            self._set(entry, certain=certain, wanted=None, cancelling=False)
            return
        filled = bool(truth.filled) and truth.filled >= truth.size
        self._end(entry, truth.status if truth.is_done else "Filled" if filled else MISSING)

    # -- what we do

    def sent(self, order_id: int, contract: Contract, order: Order) -> None:
        """An order of ours goes out: a new one, or a modification of one that TWS knows."""
        terms = copy_of(order)
        entry = self._by_order_id.get((self.client_id, order_id))
        if entry is None or entry.truth.is_done:
            self._add(
                TrueOrder(
                    contract=contract,
                    order=terms,
                    client_id=self.client_id,
                    order_id=order_id,
                    perm_id=0,
                    owner=Owner.OURS,
                    epoch=self.epoch,
                    wanted=terms,
                )
            )
            return
        if entry.truth.status:
            entry.doing = Doing.MODIFY
            self._after_asking(entry)
        self._set(entry, wanted=terms, refused=None)

    def cancel_sent(self, order_id: int) -> None:
        """A cancel goes out. It changes nothing until TWS answers."""
        entry = self._by_order_id.get((self.client_id, order_id))
        if entry is not None and not entry.truth.is_done:
            entry.doing = Doing.CANCEL
            self._after_asking(entry)
            self._set(entry, cancelling=True)

    # -- what TWS says

    def open_order(self, contract: Contract, order: Order, state: OrderState) -> None:
        """openOrder: the terms that stand at the broker."""
        shown = copy_of(order)
        entry = self._find(order.permId, order.clientId, order.orderId)
        if entry is not None and not (entry.truth.perm_id or is_it(entry.truth, contract, shown)):
            entry = None  # TWS calls another order by this id
        entry = entry or self._lost(contract, shown)
        if entry is None:
            entry = self._add(self._foreign_or_own(contract, shown))
        entry.listed = True
        self._name(entry, order.permId, order.clientId, order.orderId)
        answered = entry.truth.wanted is not None and same_terms(entry.truth.wanted, shown)
        if entry.doing is Doing.MODIFY and answered:
            entry.doing = Doing.NOTHING
        self._set(
            entry,
            order=shown,
            wanted=None if answered else entry.truth.wanted,
            epoch=self.epoch,
        )
        if state.status == "Filled":  # all of it; TWS may tell no figure, and the execution later
            self._heard_filled(entry, entry.truth.size, None)
        # Out of turn it may be an old one: what has ended lives again only when TWS lists it.
        self._status(entry, state.status, relisted=entry.asked)

    def order_status(
        self,
        order_id: int,
        status: str,
        filled: float,
        average_price: float,
        perm_id: int,
        client_id: int,
        why_held: str,
    ) -> None:
        """OrderStatus."""
        entry = self._find(perm_id, client_id, order_id)
        if entry is None:
            return
        entry.listed = True
        self._name(entry, perm_id, client_id, order_id)
        self._heard_filled(entry, exact(filled), known(average_price))
        self._status(entry, status, why_held=why_held)

    def completed_order(self, contract: Contract, order: Order, state: OrderState) -> None:
        """completedOrder: it is over, and how."""
        entry = self._by_perm_id.get(order.permId)
        if entry is None:
            told = self._foreign_or_own(contract, copy_of(order))
            entry = self._add(changed(told, owner=Owner.UNKNOWN))
            self._name(entry, order.permId, 0, 0)
        entry.listed = True
        self._heard_filled(entry, known(float(order.filledQuantity)) or ZERO, None)
        if not entry.truth.is_done:
            done = PHASES.get(state.status) is Phase.DONE
            self._end(entry, state.status if done else REJECTED)

    def execution(self, contract: Contract, execution: Execution, *, recovered: bool) -> None:
        """execDetails, as it happens or because we asked (*recovered*)."""
        change = self.fills.execution(contract, execution, recovered=recovered)
        if change is None:
            return
        self._changes.append(change)
        fill = change.after
        entry = self._find(fill.perm_id, fill.client_id, fill.order_id) or self._executed(fill)
        if entry is None:
            return
        self._own(entry, fill)
        if not is_leg(entry.truth.contract, fill):
            self._name(entry, fill.perm_id, fill.client_id, 0)  # it may be all that is ever heard
            self._count(entry, change)

    def commission(self, report: CommissionReport) -> None:
        """commissionReport; it may come before its execution."""
        change = self.fills.commission(report)
        if change is not None:
            self._changes.append(change)

    def error(self, order_id: int, code: int, text: str, time: dt.datetime | None = None) -> bool:
        """An error that carries the id of an order of this client; whether there is one."""
        entry = self._by_order_id.get((self.client_id, order_id))
        if entry is None:
            return False
        notice = self.codes.notice(code, text, order_id, time)
        messages = (*entry.truth.messages, notice)[-MESSAGES_KEPT:]
        self._set(entry, messages=messages)
        self._judge(entry, notice)
        return True

    # -- inside

    def _judge(self, entry: _Entry, notice: Notice) -> None:
        truth = entry.truth
        verdict = self.codes.about_order(notice.code, entry.doing)
        if verdict is OrderVerdict.ENDED and not truth.is_done:
            self._refused(entry, notice)
        elif verdict is OrderVerdict.KEPT:
            refused = notice if entry.doing is Doing.MODIFY else truth.refused
            self._set(entry, wanted=None, cancelling=False, refused=refused)
            entry.doing = Doing.NOTHING
        elif verdict is OrderVerdict.ASK and not truth.is_done:
            self._doubt(entry)

    def _refused(self, entry: _Entry, notice: Notice) -> None:
        never_accepted = entry.truth.phase in (Phase.SENT, Phase.SUSPENDED)
        # 202 and its like: orderStatus tells the same, before or after
        self._end(entry, REJECTED if notice.code == 201 or never_accepted else "Cancelled")

    def _status(
        self, entry: _Entry, status: str, *, why_held: str | None = None, relisted: bool = False
    ) -> None:
        truth = entry.truth
        if not status or self._is_settled(truth):
            return
        held = truth.why_held if why_held is None else why_held
        if status == "Inactive" and _was_rejected(truth) and held != "locate":
            status = REJECTED
        phase = truth.phase
        done = PHASES.get(status) is Phase.DONE
        if phase is Phase.DONE and not done and not relisted:
            self._doubt(entry)
            return
        if entry.doing is Doing.NEW:
            entry.doing = Doing.NOTHING
        self._set(
            entry,
            status=status,
            why_held=held,
            certain=done or self._hears_of(truth),
            epoch=self.epoch,
            wanted=None if done else truth.wanted,
            cancelling=truth.cancelling and not done,
        )
        if _goes_back(phase, entry.truth.phase) and not (relisted and entry.asked):
            self._doubt(entry)  # a session may have ended, or an old word come late

    def _end(self, entry: _Entry, status: str) -> None:
        self._set(entry, status=status, certain=True, wanted=None, cancelling=False)

    def _disbelieve(self, entry: _Entry) -> None:
        entry.doubted, entry.asked, entry.listed = True, False, False
        self._set(entry, certain=False)

    @staticmethod
    def _is_settled(truth: TrueOrder) -> bool:
        """Filled to the last is for ever; a later word is an old one (traps B3)."""
        return truth.status == "Filled" and truth.filled >= truth.size

    def _after_asking(self, entry: _Entry) -> None:
        """The listing that is on its way may not know of what goes out now: ask once more."""
        if entry.asked:
            self._doubt(entry)

    def _doubt(self, entry: _Entry) -> None:
        self._disbelieve(entry)
        self._doubts.append(entry.truth)

    def _heard_filled(self, entry: _Entry, filled: Decimal, average_price: Decimal | None) -> None:
        entry.highest = max(entry.highest, filled)
        if entry.highest:
            self._refill(entry, average_price if filled else None)

    def _count(self, entry: _Entry, change: FillChange) -> None:
        fill = change.after
        if entry.executed is None:
            entry.executed = {}
        trade, _ = trade_of(fill.exec_id)
        corrected = entry.executed.get(trade)
        size, money = corrected or (ZERO, ZERO)
        paid = fill.size * fill.price
        entry.executed[trade] = fill.size, paid
        entry.size += fill.size - size
        entry.money += paid - money
        if corrected is None:
            entry.highest = max(entry.highest, fill.cumulative)
        else:
            entry.taken_back += size - fill.size
        entry.listed = True
        self._refill(entry, None)

    def _refill(self, entry: _Entry, average_price: Decimal | None) -> None:
        filled = max(entry.size, entry.highest - max(ZERO, entry.taken_back))
        if entry.executed and entry.size == filled:  # nothing is missing from the executions
            price = entry.money / entry.size if entry.size else None
        else:
            price = entry.truth.average_price if average_price is None else average_price
        self._set(entry, filled=filled, average_price=price)
        # Completion by fills alone: TWS owes no status (traps B4).
        if filled and filled >= entry.truth.size and entry.truth.status != "Filled":
            self._end(entry, "Filled")

    def _find(self, perm_id: int, client_id: int, order_id: int) -> _Entry | None:
        if perm_id and (entry := self._by_perm_id.get(perm_id)):
            return entry
        entry = self._by_order_id.get((client_id, order_id))
        if entry is not None and perm_id and entry.truth.perm_id not in (0, perm_id):
            return None
        return entry

    def _lost(self, contract: Contract, shown: Order) -> _Entry | None:
        """The order that was sent before the connection was lost, and that arrived after all."""
        for entry in self._unanswered.get((shown.clientId, shown.orderId), ()):
            truth = entry.truth
            if not (truth.perm_id or truth.certain) and is_what_was_sent(truth, contract, shown):
                return entry
        return None

    def _executed(self, fill: TrueFill) -> _Entry | None:
        """The same of which only executions tell: TWS need not answer for completed orders."""
        for entry in self._unanswered.get((fill.client_id, fill.order_id), ()):
            truth = entry.truth
            same = truth.order_ref and truth.order_ref == fill.order_ref
            if same and not (truth.perm_id or truth.certain):
                return entry
        return None

    def _name(self, entry: _Entry, perm_id: int, client_id: int, order_id: int) -> None:
        if order_id:
            other = self._by_order_id.get((client_id, order_id))
            if other not in (None, entry) and not (other.truth.perm_id or other.truth.is_done):
                self._doubt(other)  # it was sent by this id, and TWS means the earlier one
            self._by_order_id[client_id, order_id] = entry
        if perm_id:
            self._by_perm_id[perm_id] = entry
        truth = entry.truth
        names = (perm_id or truth.perm_id, order_id or truth.order_id)
        if names != (truth.perm_id, truth.order_id):
            is_found = perm_id and not truth.perm_id
            self._set(entry, perm_id=names[0], order_id=names[1])
            if is_found:
                self._adopt_fills(entry)

    def _foreign_or_own(self, contract: Contract, order: Order) -> TrueOrder:
        return TrueOrder(
            contract=contract,
            order=order,
            client_id=order.clientId,
            order_id=order.orderId,
            perm_id=order.permId,
            owner=self._owner(order.clientId, order.orderId),
            epoch=self.epoch,
        )

    def _owner(self, client_id: int, order_id: int) -> Owner:
        if order_id == 0:
            return Owner.MANUAL
        return Owner.OURS if client_id == self.client_id else Owner.CLIENT

    def _add(self, truth: TrueOrder) -> _Entry:
        entry = _Entry(truth if self._hears_of(truth) else changed(truth, certain=False))
        self._entries.append(entry)
        if truth.order_id:
            self._by_order_id[truth.client_id, truth.order_id] = entry
        self._unseen = entry.truth
        self._changes.append(OrderChange(before=None, after=entry.truth))
        self._adopt_fills(entry)
        return entry

    def _adopt_fills(self, entry: _Entry) -> None:
        """Count the executions that came before the order was heard of."""
        perm_id = entry.truth.perm_id
        if not perm_id:
            return
        for fill in self.fills.of(perm_id):
            self._own(entry, fill)
            if not is_leg(entry.truth.contract, fill):
                self._count(entry, FillChange(before=None, after=fill))

    def _own(self, entry: _Entry, fill: TrueFill) -> None:
        """An execution tells who placed an order that was heard of as completed."""
        if entry.truth.owner is Owner.UNKNOWN:
            owner = self._owner(fill.client_id, fill.order_id)
            self._set(entry, client_id=fill.client_id, order_id=fill.order_id, owner=owner)

    def _set(self, entry: _Entry, **changes: object) -> None:
        truth = entry.truth
        fields = vars(truth)
        for name, value in changes.items():
            if not _is_same(fields[name], value):
                break
        else:
            return
        if truth is self._unseen:
            fields.update(changes)
            return
        entry.truth = self._unseen = changed(truth, **changes)
        self._changes.append(OrderChange(before=truth, after=entry.truth))


def _is_same(old: object, new: object) -> bool:
    if old is new:
        return True
    if isinstance(new, Order) and isinstance(old, Order):
        return vars(old) == vars(new)  # a tenth of the time of Order's own comparison
    return old == new


_WAY = {
    Phase.SENT: 0,
    Phase.SUSPENDED: 1,
    Phase.HELD: 2,
    Phase.WORKING: 3,
    Phase.CANCELLING: 4,
}


def _goes_back(before: Phase, after: Phase) -> bool:
    return before is not after and _WAY.get(after, len(_WAY)) < _WAY.get(before, 0)


def _was_rejected(truth: TrueOrder) -> bool:
    return any(notice.code == 201 for notice in truth.messages)


_TERMS = ("totalQuantity", "lmtPrice", "auxPrice", "orderType")


def same_terms(wanted: Order, shown: Order) -> bool:
    """Whether TWS shows what was asked for; what it fills in by itself does not count."""
    for name in _TERMS:
        asked, told = getattr(wanted, name), getattr(shown, name)
        if asked != told and (term := known_term(asked)) is not None and term != known_term(told):
            return False
    return True


def known_term(value: float | str | Decimal | None) -> object:
    """A term for comparison: unset is ``None``, numbers are exact."""
    if value is None or isinstance(value, str):
        return value or None
    return known(float(value))
