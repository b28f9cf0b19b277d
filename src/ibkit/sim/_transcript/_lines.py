"""Transcripts: the traffic of connections, one message per line.

A transcript begins with ``ibkit-transcript 1``. Each line after that is a message::

    0.000 1 > Hello versions=v157..178
    0.000 1 < Welcome version=176 time="20260302 10:00:00 US/Eastern"
    0.001 1 > StartApi 1=2 client_id=3
    0.001 1 < NextValidId order_id=1
    2.250 1 < TickPrice req_id=9 tick_type=1 price=5000.25 size=12 attr_mask=1
    9.000 1 < Closed

Seconds since the recording began, the number of the connection, the direction (``>`` from the
client), the name of the message, and its fields without the empty ones. A field is called by its
name, or by its place on the wire, counted from 0 (the id of the message); a value without either
follows the field before it. ``length=12`` says how many fields there are where the last ones are
empty. A value with anything but plain characters stands in quotes, as in JSON. Lines that begin
with ``#`` are comments. A message that has no name here is called ``Message``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

from ibkit.sim._transcript._names import Layout, Way, layout, name_of

HEADER = "ibkit-transcript 1"
HELLO, WELCOME, CLOSED, UNNAMED = "Hello", "Welcome", "Closed", "Message"
BESIDE: dict[str, Layout] = {
    HELLO: Layout("", None, ("versions",)),
    WELCOME: Layout("", None, ("version", "time")),
    CLOSED: Layout("", None, ()),
    UNNAMED: Layout("", None, ()),
}
"""What stands on a line beside the messages of the tables. Only `UNNAMED` has an id."""
LENGTH = "length"
MOST_FIELDS = 100_000

_HEAD = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s+([0-9]{1,9})\s+([<>])\s+([A-Za-z0-9]+)(?=\s|$)")
_WORD = re.compile(r'\s+(?:([A-Za-z_0-9.]+)=)?("(?:[^"\\]|\\.)*"|[^\s"=]+)(?=\s|$)')
_PLAIN = re.compile(r"[!$-<>-~]+").fullmatch  # printable, and no blank, quote, # or =


class TranscriptError(ValueError):
    """A transcript cannot be read.

    Attributes:
        file: The file, as it was named.
        line: The number of the line, from 1.
        problem: What is wrong with it.

    """

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}")
        self.file: str = file
        self.line: int = line
        self.problem: str = problem


class Line(NamedTuple):
    """One message. `fields` are all its fields, the id first, as they are on the wire.

    Of what is no message they are what the names in `BESIDE` say.
    """

    seconds: float
    connection: int
    way: Way
    name: str
    fields: tuple[str, ...]

    def field(self, name: str, version: int) -> str | None:
        """The value of a field; ``None`` when this message has none of that name."""
        index = layout_of(self.way, self.name, version).index_of(name)
        return self.fields[index] if index is not None and index < len(self.fields) else None


class BadLine(Exception):
    """What is wrong with one line."""


def layout_of(way: Way, name: str, version: int) -> Layout:
    """What is known of what stands on a line. Raises `KeyError`."""
    return BESIDE[name] if name in BESIDE else layout(way, name, version)


def line_of(seconds: float, connection: int, way: Way, fields: tuple[str, ...]) -> Line:
    """Make the line of a message."""
    return Line(seconds, connection, way, name_of(way, fields) or UNNAMED, fields)


# -- writing


def format_line(line: Line, version: int) -> str:
    """Write a line, without an end.

    >>> format_line(line_of(0.5, 1, "<", ("9", "1", "42")), 178)
    '0.500 1 < NextValidId order_id=42'
    """
    known = layout_of(line.way, line.name, version)
    words = list(_words(line.fields, known))
    if _length(known, _places(words)) != len(line.fields):
        words.append((LENGTH, len(line.fields), str(len(line.fields))))
    shown = "".join(f" {word}" for word in _shortened(words))
    return f"{line.seconds:.3f} {line.connection} {line.way} {line.name}{shown}"


def _words(fields: tuple[str, ...], known: Layout) -> Iterator[tuple[str, int, str]]:
    """Yield name, place and value of what must be written."""
    implied = _implied(known)
    for index, value in enumerate(fields):
        if value != implied.get(index, ""):
            yield known.name_of(index) or "", index, value


def _shortened(words: list[tuple[str, int, str]]) -> Iterator[str]:
    previous = -1
    for name, index, value in words:
        if name:
            yield f"{name}={_quoted(value)}"
        elif previous >= 0 and index == previous + 1:
            yield _quoted(value)
        else:
            yield f"{index}={_quoted(value)}"
        previous = -1 if name == LENGTH else index


def _quoted(value: str) -> str:
    return value if _PLAIN(value) else json.dumps(value)


def _implied(known: Layout) -> dict[int, str]:
    """The fields that need not be written: the id, and the usual version of the layout."""
    if not known.id:
        return {}
    return {0: known.id} if known.version is None else {0: known.id, 1: known.version}


def _places(words: Iterable[tuple[str, int, str]]) -> Iterator[int]:
    return (index for _, index, _ in words)


def _length(known: Layout, places: Iterable[int]) -> int:
    """How many fields a line has that does not say so."""
    return max([known.first + len(known.names), *(place + 1 for place in places)])


# -- reading


def parse_line(text: str, versions: dict[int, int]) -> Line:
    """Read a line. *versions* has the server version of each connection, and learns of new ones.

    Raises:
        BadLine: It cannot be read.

    """
    head = _HEAD.match(text.strip())
    if head is None:
        raise BadLine("expected seconds, a connection, > or <, and the name of a message")
    seconds, connection, way, name = head.groups()
    number = int(connection)
    try:
        known = layout_of(cast("Way", way), name, versions.get(number, 0))
    except KeyError:
        side = "client" if way == ">" else "server"
        raise BadLine(f"no message of the {side} is called {name}") from None
    if name not in BESIDE and number not in versions:
        raise BadLine(f"connection {number} has no {WELCOME} before this, with the version")
    fields = _fields(text.strip()[head.end() :], known)
    line = Line(float(seconds), number, cast("Way", way), name, fields)
    if name == WELCOME:
        versions[number] = _version(line)
    return line


def _fields(text: str, known: Layout) -> tuple[str, ...]:
    found: dict[int, str] = {}
    length, position, place = None, 0, -1
    while position < len(text):
        word = _WORD.match(text, position)
        if word is None:
            raise BadLine(f"cannot be read from {text[position:].strip()[:40]!r} on")
        key, value = word[1], _value(word[2])
        if key == LENGTH:
            length = _number(value)
        else:
            place = _place(key, place, known)
            found[place] = value
        position = word.end()
    if length is None:
        length = _length(known, found)
    elif found and max(found) >= length:
        raise BadLine(f"{LENGTH}={length}, and there is a field at {max(found)}")
    found = _implied(known) | found
    return tuple(found.get(place, "") for place in range(length))


def _place(key: str | None, previous: int, known: Layout) -> int:
    if key is None:
        if previous < 0:
            raise BadLine("the first field must be called by its name or its place")
        return previous + 1
    if key.isdecimal():
        return _number(key)
    index = known.index_of(key)
    if index is None:
        raise BadLine(f"no field is called {key}; there are {', '.join(known.names) or 'none'}")
    return index


def _value(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        raise BadLine(f"{text[:40]} is not a text as JSON writes it") from None


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_FIELDS:
        raise BadLine(f"{text} is not the number of a field")
    return int(text)


def _version(line: Line) -> int:
    text = line.fields[0] if line.fields else ""
    if not text.isdecimal():
        raise BadLine(f"{WELCOME} needs version=, as in version=176")
    return int(text)


# -- files


def parse(text: str, file: str = "transcript") -> list[Line]:
    """Read a transcript.

    Raises:
        TranscriptError: A line cannot be read; it says which.

    """
    rows = text.splitlines()
    if not rows or rows[0].strip() != HEADER:
        raise TranscriptError(file, 1, f"a transcript begins with the line {HEADER!r}")
    lines: list[Line] = []
    versions: dict[int, int] = {}
    for number, row in enumerate(rows[1:], 2):
        if row.strip() and not row.lstrip().startswith("#"):
            try:
                lines.append(parse_line(row, versions))
            except BadLine as error:
                raise TranscriptError(file, number, str(error)) from None
    return lines
