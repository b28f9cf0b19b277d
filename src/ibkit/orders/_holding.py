"""Whose position is it? What the groups on one contract have lost to other hands. Pure.

An account has one position per contract; several groups, and a person, may trade it. What the
groups have open by their own fills must be there. Where less is there, somebody else closed it,
and the youngest groups are taken to have lost it first. Where more is there, the rest is somebody
else's, and no concern of the groups: exits that the position can bear do no harm.

What stood on the *other* side before the groups began (the baseline) is somebody else's too: a
group that buys two on top of a short position of two leaves nothing, and has lost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

ZERO = Decimal(0)


def losses(
    position: Decimal, baseline: Decimal, opens: Sequence[Decimal], lost: Sequence[Decimal]
) -> list[Decimal]:
    """
    What each group has lost of what it has open by its own fills, as a size.

    Args:
        position: The account's position, negative when short.
        baseline: What of it was there before the groups.
        opens: What each group has open by its fills, oldest first, negative when short.
        lost: What each was known to have lost before.

    >>> def asked(position, baseline, *opens):
    ...     return [int(x) for x in losses(Decimal(position), Decimal(baseline),
    ...                                    [Decimal(x) for x in opens], [ZERO] * len(opens))]
    >>> asked(3, 0, 1, 2)
    [0, 0]
    >>> asked(1, 0, 1, 2)  # somebody sold two
    [0, 2]
    >>> asked(7, 0, 1, 2)  # four are somebody else's
    [0, 0]
    >>> asked(-1, 0, 2)  # sold three: one is on the other side
    [3]
    >>> asked(0, -2, 2)  # two were short before
    [0]
    """
    after = list(lost)
    for sign in (1, -1):
        side = [place for place, size in enumerate(opens) if size * sign > 0]
        if side:
            held = [abs(opens[place]) - after[place] for place in side]
            others = sum((size * sign for size in opens if size * sign < 0), ZERO)
            others += sum((after[p] for p, size in enumerate(opens) if size * sign < 0), ZERO)
            expected = sum(held, ZERO) + others + min(baseline * sign, ZERO)
            _share(expected - position * sign, side, held, after)
    return after


def _share(gap: Decimal, side: list[int], held: list[Decimal], lost: list[Decimal]) -> None:
    """Give a gap to the youngest first; where there is none any more, give back."""
    for place, size in zip(reversed(side), reversed(held), strict=True):
        step = min(gap, max(size, ZERO)) if gap > 0 else max(gap, -lost[place])
        lost[place] += step
        gap -= step
    if gap > 0:
        lost[side[-1]] += gap
