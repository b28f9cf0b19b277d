"""Writing answers: from a value to its fields, joined by NULs.

Most writers are derived from the declaration of the message; the irregular ones are tables of
paths (``details.contract.symbol``) with conditional parts between them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, get_args, get_origin

from ibkit.sim._wire._fields import PLAIN
from ibkit.sim._wire._layout import Column, column_of, columns_at, columns_of

Writer = Callable[[Any], str]
"""Gives the fields of a value, joined by NULs and with none at the end."""
Part = Callable[[Any], str | None]
"""As a writer, of a part of a message that may be absent (``None``)."""

_SPECIFIERS = {PLAIN[str]: "%s", PLAIN[int]: "%d", PLAIN[Decimal]: "%s", PLAIN[bool]: "%d"}


@cache
def writer_of(declared: type, version: int, carries: tuple[str, ...] | None = None) -> Writer:
    """Derive the writer of a message, or of a value inside one."""
    columns = columns_at(declared, version, carries)
    write = _joined([c.name for c in columns], [_writer_of_column(c, version) for c in columns])
    template = None if carries else template_of(declared, version)
    return write if template is None else _templated(template, write)


@cache
def template_of(declared: type, version: int) -> str | None:
    """Return the format that writes a flat message at once; ``None`` if it is not flat.

    The text may be wrong: a number with an exponent, a NUL within a text.
    """
    columns = columns_at(declared, version)
    if len(columns) != len(columns_of(declared)):
        return None
    specifiers = [_SPECIFIERS.get(column.kind, "") if column.kind else "" for column in columns]
    return "\0".join(specifiers) if all(specifiers) else None


def table_of(declared: type, version: int, paths: str) -> Writer:
    """Make a writer from paths into a message, in wire order.

    ``path@164`` is there since server version 164, ``path@157-164`` ends before 164; without a
    span the declaration says when the field is there.
    """
    names: list[str] = []
    writers: list[Writer] = []
    for entry in paths.split():
        path, _, span = entry.partition("@")
        column = _column_at(declared, path)
        if span:
            since, _, until = span.partition("-")
            column = column._replace(since=int(since), until=int(until or sys.maxsize))
        if column.is_at(version):
            names.append(path)
            writers.append(_writer_of_column(column, version))
    return _joined(names, writers)


def parts_of(*parts: Part) -> Writer:
    """Put parts one after the other, without the absent ones."""

    def write(value: Any) -> str:
        texts = [part(value) for part in parts]
        return "\0".join([text for text in texts if text is not None])

    return write


def when(test: Callable[[Any], object], write: Writer) -> Part:
    """Make a part that is there only when the test holds."""
    return lambda value: write(value) if test(value) else None


def rows_of(write: Writer) -> Writer:
    """Make the writer of a list: its length, then its items."""
    return lambda values: "\0".join([str(len(values)), *map(write, values)])


def _column_at(declared: type, path: str) -> Column:
    *parents, name = path.split(".")
    for parent in parents:
        declared = columns_of(declared)[parent].hint
    return columns_of(declared)[name]


def _writer_of_column(column: Column, version: int) -> Writer:
    if column.kind is not None:
        return column.kind.write
    if get_origin(column.hint) is not tuple:
        return writer_of(column.hint, version, column.carries)
    return rows_of(_writer_of_column(column_of(get_args(column.hint)[0]), version))


def _joined(names: Sequence[str], writers: Sequence[Writer]) -> Writer:
    if len(names) == 1:
        only, pick_one = writers[0], attrgetter(names[0])
        return lambda value: only(pick_one(value))
    pick = attrgetter(*names)

    def write(value: Any) -> str:
        return "\0".join([write(field) for write, field in zip(writers, pick(value), strict=True)])

    return write


def _templated(template: str, careful: Writer) -> Writer:
    """Write a flat message with one formatting: three times as fast.

    Where the text could be wrong the careful writer does it again.
    """
    separators = template.count("\0")

    def write(value: Any) -> str:
        text: str = template % value
        if "E" in text or text.count("\0") != separators:
            return careful(value)
        return text

    return write
