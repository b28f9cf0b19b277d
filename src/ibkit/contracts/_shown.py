"""What the broker shows of a roll, read from its answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from attrs import evolve, frozen
from ib_async import Fill, Position, Trade

from ibkit.products import exact

from ._exits import Share, exit_sets, shares
from ._market import SpreadMarket
from ._plan import RollPlan
from ._roll_ref import RollKind, RollRef, RollTrail, roll_ref_of
from ._working import ZERO, WorkingOrder, read_working


@frozen(kw_only=True)
class Answers:
    """What was asked of the broker, of one account."""

    account: str
    positions: Sequence[Position] = ()
    working: Sequence[Trade] = ()
    """Working orders of every client."""
    done: Sequence[Trade] = ()
    """The orders of the day that have ended."""
    fills: Sequence[Fill] = ()
    """The executions of the day."""

    def held(self, con_id: int) -> Decimal:
        """The position in a contract, signed."""
        mine = (one for one in self.positions if one.account == self.account)
        return sum((exact(one.position) for one in mine if one.contract.conId == con_id), ZERO)

    def orders(self) -> list[WorkingOrder]:
        """The working orders of the account."""
        mine = (each for each in self.working if each.order.account == self.account)
        return [read_working(each) for each in mine if not each.isDone()]


class RollOrder(NamedTuple):
    """A working order of the roll itself."""

    order_id: int
    client_id: int
    kind: RollKind
    remaining: Decimal
    limit: Decimal | None


@frozen(kw_only=True)
class Shown:
    """A roll as the broker shows it. Sizes have no sign: positive is in the roll's direction."""

    held_old: Decimal
    held_new: Decimal
    """In the new month, without what was held there before."""
    sold: Decimal
    bought: Decimal
    rolls: tuple[RollOrder, ...] = ()
    shares: tuple[Share, ...] = ()
    market: SpreadMarket | None = None


def read_shown(plan: RollPlan, answers: Answers, market: SpreadMarket | None) -> Shown:
    """Read the state of a roll."""
    trail, sign = plan.trail, 1 if plan.is_long else -1
    pair = trail.old, trail.new
    now = next((each for each in trails(answers) if (each.old, each.new) == pair), trail)
    orders = answers.orders()
    return Shown(
        held_old=sign * answers.held(trail.old),
        held_new=sign * (answers.held(trail.new) - trail.before),
        sold=now.sold,
        bought=now.bought,
        rolls=tuple(_rolls(plan, orders)),
        shares=_shares(plan, orders, _legs(trail, answers), now.sold - now.bought),
        market=market,
    )


def _rolls(plan: RollPlan, orders: Iterable[WorkingOrder]) -> Iterator[RollOrder]:
    for order in orders:
        ref = roll_ref_of(order.ref)
        if ref and plan.trail.owns(order.ref):
            yield RollOrder(order.order_id, order.client_id, ref.kind, order.remaining, order.price)


def _legs(trail: RollTrail, answers: Answers) -> frozenset[str]:
    """The permIds of the roll's orders: the OCA group of a leg's children is named so."""
    orders = [each.order for each in (*answers.working, *answers.done)]
    seen = [(each.orderRef, each.permId) for each in orders]
    seen += [(each.execution.orderRef, each.execution.permId) for each in answers.fills]
    return frozenset(str(perm_id) for ref, perm_id in seen if trail.owns(ref))


def _shares(
    plan: RollPlan, orders: Sequence[WorkingOrder], legs: frozenset[str], between: Decimal
) -> tuple[Share, ...]:
    closing = "SELL" if plan.is_long else "BUY"
    exits = [each for each in orders if each.action == closing and not roll_ref_of(each.ref)]
    code = plan.new.month.code
    known = {kind for each in plan.exits for kind in each.kinds}
    old = exit_sets((each for each in exits if each.con_id == plan.old.con_id), code)
    new = exit_sets((each for each in exits if each.con_id == plan.new.con_id), code)
    moved = [each for each in new if each.marked or each.key in legs or each.kinds & known]
    return shares(old, moved, plan.exits, between)


# --- trails -------------------------------------------------------------------------


def trails(answers: Answers) -> tuple[RollTrail, ...]:
    """Every roll of the account that left something to be seen today."""
    found: dict[tuple[int, int], RollTrail] = {}
    for ref, out, in_ in _filled(answers):
        found[ref.old, ref.new] = _added(found, ref, out, in_)
    for order in answers.orders():
        own = roll_ref_of(order.ref)
        if own:
            trail = _added(found, own, ZERO, ZERO)
            found[own.old, own.new] = evolve(trail, working=trail.working + 1)
    return tuple(found.values())


def _added(
    found: dict[tuple[int, int], RollTrail], ref: RollRef, out: Decimal, in_: Decimal
) -> RollTrail:
    trail = found.get((ref.old, ref.new)) or RollTrail(
        old=ref.old, new=ref.new, is_long=ref.is_long, before=ref.before
    )
    return evolve(trail, sold=trail.sold + out, bought=trail.bought + in_)


class _Order(NamedTuple):
    ref: RollRef
    perm_id: int


def _filled(answers: Answers) -> Iterator[tuple[RollRef, Decimal, Decimal]]:
    """What each order of a roll has moved out of the old month and into the new one.

    Orders and executions both tell; a message of the one may be late, so the larger counts.
    """
    by_order: dict[_Order, Decimal] = defaultdict(lambda: ZERO)
    for trade in (*answers.working, *answers.done):
        if trade.order.account == answers.account and (ref := roll_ref_of(trade.order.orderRef)):
            key = _Order(ref, trade.order.permId)
            by_order[key] = max(by_order[key], _filled_of(trade))
    by_leg = _executed(answers)
    for key in {*by_order, *(key for key, _ in by_leg)}:
        whole = max(by_order[key], by_leg.get((key, 0), ZERO))
        out = max(whole, by_leg.get((key, key.ref.old), ZERO)) if key.ref.kind != "o" else ZERO
        in_ = max(whole, by_leg.get((key, key.ref.new), ZERO)) if key.ref.kind != "c" else ZERO
        yield key.ref, out, in_


def _filled_of(trade: Trade) -> Decimal:
    amounts = (trade.orderStatus.filled, trade.order.filledQuantity)
    return max((exact(each) for each in amounts if each and each < 1e300), default=ZERO)


def _executed(answers: Answers) -> dict[tuple[_Order, int], Decimal]:
    """Shares by order and contract, a combo's own under 0. Of a correction the last counts."""
    latest: dict[tuple[str, int], tuple[tuple[_Order, int], Decimal]] = {}
    for fill in answers.fills:
        execution = fill.execution
        ref = roll_ref_of(execution.orderRef)
        if ref and execution.acctNumber == answers.account:
            con_id = 0 if fill.contract.secType == "BAG" else fill.contract.conId
            key = (_Order(ref, execution.permId), con_id)
            # IB numbers corrections in the last part of the execId
            name = execution.execId.rpartition(".")[0]
            latest[name, con_id] = key, exact(execution.shares)
    sums: dict[tuple[_Order, int], Decimal] = defaultdict(lambda: ZERO)
    for key, size in latest.values():
        sums[key] += size
    return sums
