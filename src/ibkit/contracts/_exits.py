"""Exits in sets: those that cancel each other move together.

When a roll is part-filled, some units of the position are held in the new month and the rest in
the old. The exits follow: the sets stand in a row over the units of the position, and each
contract has the exits of the units that are held in it. A set of equal orders may be split; one
of different sizes (several targets, one stop for all) moves only as a whole, because IB cancels
the whole set with any order of it (gateway-behaviour 1.5, 1.6). Until then it covers in the old
contract what is held in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from attrs import evolve, frozen

from ._working import ZERO, WorkingOrder

_MARK = re.compile(r"(?P<key>.*)~(?P<code>[A-Z]\d\d)(?P<form>[xu])(?P<size>\d+(?:\.\d+)?)")
_KEY_LIMIT = 40  # with month and size a name stays below 64 characters; more is error 401
_REDUCE = 3  # a fill reduces the others, and none waits for another


@frozen(kw_only=True)
class ExitSet:
    """Exits of which the fill of one reduces or cancels the others."""

    key: str
    """What the set is called for ever: its first OCA group's name, or its order's permId."""
    orders: tuple[WorkingOrder, ...]
    """Stops first, so that protection is sent first."""
    size: Decimal
    """How many units it closed when it began to move."""
    is_even: bool
    """Whether all its orders had one size then, so that it can be split."""
    marked: bool = False
    """Whether its name says that this roll put it there."""

    @property
    def has_stop(self) -> bool:
        """Whether it limits the loss."""
        return any(order.is_stop for order in self.orders)

    @property
    def now(self) -> Decimal:
        """How many units its orders close now."""
        return max((order.remaining for order in self.orders), default=ZERO)

    @property
    def kinds(self) -> frozenset[tuple[str, str]]:
        """What its orders are, whatever contract they are on."""
        return frozenset(order.kind for order in self.orders)

    @property
    def oca_type(self) -> int:
        """How IB treats the others when one fills."""
        return max((order.oca_type for order in self.orders), default=0) or _REDUCE

    def oca(self, code: str) -> str:
        """The name of its OCA group in the month with this code: it remembers size and form."""
        return f"{self.key}~{code}{'x' if self.is_even else 'u'}{self.size.normalize():f}"


def exit_sets(orders: Iterable[WorkingOrder], code: str) -> tuple[ExitSet, ...]:
    """Sort exits into sets, the oldest first. `code` is the month that is rolled to."""
    found: dict[str, list[WorkingOrder]] = {}
    for order in sorted(orders, key=lambda each: (each.order_id, each.perm_id)):
        name = order.oca or (f"p{order.parent_id}" if order.parent_id else f"{order.perm_id}")
        found.setdefault(name, []).append(order)
    return tuple(_set(name, members, code) for name, members in found.items())


def _set(name: str, orders: Sequence[WorkingOrder], code: str) -> ExitSet:
    mark = _MARK.fullmatch(name)
    sizes = {order.remaining for order in orders}
    ours = mark is not None and mark["code"] == code
    return ExitSet(
        key=(mark["key"] if mark else name)[:_KEY_LIMIT],
        orders=tuple(sorted(orders, key=lambda each: not each.is_stop)),
        size=max(Decimal(mark["size"]), *sizes) if mark and ours else max(sizes),
        is_even=mark["form"] == "x" if mark and ours else len(sizes) == 1,
        marked=ours,
    )


@frozen(kw_only=True)
class Share:
    """One set in both contracts: what is there, and what should be."""

    old: ExitSet | None
    new: tuple[ExitSet, ...]
    """More than one where it came in parts."""
    size: Decimal
    start: Decimal = ZERO
    """Which units of the position it covers: `size` of them from here."""
    planned: ExitSet | None = None
    """The set as the plan remembers it, where the broker has it no more."""

    @property
    def in_new(self) -> Decimal:
        """How many units are covered in the new contract."""
        return sum((each.now for each in self.new), ZERO)

    @property
    def in_old(self) -> Decimal:
        """How many units are covered in the old contract."""
        return self.old.now if self.old else ZERO

    @property
    def there(self) -> tuple[ExitSet, ...]:
        """The set wherever it is."""
        return tuple(each for each in (self.old, *self.new, self.planned) if each)

    @property
    def has_stop(self) -> bool:
        """Whether it limits the loss."""
        return any(each.has_stop for each in self.there)

    @property
    def is_even(self) -> bool:
        """Whether it may be split. Sizes that differ while it is being split do not count."""
        known = (*(each for each in self.new if each.marked), *self.new, self.planned, self.old)
        return next((each.is_even for each in known if each), False)

    def due_in_new(self, held: Decimal) -> Decimal:
        """How many of its units belong into the new contract, where so much is held."""
        inside = _clamp(held - self.start, self.size)
        return inside if self.is_even or inside == self.size else self.in_new

    def due_in_old(self, moved: Decimal) -> Decimal:
        """How many of its units are left in the old contract, when so much has left it."""
        left = self.size - _clamp(moved - self.start, self.size)
        return left if self.is_even or not left else self.in_old


def _clamp(value: Decimal, most: Decimal) -> Decimal:
    return max(ZERO, min(value, most))


def shares(
    old: Sequence[ExitSet],
    new: Sequence[ExitSet],
    planned: Sequence[ExitSet] = (),
    between: Decimal = ZERO,
) -> tuple[Share, ...]:
    """Pair the sets of both contracts and lay them in a row, those that moved first in front.

    Sets with a stop and sets without one cover the same units, each in a row of its own. Of the
    units *between* the contracts (closed in the old and not yet opened in the new) the broker
    shows no exits any more: those are taken from the plan.
    """
    row: list[Share] = []
    ends = {True: ZERO, False: ZERO}
    moved, waiting = _pairs(old, new)
    if between > 0:
        sizes = {each.key: each.size for each in planned}
        waiting = [
            evolve(each, size=max(each.size, sizes.get(_key(each), ZERO))) for each in waiting
        ]
        moved += _gone(old, new, planned, between)
    for share in (*moved, *waiting):
        row.append(evolve(share, start=ends[share.has_stop]))
        ends[share.has_stop] += share.size
    return tuple(row)


def _pairs(old: Sequence[ExitSet], new: Sequence[ExitSet]) -> tuple[list[Share], list[Share]]:
    """The sets that have a part in the new contract, and those that have none."""
    parts: dict[str, list[ExitSet]] = {}
    for each in new:
        twin = next((one for one in old if _same(one, each)), each)
        parts.setdefault(twin.key, []).append(each)
    by_key = {each.key: each for each in old}
    moved = [_pair(by_key.pop(key, None), there) for key, there in parts.items()]
    return moved, [Share(old=each, new=(), size=each.size) for each in by_key.values()]


def _pair(old: ExitSet | None, new: Sequence[ExitSet]) -> Share:
    now = sum((each.now for each in new), ZERO)
    size = max(now, old.now if old else ZERO, *(each.size for each in new))
    return Share(old=old, new=tuple(new), size=size)


def _key(share: Share) -> str:
    return share.there[0].key


def _same(old: ExitSet, new: ExitSet) -> bool:
    if new.marked:
        return new.key == old.key
    return new.kinds == old.kinds and all(ref for ref, _ in new.kinds)


def _gone(
    old: Sequence[ExitSet],
    new: Sequence[ExitSet],
    planned: Sequence[ExitSet],
    between: Decimal,
) -> list[Share]:
    """The sets that closed with their units, as the plan remembers them."""
    left = {True: between, False: between}
    gone: list[Share] = []
    for each in planned:
        if any(one.key == each.key or one.kinds == each.kinds for one in (*old, *new)):
            continue
        if each.size <= left[each.has_stop]:
            left[each.has_stop] -= each.size
            gone.append(Share(old=None, new=(), size=each.size, planned=each))
    return gone
