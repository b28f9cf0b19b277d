"""What only history can fail at, said with a type."""

from __future__ import annotations

import datetime as dt

from attrs import define

from ibkit.errors import IbkitError


@define(eq=False, str=False)
class GapUnknown(IbkitError):
    """
    Two months cannot be joined: before the roll they have no bar of the same time.

    >>> print(GapUnknown(dt.date(2026, 3, 13), "ESH6", "ESM6"))
    ESH6 -> ESM6 on 2026-03-13: the two have no bar of the same time before the roll, so their \
gap is unknown; take larger bars, another rule, or adjust=None
    """

    day: dt.date
    before: str
    after: str

    def __str__(self) -> str:
        return (
            f"{self.before} -> {self.after} on {self.day}: the two have no bar of the same time "
            "before the roll, so their gap is unknown; take larger bars, another rule, or "
            "adjust=None"
        )
