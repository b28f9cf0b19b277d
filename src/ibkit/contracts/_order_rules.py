"""Rules of a roll about its own orders: send, wait, reprice, fall back, stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from attrs import evolve

from ._exits import Share
from ._faces import plain
from ._look import GLANCE, Decision, Look, Progress
from ._pricing import leg_price, spread_price
from ._shown import RollOrder
from ._stages import RollStage
from ._steps import Finish, Halt, Reprice, SendLeg, SendSpread, Step, Tell, Withdraw
from ._ways import CalendarSpread, TwoLegs, Way
from ._working import ZERO


def trouble(look: Look) -> Decision | None:
    """More was closed than was held, or something was opened besides."""
    reason = _what_is_wrong(look)
    if not reason:
        return None
    if look.shown.rolls:
        return Decision(tuple(_withdraw(look.shown.rolls, reason)), look.progress)
    return Decision((Halt(reason=reason),), look.progress)


def _what_is_wrong(look: Look) -> str:
    plan, shown = look.plan, look.shown
    if shown.held_old < 0:
        return (
            f"{plan.old} is {plain(-shown.held_old)} on the other side: an exit filled together "
            f"with the roll. Close it against {plan.new}, where {plain(shown.held_new)} is held"
        )
    if shown.held_new < 0:
        return (
            f"{plan.new} is {plain(-shown.held_new)} on the other side: an exit filled there "
            f"before the position came. {plain(shown.held_old)} is left in {plan.old}"
        )
    if len(shown.rolls) > 1:
        return f"{len(shown.rolls)} orders of this roll work at once"
    return ""


def too_large(look: Look) -> Decision | None:
    """The order of the roll would close more than is held."""
    out = [order for order in look.shown.rolls if order.kind != "o"]
    if sum((order.remaining for order in out), ZERO) <= look.shown.held_old:
        return None
    why = f"only {plain(look.shown.held_old)} of {look.plan.old} is still held"
    return Decision(tuple(_withdraw(out, why)), look.progress)


def _withdraw(orders: Sequence[RollOrder], why: str) -> Iterator[Step]:
    for order in orders:
        yield Withdraw(order_id=order.order_id, why=why)


def working(look: Look) -> Decision | None:
    """An order of the roll works: leave it, or lose patience."""
    if not look.shown.rolls:
        return None
    order, progress = look.shown.rolls[0], look.progress
    if progress.halt:
        return Decision((Withdraw(order_id=order.order_id, why=progress.halt),), progress)
    if progress.since is None:  # found after a restart
        progress = evolve(progress, since=look.now)
    way = progress.way if order.kind == "s" else legs_of(progress.way)
    assert progress.since is not None
    left = way.timeout - (look.now - progress.since).total_seconds()
    if left > 0:
        return Decision((), progress, left)
    if isinstance(way, CalendarSpread) and order.kind == "s":
        return _impatient(look, order, way)
    return _again(look, order, legs_of(progress.way))


def legs_of(way: Way) -> TwoLegs:
    """How legs are traded: as told, or as usual where a leg is left over."""
    if isinstance(way, TwoLegs):
        return way
    return way.then if isinstance(way.then, TwoLegs) else TwoLegs()


def _impatient(look: Look, order: RollOrder, way: CalendarSpread) -> Decision:
    progress = look.progress
    if isinstance(way.then, TwoLegs):
        why = f"nothing more filled within {way.timeout:g} s; the rest is traded in legs"
        fresh = Progress(way=way.then, gone_old=progress.gone_old, gone_new=progress.gone_new)
        return Decision((Withdraw(order_id=order.order_id, why=why),), fresh)
    price = spread_price(look.plan, look.shown.market, way, crossing=True)
    if way.then == "stop" or progress.attempt > way.attempts or price is None:
        missing = way.then != "stop" and price is None
        why = f"nothing more filled within {way.timeout:g} s at {plain(order.limit or ZERO)}"
        return _stop(look, order, "a side of the market is missing" if missing else why)
    moved = evolve(progress, since=look.now, attempt=progress.attempt + 1, crossing=True)
    if price == order.limit:
        return Decision((), moved, way.timeout)
    return Decision((Reprice(order_id=order.order_id, limit=price),), moved)


def _again(look: Look, order: RollOrder, way: TwoLegs) -> Decision:
    progress = look.progress
    price = _leg_price(look, order.kind, way)
    if progress.attempt >= way.attempts or price is None:
        tries = f"after {progress.attempt} attempts" if price else "a side of its market is missing"
        return _stop(look, order, f"the leg did not fill: {tries}")
    moved = evolve(progress, since=look.now, attempt=progress.attempt + 1)
    month = look.plan.old if order.kind == "c" else look.plan.new
    told = Tell(text=f"the leg in {month} did not fill within {way.timeout:g} s; priced anew")
    return Decision((told, Reprice(order_id=order.order_id, limit=price)), moved)


def _stop(look: Look, order: RollOrder, why: str) -> Decision:
    return Decision((Withdraw(order_id=order.order_id, why=why),), evolve(look.progress, halt=why))


def halted(look: Look) -> Decision | None:
    if not look.progress.halt:
        return None
    return Decision((Halt(reason=look.progress.halt),), look.progress)


def even_out(look: Look) -> Decision | None:
    """One leg is ahead: the other has to follow, whatever way was asked for."""
    shown = look.shown
    ahead = shown.bought - shown.sold
    closing = min(ahead, shown.held_old)
    if closing > 0 and not _opens_first(look):
        return _send_leg(look, "c", closing)
    if ahead < 0 and not _closes_first(look):
        return _send_leg(look, "o", -ahead)
    return None


def _opens_first(look: Look) -> bool:
    """More is to be opened before anything is closed."""
    way = look.progress.way
    opens = isinstance(way, TwoLegs) and way.first == "open"
    return opens and look.shown.held_old > look.shown.bought - look.shown.sold


def _closes_first(look: Look) -> bool:
    way = look.progress.way
    return isinstance(way, TwoLegs) and way.first == "close" and look.shown.held_old > 0


def send(look: Look) -> Decision | None:
    """Something is left in the old month."""
    way, shown = look.progress.way, look.shown
    left = shown.held_old - max(shown.bought - shown.sold, ZERO)
    if left <= 0:
        return None
    if isinstance(way, TwoLegs):
        return _send_leg(look, "o" if way.first == "open" else "c", left)
    crossing = look.progress.crossing or look.plan.stage is RollStage.FORCED
    price = spread_price(look.plan, shown.market, way, crossing=crossing)
    if price is None:
        return _no_market(look)
    sent = evolve(look.progress, since=look.now, attempt=look.progress.attempt + 1)
    return Decision((SendSpread(size=left, limit=price),), evolve(sent, crossing=crossing))


def _send_leg(look: Look, kind: str, size: Decimal) -> Decision:
    way = legs_of(look.progress.way)
    price = _leg_price(look, kind, way)
    if price is None:
        return _no_market(look)
    sent = evolve(look.progress, since=look.now, attempt=1)
    if kind == "c":
        return Decision((SendLeg(kind="c", size=size, limit=price),), sent)
    share = next(_uncovered(look.shown.shares), None)
    if share is None:
        return Decision((SendLeg(kind="o", size=size, limit=price),), sent)
    exits = share.old or share.planned
    wanted = share.size - share.in_new
    fits = wanted <= size or share.is_even
    leg = SendLeg(
        kind="o", size=min(size, wanted) if fits else size, limit=price,
        exits=exits if fits else None,
    )  # fmt: skip
    return Decision((leg,), sent)


def _uncovered(row: Sequence[Share]) -> Iterator[Share]:
    """Sets with a stop that a leg may take along."""
    for share in row:
        if share.has_stop and (share.old or share.planned) and share.in_new < share.size:
            yield share


def _leg_price(look: Look, kind: str, way: TwoLegs) -> Decimal | None:
    second = (kind == "c") is (way.first == "open")
    ticks = way.second_ticks if second else way.ticks
    return leg_price(look.plan, look.shown.market, kind, ticks)


def _no_market(look: Look) -> Decision:
    """No price can be named: wait for one, but not for ever."""
    progress = look.progress
    why = "a side of the market is missing, so no price can be named"
    if progress.since is None:
        return Decision((Tell(text=why),), evolve(progress, since=look.now), GLANCE)
    if (look.now - progress.since).total_seconds() < progress.way.timeout:
        return Decision((), progress, GLANCE)
    return Decision((Halt(reason=why),), progress)


def done(look: Look) -> Decision | None:
    return Decision((Finish(),), look.progress)
