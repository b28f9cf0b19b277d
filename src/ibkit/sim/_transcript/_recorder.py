"""From the bytes of a connection to the lines of a transcript, whatever the chunks were."""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import Struct
from typing import final

from ibkit.sim._transcript._lines import (
    BESIDE,
    CLOSED,
    HELLO,
    WELCOME,
    Line,
    format_line,
    line_of,
)
from ibkit.sim._transcript._names import Way

SIGNATURE = b"API\0"
MOST_EARLY = 1000
"""Messages of a client that are kept until it is welcomed."""
LONGEST = 64 * 1024 * 1024
"""Of one message. Answers of a real gateway (scanner parameters) go far beyond a mebibyte."""

_LENGTH = Struct(">I")
_ACCOUNT = re.compile(r"\b[DFIU]{1,2}[A-Z]?[0-9]{5,9}\b")
"""``U1234567``, ``DU1234567``, ``DUM123456``, ``F1234567``: how account numbers look."""
_ACCOUNTS = "ManagedAccounts"


@final
class Scrubber:
    """Replaces account numbers: each is another made-up one, the same all through a recording."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._listed: re.Pattern[str] | None = None

    def scrub(self, line: Line) -> Line:
        """The line without account numbers, in fields of their own or inside of texts."""
        if line.name == _ACCOUNTS and len(line.fields) > 2:
            self._list(line.fields[2])
        return line._replace(fields=tuple(map(self._text, line.fields)))

    def _list(self, accounts: str) -> None:
        """Learn the names that the gateway calls accounts, whatever they look like."""
        for name in filter(None, accounts.split(",")):
            self._other(name)
        listed = sorted(self._names, key=len, reverse=True)
        self._listed = re.compile("|".join(map(re.escape, listed)))

    def _text(self, text: str) -> str:
        text = _ACCOUNT.sub(lambda found: self._other(found[0]), text)
        if self._listed is not None:
            text = self._listed.sub(lambda found: self._other(found[0]), text)
        return text

    def _other(self, name: str) -> str:
        if name in self._names.values():
            return name
        return self._names.setdefault(name, f"DU{9_000_001 + len(self._names)}")


class _Stream:
    """Cuts one direction of a connection into payloads; what is no protocol is left out."""

    def __init__(self, signature: bytes) -> None:
        self._buffer = bytearray()
        self._signature = signature
        self._broken = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._buffer += data
        if self._signature and len(self._buffer) >= len(self._signature):
            self._broken = not self._buffer.startswith(self._signature)
            del self._buffer[: len(self._signature)]
            self._signature = b""
        if not self._signature and not self._broken:
            yield from self._payloads()
        if self._broken:
            self._buffer.clear()

    def _payloads(self) -> Iterator[bytes]:
        buffer, position = self._buffer, 0
        while len(buffer) - position >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer, position)
            self._broken = length > LONGEST
            end = position + _LENGTH.size + length
            if self._broken or end > len(buffer):
                break
            yield bytes(buffer[position + _LENGTH.size : end])
            position = end
        del buffer[:position]


@final
class ConnectionRecorder:
    """Writes down one connection."""

    def __init__(self, connection: int, scrubber: Scrubber | None = None) -> None:
        self._connection = connection
        self._scrubber = scrubber
        self._streams = {">": _Stream(SIGNATURE), "<": _Stream(b"")}
        self._greeted = {">": False, "<": False}
        self._version = 0
        self._early: list[Line] = []
        """What the client says before it is welcomed: the version names its fields."""

    def bytes_passed(self, way: Way, data: bytes, seconds: float) -> list[str]:
        """Take what has gone one way; return the lines of the messages that are complete."""
        lines = [self._line(way, payload, seconds) for payload in self._streams[way].feed(data)]
        return [self._written(line) for line in self._in_turn(lines)]

    def _in_turn(self, lines: list[Line]) -> Iterator[Line]:
        """Let those that come before the welcome follow it."""
        for line in lines:
            if self._version or line.name in BESIDE:
                yield line
            elif len(self._early) < MOST_EARLY:
                self._early.append(line)
            if line.name == WELCOME:
                yield from self._early
                self._early.clear()

    def closed(self, way: Way, seconds: float) -> list[str]:
        """Take note of who has closed the connection."""
        return [self._written(Line(seconds, self._connection, way, CLOSED, ()))]

    def _line(self, way: Way, payload: bytes, seconds: float) -> Line:
        if self._greeted[way]:
            return line_of(seconds, self._connection, way, fields_of(payload))
        self._greeted[way] = True
        if way == ">":
            versions = payload.decode("utf-8", "surrogateescape")
            return Line(seconds, self._connection, way, HELLO, (versions,))
        fields = fields_of(payload)
        self._version = int(fields[0]) if fields[0].isdecimal() else 0
        return Line(seconds, self._connection, way, WELCOME, fields)

    def _written(self, line: Line) -> str:
        if self._scrubber is not None:
            line = self._scrubber.scrub(line)
        return format_line(line, self._version)


def fields_of(payload: bytes) -> tuple[str, ...]:
    """The fields of a payload; `payload_of` puts them together again."""
    fields = payload.decode("utf-8", "surrogateescape").split("\0")
    return tuple(fields[:-1] if not fields[-1] else fields)


def payload_of(fields: tuple[str, ...]) -> bytes:
    """The payload that carries these fields."""
    return "".join(f"{field}\0" for field in fields).encode("utf-8", "surrogateescape")
