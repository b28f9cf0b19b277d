"""What the orders of a roll say of themselves, so that a roll is found again after a crash.

The `orderRef` of an order of a roll is ``ir/<old>-<new>:<L or S><held before>:<kind>``: the
conIds of the two months, the side of the position, what was held in the new month before, and
``s`` for the spread, ``c`` for the leg that closes, ``o`` for the leg that opens.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from attrs import frozen

ZERO = Decimal(0)
RollKind: TypeAlias = Literal["s", "c", "o"]
_REF = re.compile(r"ir/(\d+)-(\d+):([LS])(-?\d+(?:\.\d+)?):([sco])", re.ASCII)
_KINDS: dict[str, RollKind] = {"s": "s", "c": "c", "o": "o"}


class RollRef(NamedTuple):
    """One `orderRef` of a roll."""

    old: int
    new: int
    is_long: bool
    before: Decimal
    kind: RollKind

    def __str__(self) -> str:
        side = "L" if self.is_long else "S"
        return f"ir/{self.old}-{self.new}:{side}{self.before.normalize():f}:{self.kind}"


def roll_ref_of(text: str) -> RollRef | None:
    """Read an `orderRef`; None if no roll wrote it.

    >>> roll_ref_of("ir/11-22:L3:s")
    RollRef(old=11, new=22, is_long=True, before=Decimal('3'), kind='s')
    """
    found = _REF.fullmatch(text)
    if found is None:
        return None
    old, new, side, before, kind = found.groups()
    return RollRef(int(old), int(new), side == "L", Decimal(before), _KINDS[kind])


@frozen(kw_only=True)
class RollTrail:
    """What is to be seen at the broker of one roll."""

    old: int
    """ConId of the month that is left."""
    new: int
    """ConId of the month that is rolled to."""
    is_long: bool
    before: Decimal = ZERO
    """The position in the new month before the roll, signed."""
    sold: Decimal = ZERO
    """How many contracts the roll has moved out of the old month."""
    bought: Decimal = ZERO
    """How many it has moved into the new one."""
    working: int = 0
    """How many of its orders work."""

    @property
    def is_under_way(self) -> bool:
        """Whether anything of it was done."""
        return bool(self.sold or self.bought or self.working)

    def ref(self, kind: RollKind) -> str:
        """The `orderRef` of an order of this roll."""
        return str(RollRef(self.old, self.new, self.is_long, self.before, kind))

    def owns(self, text: str) -> bool:
        """Whether an `orderRef` is of this roll."""
        ref = roll_ref_of(text)
        return ref is not None and (ref.old, ref.new) == (self.old, self.new)
