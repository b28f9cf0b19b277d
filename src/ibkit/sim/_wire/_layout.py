"""From the declaration of a message to the columns it has on the wire at a server version."""

from __future__ import annotations

import sys
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from ibkit.sim._wire._contract_fields import Carries
from ibkit.sim._wire._fields import PLAIN, Kind, Since, Until


class Column(NamedTuple):
    """One field of a message: a value of its own, or (`kind` is ``None``) several."""

    name: str
    place: int
    """Its index in the message."""
    hint: Any
    """The annotation without its marks."""
    kind: Kind | None
    carries: tuple[str, ...] | None
    since: int
    until: int

    def is_at(self, version: int) -> bool:
        return self.since <= version < self.until


@cache
def columns_of(declared: type) -> dict[str, Column]:
    """Every column of a declaration, by name and in order."""
    hints = get_type_hints(declared, include_extras=True)
    return {name: column_of(hint, name, place) for place, (name, hint) in enumerate(hints.items())}


def columns_at(
    declared: type, version: int, carries: tuple[str, ...] | None = None
) -> tuple[Column, ...]:
    """The columns that are there at a version, in wire order."""
    columns = columns_of(declared)
    names = columns if carries is None else carries
    return tuple(columns[name] for name in names if columns[name].is_at(version))


def column_of(hint: Any, name: str = "", place: int = 0) -> Column:
    base, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    kind, carries, since, until = PLAIN.get(base), None, 0, sys.maxsize
    for mark in marks:
        if isinstance(mark, Kind):
            kind = mark
        elif isinstance(mark, Carries):
            carries = mark.names
        elif isinstance(mark, Since):
            since = mark.version
        elif isinstance(mark, Until):
            until = mark.version
    return Column(name, place, base, kind, carries, since, until)
