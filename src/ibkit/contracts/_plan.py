"""The plan of a roll: what would be done, before anything is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import final

from attrs import evolve, frozen
from ib_async import Position, Trade

from ibkit.errors import ChainExhausted, UnknownContract
from ibkit.products import PriceGrid, add_business_days, exact

from . import _faces as faces
from ._activity import Activity
from ._chain import FuturesChain
from ._exits import ExitSet, exit_sets
from ._listing import Listing
from ._market import SpreadMarket, TwoSided, spread_market
from ._obstacles import obstacles
from ._roll_ref import RollTrail, roll_ref_of
from ._roll_rules import RollRule, rule_for
from ._stages import RollStage, RollState, stage_of
from ._working import ZERO, Action, Number, WorkingOrder, read_working, shifted

_SOON = 5
"""Calendar days before a deadline from which the plan warns."""
_WIDE = Decimal("0.005")
"""How wide the market of a spread may be, as a part of the price, until the plan warns."""


@final
@frozen(kw_only=True, repr=False)
class RollPlan:
    """What a roll would do: print it, and hand it to `FuturesRoller.execute_async`.

    Sizes are in contracts, prices in the units of orders. Nothing is sent by a plan.
    """

    account: str
    old: Listing
    new: Listing
    size: Decimal
    """The position to move, negative if it is short; what has been moved already included."""
    trail: RollTrail
    """What has been done of it."""
    rule: RollRule
    today: dt.date
    roll_day: dt.date
    """The first day on which a later month than the old one is the front."""
    force_day: dt.date
    """From this day on the price of the market is taken."""
    deadline: dt.date
    """The last day on which the position may stand: IB's close-out, else the last trade."""
    stage: RollStage
    market: SpreadMarket | None
    """The market of the spread; None if a side of it is not known."""
    shift: Decimal | None
    """By how much the prices of exits move; None if no market tells."""
    grid: PriceGrid
    """The price steps of the new month."""
    exits: tuple[ExitSet, ...] = ()
    """The working exits on the old contract."""
    streams: tuple[str, ...] = ()
    """The streams on the old contract, which follow."""
    obstacles: tuple[str, ...] = ()
    """Why it cannot be carried out as things stand; empty if it can."""

    @property
    def is_long(self) -> bool:
        """Whether a long position is moved."""
        return self.trail.is_long

    @property
    def left(self) -> Decimal:
        """How much of the position is still in the old contract, without its sign."""
        return abs(self.size) - self.trail.sold

    @property
    def action(self) -> Action:
        """The side of the order in the spread: buy the new month, sell the old, or reverse."""
        return "BUY" if self.is_long else "SELL"

    def numbers(self, order: WorkingOrder) -> tuple[Number, ...]:
        """The numbers of an exit in the new contract."""
        return shifted(order, self.shift or ZERO, self.grid)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody should know now: deadlines that are near or past."""
        return tuple(_warnings(self))

    def __repr__(self) -> str:
        return f"<RollPlan {_signed(self.size)} {self.old} -> {self.new}: {self.stage.value}>"

    def __str__(self) -> str:
        return faces.text(_table(self))

    def _repr_html_(self) -> str:
        return faces.html(_table(self))


def plan_roll(
    position: Position,
    chain: FuturesChain,
    *,
    today: dt.date,
    rule: RollRule | None = None,
    working: Iterable[Trade] = (),
    quotes: Mapping[int, TwoSided] | None = None,
    client_id: int | None = None,
    grid: PriceGrid | None = None,
    activity: Activity | None = None,
    streams: Sequence[str] = (),
    early: bool = False,
    force_days: int = 1,
    trail: RollTrail | None = None,
) -> RollPlan | None:
    """Plan the roll of a position; None if there is nothing to roll yet.

    Exits (orders that close the position, and what is linked to them) are listed with their new
    prices: moved by the middle of the spread, on the grid of the new month, never worse than
    asked. What stands in the way is named in `RollPlan.obstacles`: orders of somebody else,
    entries, types that ibkit does not know to the letter, stops for more than is held.

    Args:
        position: as ``IB.positions()`` or ``reqPositions`` gives it.
        chain: the months of its product.
        today: the trading day, in the exchange's zone.
        rule: when a contract is left; the convention of the product by default.
        working: working orders of this account; those of other contracts are ignored.
        quotes: the markets of both months by conId, such as `ibkit.streams.Quote`.
        client_id: whose orders are ours; without it, only orders placed by hand are foreign.
        grid: the price steps of the new month; by default its smallest step.
        activity: the figures that a crossover needs.
        streams: names of the streams on the old contract, to be shown.
        early: plan it also before it is due.
        force_days: business days before the deadline from which the market's price is taken.
        trail: what has been done of a roll under way.

    Raises:
        UnknownContract: the position's contract is not in the chain.
        ChainExhausted: there is no later month.
    """
    old = chain.by_con_id(position.contract.conId)
    if old is None:
        raise UnknownContract(position.contract, f"it is not in {chain!r}")
    held = exact(position.position)
    rule = rule_for(chain.product, rule)
    roll_day = chain.leave_day(old, rule, activity=activity)
    under_way = trail is not None and trail.is_under_way
    if not under_way and (not held or (today < roll_day and not early)):
        return None
    new = _target(chain, old, rule, today, activity) if trail is None else _month(chain, trail.new)
    trail = trail or RollTrail(old=old.con_id, new=new.con_id, is_long=held > 0)
    sign = 1 if trail.is_long else -1
    deadline = old.deadline(is_long=trail.is_long)
    orders = [each for each in map(read_working, working) if each.account == position.account]
    market = spread_market(old, new, quotes or {})
    plan = RollPlan(
        account=position.account,
        old=old,
        new=new,
        size=held + sign * trail.sold,
        trail=trail,
        rule=rule,
        today=today,
        roll_day=roll_day,
        force_day=add_business_days(deadline, -force_days, chain.calendar),
        deadline=deadline,
        stage=RollStage.NOT_DUE,
        market=market,
        shift=market.mid if market else None,
        grid=grid or _grid(new),
        exits=exit_sets(_exits(orders, old, trail), new.month.code),
        streams=tuple(streams),
    )
    con_ids = frozenset(each.con_id for each in chain)
    plan = evolve(plan, obstacles=tuple(obstacles(plan, orders, con_ids, client_id)))
    return evolve(plan, stage=stage_of(_state(plan, orders)))


def _target(
    chain: FuturesChain, old: Listing, rule: RollRule, today: dt.date, activity: Activity | None
) -> Listing:
    """Where to: the front if it is later, else the next month."""
    try:
        front = chain.front(max(today, chain.since or today), rule, activity=activity)
    except ChainExhausted:
        front = old
    return front if front.last_trade > old.last_trade else chain.next(old)


def _month(chain: FuturesChain, con_id: int) -> Listing:
    found = chain.by_con_id(con_id)
    if found is None:
        raise UnknownContract(con_id, f"it is not in {chain!r}")
    return found


def _grid(listing: Listing) -> PriceGrid:
    if listing.min_tick is None:
        raise UnknownContract(listing, "its price step is not known; pass grid=")
    return PriceGrid([(0, listing.min_tick)])


def _exits(
    orders: Sequence[WorkingOrder], old: Listing, trail: RollTrail
) -> Iterator[WorkingOrder]:
    closing = "SELL" if trail.is_long else "BUY"
    for order in orders:
        if order.con_id == old.con_id and order.action == closing and not roll_ref_of(order.ref):
            yield order


def _state(plan: RollPlan, orders: Sequence[WorkingOrder]) -> RollState:
    trail = plan.trail
    return RollState(
        today=plan.today,
        roll_day=plan.roll_day,
        force_day=plan.force_day,
        left=plan.left,
        rolled=min(trail.sold, trail.bought),
        exits_left=sum(len(each.orders) for each in plan.exits),
        working=any(trail.owns(order.ref) for order in orders),
        uneven=trail.sold != trail.bought,
    )


# --- faces ---


def _warnings(plan: RollPlan) -> Iterator[str]:
    is_close_out = plan.old.close_out is not None
    what = "IB's close-out" if is_close_out else "the last trade"
    if "close out" in plan.old.unknown:
        yield f"nobody knows IB's close-out day of {plan.old}; look at IB's page"
    if plan.today > plan.deadline and plan.left:
        more = ": IB may close the position without notice" if is_close_out else ""
        yield f"{what} of {plan.old} was on {plan.deadline}{more}"
    elif (plan.deadline - plan.today).days <= _SOON and plan.left:
        yield f"{what} of {plan.old} is on {plan.deadline}"
    if plan.market and plan.exits and plan.market.ask - plan.market.bid > _WIDE * plan.market.level:
        yield (
            f"the market of the spread is wide, {plan.market}, and exits move by its middle; roll "
            "when both months trade"
        )


def _signed(size: Decimal) -> str:
    return f"{'+' if size > 0 else ''}{faces.plain(size)}"


def _table(plan: RollPlan) -> faces.Table:
    done = f", {faces.plain(plan.trail.sold)} of it done" if plan.trail.sold else ""
    notes = [
        f"stage: {plan.stage.value}",
        f"days: roll {plan.roll_day}, market price {plan.force_day}, deadline {plan.deadline}",
        f"spread ({plan.new} - {plan.old}): {plan.market or 'not known'}",
        *(f"stream follows: {name}" for name in plan.streams),
        *(f"warning: {text}" for text in plan.warnings),
        *(f"in the way: {text}" for text in plan.obstacles),
    ]
    return faces.Table(
        title=f"roll {_signed(plan.size)} {plan.old} -> {plan.new}{done} ({plan.account})",
        header=("exit", "size", "type", "set", "now", f"on {plan.new}"),
        rows=list(_rows(plan)),
        notes=notes,
    )


def _rows(plan: RollPlan) -> Iterator[tuple[object, ...]]:
    for each in plan.exits:
        for order in each.orders:
            prices = [number.value for number in order.numbers if number.measure == "price"]
            moved = [one.value for one in plan.numbers(order) if one.measure == "price"]
            yield (
                order.ref,
                f"{order.action} {faces.plain(order.remaining)}",
                order.order_type,
                each.key if len(each.orders) > 1 else None,
                " ".join(map(faces.plain, prices)),
                None if plan.shift is None else " ".join(map(faces.plain, moved)),
            )
