"""What the repair rules find: one function per row of the table in `_repair.py`.

Each looks at the sums over the facts and yields the actions of its row, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from ibkit.orders._actions import (
    Action,
    Alert,
    AskBroker,
    CancelLeg,
    CloseOut,
    MoveStop,
    Place,
    Replace,
    Resize,
    RollBack,
)
from ibkit.orders._facts import LOST, NOTHING, LegFacts, LegStatus
from ibkit.orders._numbers import plain
from ibkit.orders._picture import Picture, SlicePicture, total

# --- what each exit should be ------------------------------------------------------------


def _wanted(one: SlicePicture, legs: tuple[LegFacts, ...]) -> Iterator[tuple[LegFacts, Decimal]]:
    """Give each exit of one kind the size that it should have now, those that live first.

    A child stands for what its entry may still fill, too; an exit that has to be sent, only for
    what is open.
    """
    left = one.open + one.to_come
    live = [leg for leg in legs if leg.live]
    kept = []
    for leg in live:  # first what each has, so that none takes from another what stands
        kept.append(min(leg.remaining, leg.size - leg.filled, left))
        left -= kept[-1]
    for leg, has in zip(live, kept, strict=True):
        more = min(leg.size - leg.filled - has, left)
        left -= more
        yield leg, has + more
    left = max(left - one.to_come, NOTHING)
    for leg in legs:
        if not leg.live and leg.status is not LegStatus.FILLED:
            want = max(min(leg.size - leg.filled, left), NOTHING)
            left -= want
            yield leg, want


def _each(picture: Picture) -> Iterator[tuple[SlicePicture, LegFacts, Decimal]]:
    for one in picture.slices:
        for legs in (one.stops, one.targets):
            for leg, want in _wanted(one, legs):
                yield one, leg, want


def _changeable(leg: LegFacts) -> bool:
    return leg.status in {LegStatus.WORKING, LegStatus.HELD}


def _shrink(rule: str, picture: Picture, why: Callable[[SlicePicture], bool]) -> Iterator[Action]:
    for one, leg, want in _each(picture):
        if why(one) and _changeable(leg) and want < leg.remaining:
            yield _size(rule, leg, want)


def _size(rule: str, leg: LegFacts, want: Decimal) -> Action:
    if want <= 0:
        return CancelLeg(rule=rule, role=leg.role)
    return Resize(rule=rule, role=leg.role, remaining=want)


def _cancel(rule: str, legs: Iterable[LegFacts]) -> Iterator[Action]:
    for leg in legs:
        if leg.live and leg.status is not LegStatus.CANCELLING:
            yield CancelLeg(rule=rule, role=leg.role)


def _exits(picture: Picture) -> Iterator[LegFacts]:
    return (leg for leg in picture.facts.legs if leg.kind in {"guard", "target", "stop"})


# --- the rules ------------------------------------------------------------------------------


def ask(rule: str, picture: Picture) -> Iterator[Action]:
    roles = tuple(leg.role for leg in picture.facts.legs if leg.status is LegStatus.UNKNOWN)
    if roles:
        yield AskBroker(rule=rule, roles=roles)


def flipped(rule: str, picture: Picture) -> Iterator[Action]:
    if picture.flipped:
        text = "more was closed than opened: the position is on the other side"
        yield Alert(rule=rule, severity="critical", text=text)
        yield from _cancel(rule, picture.facts.legs)


def closed_outside(rule: str, picture: Picture) -> Iterator[Action]:
    if picture.missing_outside and not picture.open:
        yield Alert(rule=rule, severity="warning", text="the position was closed elsewhere")
        yield from _cancel(rule, picture.facts.legs)


def lives_twice(rule: str, picture: Picture) -> Iterator[Action]:
    for leg in picture.facts.legs:
        if leg.doubles:
            text = f"{leg.role} came back beside the order that replaced it: it is cancelled"
            yield Alert(rule=rule, severity="warning", text=text, roles=(leg.role,))
            yield CancelLeg(rule=rule, role=leg.role, double=True)


def cancel_all(rule: str, picture: Picture) -> Iterator[Action]:
    if picture.facts.closing:
        yield from _cancel(rule, (leg for leg in picture.facts.legs if leg.kind != "close"))


def close_out(rule: str, picture: Picture) -> Iterator[Action]:
    if not (picture.facts.closing and picture.open):
        return
    for leg in picture.live:
        if leg.kind == "close" and leg.status is LegStatus.HELD:
            text = f"the closing order is held ({leg.reason}): {plain(picture.open)} open"
            yield Alert(rule=rule, severity="critical", text=text, roles=(leg.role,))
    if picture.live:
        return
    if picture.cannot_close:
        text = f"closing was refused twice: {plain(picture.open)} open without an exit"
        yield Alert(rule=rule, severity="critical", text=text)
    else:
        yield CloseOut(rule=rule, size=picture.open)


def child_gone(rule: str, picture: Picture) -> Iterator[Action]:
    for one in picture.slices:
        children = one.exits + ((picture.guard,) if picture.guard else ())
        gone = [leg for leg in children if leg.status in LOST and not leg.cancel_asked]
        entry = one.entry
        if gone and entry and entry.live and not entry.filled:
            reason = gone[0].reason or gone[0].status.value
            text = f"{gone[0].role} is gone before {entry.role} filled: {reason}"
            yield Alert(rule=rule, severity="warning", text=text, roles=(entry.role,))
            yield from _cancel(rule, (entry,))


def entry_refused(rule: str, picture: Picture) -> Iterator[Action]:
    for entry in picture.entries:
        if entry.status is LegStatus.REJECTED and (picture.open or picture.entry_live):
            text = f"{entry.role} was refused, {plain(entry.size)} less is opened: {entry.reason}"
            yield Alert(rule=rule, severity="warning", text=text, roles=(entry.role,))


def exit_before_entry(rule: str, picture: Picture) -> Iterator[Action]:
    managed = picture.facts.form == "managed"  # its slices close one after the other
    for one in picture.slices:
        out = [leg for leg in one.exits if leg.filled and not (managed and leg.kind == "target")]
        if picture.guard and picture.guard.filled:
            out.append(picture.guard)
        if out and one.entry:
            yield from _cancel(rule, (one.entry,))


def entry_gone(rule: str, picture: Picture) -> Iterator[Action]:
    for one in picture.slices:
        if one.entry and one.entry.status in LOST and not one.entry.filled:
            yield from _cancel(rule, one.exits)
    entries = picture.entries
    if entries and all(entry.status in LOST for entry in entries) and not picture.opened:
        yield from _cancel(rule, _exits(picture))


def left_over(rule: str, picture: Picture) -> Iterator[Action]:
    if picture.opened and not picture.open and not picture.entry_live:
        yield from _cancel(rule, _exits(picture))


def entry_short(rule: str, picture: Picture) -> Iterator[Action]:
    return _shrink(rule, picture, lambda one: bool(one.entry and one.entry.status in LOST))


def unlinked_sibling(rule: str, picture: Picture) -> Iterator[Action]:
    for one, leg, want in _each(picture):
        links = {other.linked for other in one.exits if other.filled and other is not leg}
        alone = leg.linked == "" or (leg.linked is not None and leg.linked not in links)
        if links and alone and _changeable(leg) and want < leg.remaining:
            yield _size(rule, leg, want)


def reduced_elsewhere(rule: str, picture: Picture) -> Iterator[Action]:
    if picture.missing_outside and picture.open:
        text = f"{plain(picture.missing_outside)} of the position was closed elsewhere"
        yield Alert(rule=rule, severity="warning", text=text)


def too_large(rule: str, picture: Picture) -> Iterator[Action]:
    return _shrink(rule, picture, lambda _: True)


def slice_grows(rule: str, picture: Picture) -> Iterator[Action]:
    if picture.facts.form == "managed":
        yield from too_small(rule, picture)


def too_small(rule: str, picture: Picture) -> Iterator[Action]:
    for one, leg, want in _each(picture):
        now = min(want, one.open)
        if _changeable(leg) and leg.remaining < now:
            yield Resize(rule=rule, role=leg.role, remaining=now)


def slice_filled(rule: str, picture: Picture) -> Iterator[Action]:
    if picture.facts.form == "managed":
        for _, leg, want in _each(picture):
            if leg.status is LegStatus.PLANNED and want > 0:
                yield Place(rule=rule, role=leg.role, size=want)


def guard_done(rule: str, picture: Picture) -> Iterator[Action]:
    guard = picture.guard
    if guard is None or not _changeable(guard):
        return
    own = total(min(one.open, total(leg.works for leg in one.stops)) for one in picture.slices)
    to_come = total(entry.remaining for entry in picture.entries if entry.live)
    want = min(guard.size - guard.filled, picture.open + to_come - own)
    if want < guard.remaining:
        yield _size(rule, guard, want)


def _lost(picture: Picture) -> Iterator[tuple[LegFacts, Decimal]]:
    for _, leg, want in _each(picture):
        kept = leg.status in LOST and leg.status is not LegStatus.EXPIRED
        if kept and want > 0 and not leg.cancel_asked:
            yield leg, want


def put_back(rule: str, picture: Picture) -> Iterator[Action]:
    lost = [(leg, want) for leg, want in _lost(picture) if not leg.resent]
    pieces = dict(_pieces(lost)) if picture.facts.form == "attached" else None
    for role, size in (pieces or {leg.role: want for leg, want in lost}).items():
        yield Replace(rule=rule, role=role, size=size)


def _pieces(lost: list[tuple[LegFacts, Decimal]]) -> Iterator[tuple[str, Decimal]]:
    """Cut the one stop of attached slices up, so that each slice gets a pair of its own."""
    targets = [(leg, want) for leg, want in lost if leg.kind == "target"]
    left = total(want for leg, want in lost if leg.kind == "stop")
    for leg, want in targets:
        yield leg.role, want
        piece = min(want, left)
        left -= piece
        if piece:
            yield f"stop-{leg.number}", piece
    if left:
        number = 1 + max((leg.number for leg, _ in lost if targets), default=0)
        yield f"stop-{number}", left


def lost_again(rule: str, picture: Picture) -> Iterator[Action]:
    for leg, want in _lost(picture):
        if leg.resent:
            text = (
                f"{leg.role} is gone again ({leg.reason or leg.status.value}); {plain(want)} open"
            )
            yield Alert(rule=rule, severity="critical", text=text, roles=(leg.role,))


def unprotected(rule: str, picture: Picture) -> Iterator[Action]:
    bare = picture.open - picture.covered - picture.coming
    if picture.has_exits and bare > 0:
        gone = [leg for leg in _exits(picture) if leg.reason or leg.status in LOST]
        reasons = [f"{leg.role}: {leg.reason or leg.status.value}" for leg in gone]
        text = f"{plain(bare)} of {plain(picture.open)} open has no working exit"
        yield Alert(rule=rule, severity="critical", text="; ".join([text, *reasons]))


def expired(rule: str, picture: Picture) -> Iterator[Action]:
    roles = tuple(leg.role for leg in _exits(picture) if leg.status is LegStatus.EXPIRED)
    if roles and picture.open:
        text = f"{', '.join(roles)} expired with {plain(picture.open)} open"
        yield Alert(rule=rule, severity="critical", text=text, roles=roles)


def expires(rule: str, picture: Picture) -> Iterator[Action]:
    now = picture.facts.now
    if now is None or not picture.open:
        return
    soon = now + picture.facts.warn_before
    for leg in _exits(picture):
        if leg.live and leg.ends and leg.ends <= soon:
            text = f"{leg.role} expires at {leg.ends:%Y-%m-%d %H:%M %Z} with a position open"
            yield Alert(rule=rule, severity="warning", text=text, roles=(leg.role,))


def break_even(rule: str, picture: Picture) -> Iterator[Action]:
    facts = picture.facts
    done = [leg for leg in facts.legs if leg.kind == "target" and leg.status is LegStatus.FILLED]
    if not facts.breakeven_after or facts.average_price is None:
        return
    if len(done) >= facts.breakeven_after and picture.open:
        for one in picture.slices:
            for leg in one.stops:
                if one.open and _changeable(leg) and not leg.moved:
                    yield MoveStop(rule=rule, role=leg.role, price=facts.average_price)


def refused(rule: str, picture: Picture) -> Iterator[Action]:
    for leg in picture.facts.legs:
        if leg.refused:
            yield RollBack(rule=rule, role=leg.role)
            text = f"the change of {leg.role} was refused, its old terms stand: {leg.refused}"
            yield Alert(rule=rule, severity="warning", text=text, roles=(leg.role,))
