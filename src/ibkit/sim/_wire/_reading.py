"""Reading requests: from fields to a message, with a fault that names the field.

Most readers are derived from the declaration of the message; the irregular ones fill spans of
its columns one by one and look at what came before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from ibkit.sim._wire._layout import Column, columns_at, columns_of


class FieldError(Exception):
    """A field cannot be read."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(field, text)
        self.field = field
        self.text = text


class Block(NamedTuple):
    """Columns that are read at once."""

    names: tuple[str, ...]
    reads: tuple[Callable[[str], Any], ...]


class Cursor:
    """Stands before the next unread field of a request."""

    __slots__ = ("fields", "position")

    def __init__(self, fields: Sequence[str], position: int = 0) -> None:
        self.fields = fields
        self.position = position

    @property
    def remaining(self) -> int:
        return len(self.fields) - self.position

    def take(self, block: Block) -> list[Any]:
        """Read the fields of a block."""
        start = self.position
        end = start + len(block.reads)
        texts = self.fields[start:end]
        try:
            values = [read(text) for read, text in zip(block.reads, texts, strict=False)]
        except ValueError:
            raise _fault(block, texts) from None
        if len(values) < len(block.reads):
            raise FieldError(block.names[len(values)], "is missing: the message ends before it")
        self.position = end
        return values

    def one(self, name: str, read: Callable[[str], Any]) -> Any:
        """Read a single field."""
        return self.take(Block((name,), (read,)))[0]


def _fault(block: Block, texts: Sequence[str]) -> FieldError:
    faults = (
        FieldError(name, f"is {text[:40]!r}: {reason}")
        for name, read, text in zip(block.names, block.reads, texts, strict=False)
        if (reason := _reason(read, text))
    )
    return next(faults)


def _reason(read: Callable[[str], Any], text: str) -> str:
    try:
        read(text)
    except ValueError as fault:
        return str(fault)
    return ""


Reader = Callable[[Cursor], Any]
"""Reads one value, of one field or more."""
Filler = Callable[[Cursor, list[Any]], None]
"""Reads several values into their places among those of a message."""


def defaults_of(declared: type) -> list[Any]:
    """The values of a message of which nothing was read yet."""
    known: dict[str, Any] = declared._field_defaults  # type: ignore[attr-defined] # a NamedTuple
    return [known.get(name) for name in columns_of(declared)]


@cache
def reader_of(declared: type, version: int, carries: tuple[str, ...] | None = None) -> Reader:
    """Derive the reader of a message, or of what a message carries of a value inside it.

    Fields that do not travel at this version, or in this message, get their defaults.
    """
    fill = _filler(columns_at(declared, version, carries), version)
    defaults = defaults_of(declared)
    make: Callable[[list[Any]], Any] = declared._make  # type: ignore[attr-defined] # as above

    def read(cursor: Cursor) -> Any:
        values = defaults.copy()
        fill(cursor, values)
        return make(values)

    return read


@cache
def filler_of(declared: type, version: int, first: str, last: str | None = None) -> Filler:
    """Derive what fills the columns from `first` to `last`, in the order of the declaration."""
    columns = columns_of(declared)
    start, end = columns[first].place, columns[last or first].place
    present = columns_at(declared, version)
    return _filler([column for column in present if start <= column.place <= end], version)


def _filler(columns: Iterable[Column], version: int) -> Filler:
    # Columns of one group are plain and stand side by side in message and declaration alike.
    groups = groupby(
        enumerate(columns), lambda item: (item[1].kind is None, item[1].place - item[0])
    )
    parts: list[tuple[Any, Reader]] = []
    for (is_nested, _), group in groups:
        run = [column for _, column in group]
        if is_nested:
            parts += [(c.place, reader_of(c.hint, version, c.carries)) for c in run]
        else:
            parts.append((slice(run[0].place, run[-1].place + 1), _reader_of_run(run)))

    def fill(cursor: Cursor, values: list[Any]) -> None:
        for place, read in parts:
            values[place] = read(cursor)

    return fill


def _reader_of_run(run: list[Column]) -> Reader:
    block = Block(
        tuple(column.name for column in run),
        tuple(column.kind.read for column in run if column.kind is not None),
    )
    return lambda cursor: cursor.take(block)


def read_rows(cursor: Cursor, name: str, read: Reader) -> tuple[Any, ...]:
    """Read a list: its length, then its items. A wrong length ends at the end of the fields."""
    return tuple(read(cursor) for _ in range(cursor.one(name, _read_length)))


def _read_length(text: str) -> int:
    if not text.isdecimal() or len(text) > 7:
        raise ValueError("not the length of a list")
    return int(text)
