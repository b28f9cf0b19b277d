"""conIds: a function of the instrument alone, so that they never change, and back again.

Ours begin at a milliard, above any that IB has given out. Where IB's own are public they are
used (listed with each kind of instrument).
"""

from __future__ import annotations

from typing import NamedTuple

from ibkit.sim._market._chance import key_of

_NAMED_BASE, _NAMED_ROOM = 1_000_000_000, 190_000_000
_SERIES_BASE, _SERIES_ROOM, _MEMBERS = 1_200_000_000, 65_536, 4_096
_OPTIONS_BASE, _OPTION_ROOM = 1_500_000_000, 1 << 25
_COMBOS_BASE, _COMBO_ROOM = 1_700_000_000, 400_000_000


def named(name: str) -> int:
    """Return the id of something that exists once: a stock, a pair, an index."""
    return _NAMED_BASE + key_of(name) % _NAMED_ROOM


class Member(NamedTuple):
    """A future: one of its series, which is known by a key."""

    series: int
    number: int


def series_of(name: str) -> int:
    """Return the key of a series of futures."""
    return key_of(name) % _SERIES_ROOM


def of_member(member: Member) -> int:
    """Return a future's id."""
    return _SERIES_BASE + member.series * _MEMBERS + member.number


def member_of(con_id: int) -> Member | None:
    """Read a future's id; ``None`` if it is none."""
    place = con_id - _SERIES_BASE
    return Member(*divmod(place, _MEMBERS)) if 0 <= place < _SERIES_ROOM * _MEMBERS else None


class OptionKey(NamedTuple):
    """Which option of an underlying: 11 bits of weeks, 13 of strikes, one of rights."""

    underlying: int
    """0 to 5: its place in the table of underlyings."""
    week: int
    strike: int
    is_put: bool


def of_option(key: OptionKey) -> int:
    """Return an option's id."""
    place = (key.week << 14) + (key.strike << 1) + key.is_put
    return _OPTIONS_BASE + key.underlying * _OPTION_ROOM + place


def option_of(con_id: int) -> OptionKey | None:
    """Read an option's id; ``None`` if it is none."""
    underlying, place = divmod(con_id - _OPTIONS_BASE, _OPTION_ROOM)
    if not 0 <= underlying < 5:
        return None
    return OptionKey(underlying, place >> 14, place >> 1 & 0x1FFF, bool(place & 1))


def of_combo(description: str) -> int:
    """Return the id of a combo with these legs."""
    return _COMBOS_BASE + key_of(description) % _COMBO_ROOM
