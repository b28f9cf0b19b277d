"""The sums over the facts of a group: what is open, in which slice, and what covers it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import attrs
from attrs import frozen

from ibkit.orders._facts import LIVE, LOST, NOTHING, GroupFacts, LegFacts, LegStatus
from ibkit.orders._planned import EXITS


@frozen(kw_only=True)
class SlicePicture:
    """One slice: what its entry filled, what its exits closed, and what works."""

    number: int
    entry: LegFacts | None
    """The entry of this slice, or of the whole group."""
    targets: tuple[LegFacts, ...]
    stops: tuple[LegFacts, ...]
    opened: Decimal
    closed: Decimal
    open: Decimal
    """After everything that closed it, outside the group too."""
    to_come: Decimal
    """What the live entry may still add."""

    @property
    def exits(self) -> tuple[LegFacts, ...]:
        return self.stops + self.targets

    @property
    def covering(self) -> tuple[LegFacts, ...]:
        """The orders that protect it: its stops, or its targets where no stop is planned."""
        return self.stops or self.targets

    @property
    def covered(self) -> Decimal:
        """How much of what is open has an exit that can execute now."""
        return min(self.open, total(leg.works for leg in self.covering))

    @property
    def coming(self) -> Decimal:
        """How much more an answer may cover."""
        return min(self.open - self.covered, total(leg.coming for leg in self.covering))


@frozen(kw_only=True)
class Picture:
    """The whole group."""

    facts: GroupFacts
    slices: tuple[SlicePicture, ...]
    opened: Decimal
    closed: Decimal
    open: Decimal
    covered: Decimal
    coming: Decimal
    live: tuple[LegFacts, ...]

    @property
    def entries(self) -> tuple[LegFacts, ...]:
        return of_kind(self.facts, "entry")

    @property
    def guard(self) -> LegFacts | None:
        return next(iter(of_kind(self.facts, "guard")), None)

    @property
    def has_exits(self) -> bool:
        return any(leg.kind in EXITS for leg in self.facts.legs) and bool(self.entries)

    @property
    def has_stops(self) -> bool:
        return any(leg.kind in {"stop", "guard"} for leg in self.facts.legs)

    @property
    def entry_live(self) -> bool:
        return any(leg.live for leg in self.entries)

    @property
    def filled(self) -> bool:
        return any(leg.filled for leg in self.facts.legs)

    @property
    def flipped(self) -> bool:
        """More was closed than opened, or what should be open is on the other side."""
        wrong_side = self.opened > self.closed and (self.facts.held or NOTHING) < 0
        return bool(self.entries) and (wrong_side or self.closed > self.opened)

    @property
    def cannot_close(self) -> bool:
        """The order that should have closed it was refused, also when it was sent again."""
        closes = of_kind(self.facts, "close")
        return any(leg.status in LOST and leg.resent for leg in closes)

    @property
    def missing_outside(self) -> Decimal:
        """How much of the position somebody else closed."""
        held = self.facts.held
        by_fills = self.opened - self.closed
        return NOTHING if held is None else max(by_fills - max(held, NOTHING), NOTHING)

    def has(self, *statuses: LegStatus) -> bool:
        return any(leg.status in statuses for leg in self.facts.legs)


def study(facts: GroupFacts) -> Picture:
    """Add the facts up; they are asked for their sums many times, and never change."""
    known = facts._studied  # noqa: SLF001 - kept there for this function
    if isinstance(known, Picture):
        return known
    found = _study(facts)
    object.__setattr__(facts, "_studied", found)
    return found


def _study(facts: GroupFacts) -> Picture:
    opened = total(leg.filled for leg in of_kind(facts, "entry"))
    closed = total(leg.filled for leg in facts.legs if leg.kind in EXITS or leg.kind == "close")
    held = opened if facts.held is None else max(facts.held, NOTHING)
    open_size = max(min(opened - closed, held), NOTHING)
    slices = _trim(_slices(facts), open_size)
    covered = total(one.covered for one in slices)
    coming = total(one.coming for one in slices)
    for guard in of_kind(facts, "guard"):  # it covers what the slices' own stops do not
        covered += min(guard.works, open_size - covered)
        coming += min(guard.coming, open_size - covered - coming)
    return Picture(
        facts=facts,
        slices=slices,
        opened=opened,
        closed=closed,
        open=open_size,
        covered=covered,
        coming=coming,
        live=tuple(leg for leg in facts.legs if leg.live),
    )


def of_kind(facts: GroupFacts, kind: str) -> tuple[LegFacts, ...]:
    """Return the orders of a kind."""
    return tuple(leg for leg in facts.legs if leg.kind == kind)


def total(sizes: Iterable[Decimal]) -> Decimal:
    """Add up sizes."""
    return sum(sizes, NOTHING)


def _slices(facts: GroupFacts) -> list[SlicePicture]:
    entries = of_kind(facts, "entry")
    if not entries:
        return []
    if facts.form == "attached":
        return [_slice(facts, 0, entries[0], entries[0].filled)]
    numbers = sorted({leg.number for leg in facts.legs if leg.kind in {"target", "stop"}})
    if facts.form == "managed":
        return _filled_in_turn(facts, entries[0], numbers)
    by_number = {entry.number or 1: entry for entry in entries}
    return [_slice(facts, n, by_number[n], by_number[n].filled) for n in numbers if n in by_number]


def _filled_in_turn(facts: GroupFacts, entry: LegFacts, numbers: list[int]) -> list[SlicePicture]:
    """Give what one entry filled to the slices in their order."""
    out, left = [], entry.filled
    for number in numbers:
        size = max(leg.size for leg in facts.legs if leg.number == number)
        share = min(size, left)
        left -= share
        out.append(_slice(facts, number, entry, share))
    return out


def _slice(facts: GroupFacts, number: int, entry: LegFacts, opened: Decimal) -> SlicePicture:
    mine = [leg for leg in facts.legs if not number or leg.number == number]
    targets = tuple(leg for leg in mine if leg.kind == "target")
    stops = tuple(leg for leg in mine if leg.kind == "stop")
    closed = total(leg.filled for leg in targets + stops)
    attached = facts.form != "managed"
    return SlicePicture(
        number=number,
        entry=entry,
        targets=targets,
        stops=stops,
        opened=opened,
        closed=closed,
        open=max(opened - closed, NOTHING),
        to_come=entry.remaining if attached and entry.status in LIVE else NOTHING,
    )


def _trim(slices: list[SlicePicture], open_size: Decimal) -> tuple[SlicePicture, ...]:
    """Take what was closed apart from the slices' own exits from the last slices first."""
    surplus = total(one.open for one in slices) - open_size
    out: list[SlicePicture] = []
    for one in reversed(slices):
        cut = min(one.open, max(surplus, NOTHING))
        surplus -= cut
        out.append(attrs.evolve(one, open=one.open - cut) if cut else one)
    return tuple(reversed(out))
