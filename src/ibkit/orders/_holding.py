"""Whose position is it? What the groups on one contract really hold. Pure.

An account has one position per contract; several groups, and a person, may trade it. When the
first group begins, what is there already is nobody's (the baseline). From then on the position
should be the baseline plus what the groups have open; where it is less, somebody else has closed
part of it, and the youngest groups are taken to have lost it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

ZERO = Decimal(0)


def held_by(position: Decimal, baseline: Decimal, opens: Sequence[Decimal]) -> list[Decimal]:
    """
    What each group holds of what it has open.

    Args:
        position: The account's position, negative when short.
        baseline: What of it was there before the groups.
        opens: What each group has open, oldest first, negative when short.

    >>> held_by(Decimal(3), Decimal(0), [Decimal(1), Decimal(2)])
    [Decimal('1'), Decimal('2')]
    >>> held_by(Decimal(1), Decimal(0), [Decimal(1), Decimal(2)])  # somebody sold two
    [Decimal('1'), Decimal('0')]
    >>> held_by(Decimal(-1), Decimal(0), [Decimal(2)])  # sold three: on the other side
    [Decimal('-1')]
    """
    difference = position - baseline - sum(opens, ZERO)
    held = list(opens)
    for place in reversed(range(len(opens))):
        if difference * held[place] >= 0:
            continue
        taken = min(abs(difference), abs(held[place]))
        step = taken if difference > 0 else -taken
        held[place] += step
        difference -= step
    if difference and held and difference * opens[-1] < 0:
        held[-1] += difference
    return held


def first_baseline(position: Decimal, opens: Sequence[Decimal]) -> Decimal:
    """
    What was there before groups that were found again: all that they do not account for.

    Where the account holds less than they have open, nothing was: the rest was closed while
    nobody watched.

    >>> first_baseline(Decimal(5), [Decimal(2)]), first_baseline(Decimal(1), [Decimal(2)])
    (Decimal('3'), Decimal('0'))
    """
    rest = position - sum(opens, ZERO)
    return ZERO if rest * sum(opens, ZERO) < 0 else rest
