"""Rules of a roll about exits: they follow the position, and never exceed it for long."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from attrs import evolve

from ._exits import Share
from ._faces import plain
from ._look import GLANCE, SETTLE, Decision, Look
from ._steps import CancelExit, PlaceExits, ResizeExit, Step, Tell


def protect(look: Look) -> Decision | None:
    """A part of the new month is held without its exits."""
    steps = tuple(step for share in look.shown.shares for step in _follow(share, look.covered))
    return Decision(steps, look.progress) if steps else None


def _follow(share: Share, held: Decimal) -> Iterator[Step]:
    due = share.due_in_new(held)
    if share.old is None or due <= 0:
        return
    if not share.new:
        yield PlaceExits(exits=evolve(share.old, size=share.size), size=due)
        return
    part = share.new[-1]
    due -= share.in_new - part.now
    if share.is_even:
        for order in part.orders:
            if order.remaining < due:
                yield ResizeExit(order_id=order.order_id, remaining=due)
    missing = tuple(order for order in share.old.orders if order.kind not in part.kinds)
    if missing and part.marked:  # its sending was cut off in the middle
        yield PlaceExits(exits=evolve(share.old, orders=missing, size=share.size), size=due)


def settle(look: Look) -> Decision | None:
    """Positions and fills tell different stories: wait, then believe the position."""
    shown, progress = look.shown, look.progress
    off_old = abs(look.plan.size) - progress.gone_old - shown.sold - shown.held_old
    off_new = shown.bought - progress.gone_new - shown.held_new
    if not off_old and not off_new:
        if progress.odd_since is None:
            return None
        return Decision((), evolve(progress, odd_since=None))
    if progress.odd_since is None:
        return Decision((), evolve(progress, odd_since=look.now), GLANCE)
    if look.now - progress.odd_since < SETTLE:
        return Decision((), progress, GLANCE)
    believed = evolve(
        progress,
        odd_since=None,
        gone_old=progress.gone_old + off_old,
        gone_new=progress.gone_new + off_new,
    )
    return Decision(tuple(_believed(look, off_old, off_new)), believed)


def _believed(look: Look, off_old: Decimal, off_new: Decimal) -> Iterator[Step]:
    for off, month in ((off_old, look.plan.old), (off_new, look.plan.new)):
        if off:
            how = "left" if off > 0 else "was added to"
            text = f"{plain(abs(off))} {how} the position in {month} by other means than the roll"
            yield Tell(text=text, is_critical=True)


def trim(look: Look) -> Decision | None:
    """Exits for more than is held, now that those of the new month stand."""
    steps = tuple(_surplus(look))
    return Decision(steps, look.progress) if steps else None


def _surplus(look: Look) -> Iterator[Step]:
    left = {True: look.shown.held_old, False: look.shown.held_old}
    for share in reversed(look.shown.shares):
        due = min(share.due_in_old(look.shown.sold), left[share.has_stop])
        left[share.has_stop] -= due
        if share.old and due < share.in_old:
            yield from _cut(share, due)
    if not any(order.kind == "o" for order in look.shown.rolls):
        yield from _surplus_of_new(look)


def _cut(share: Share, due: Decimal) -> Iterator[Step]:
    assert share.old is not None
    if due <= 0:
        yield CancelExit(order_id=share.old.orders[0].order_id)
    elif share.is_even:
        larger = (order for order in share.old.orders if order.remaining > due)
        yield from (ResizeExit(order_id=order.order_id, remaining=due) for order in larger)


def _surplus_of_new(look: Look) -> Iterator[Step]:
    """What is left of the children of a leg that did not fill completely."""
    left = {True: look.covered, False: look.covered}
    for share in look.shown.shares:
        for each in share.new:
            due = min(each.now, left[share.has_stop])
            left[share.has_stop] -= due
            if not due:
                yield CancelExit(order_id=each.orders[0].order_id)
            elif share.is_even:
                for order in each.orders:
                    if order.remaining > due:
                        yield ResizeExit(order_id=order.order_id, remaining=due)
