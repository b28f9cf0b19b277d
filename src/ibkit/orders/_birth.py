"""Group ids that say on which day the group was made: IB's listings of orders do not. Pure."""

from __future__ import annotations

import datetime as dt

from ibkit.orders._ref import group_id_bits, make_group_id

_ORIGIN = dt.date(2020, 1, 1)
CHANCE_BITS = 25
"""Bits of chance behind the day, in an id of 40 bits: it lasts until 2109."""


def new_group_id(today: dt.date, chance: int) -> str:
    """
    Make a group id from a day and `CHANCE_BITS` random bits.

    >>> new_group_id(dt.date(2026, 3, 2), 7)
    '26c00007'
    """
    return make_group_id(((today - _ORIGIN).days << CHANCE_BITS) + chance)


def birth_of(group_id: str, today: dt.date) -> dt.date | None:
    """
    Say on which day a group id was made; ``None`` for one that was given by hand.

    >>> today = dt.date(2026, 3, 2)
    >>> birth_of("26c00007", today), birth_of("k3f9", today)
    (datetime.date(2026, 3, 2), None)
    """
    bits = group_id_bits(group_id)
    if bits is None:
        return None
    made = _ORIGIN + dt.timedelta(days=bits >> CHANCE_BITS)
    return made if made <= today + dt.timedelta(days=1) else None
