"""The last messages of a gateway, kept for the report of a failing test."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from itertools import groupby
from typing import final

from typing_extensions import override

KEPT = 2_000
"""Messages. About 240 go to a client that connects, most of them account values."""

RUN = 4
"""How many messages of one kind are shown in a row; a glance at an account has a hundred."""


@final
class TraceLog(io.StringIO):
    """A text stream that remembers its last lines: time, client, direction, message."""

    def __init__(self, kept: int = KEPT) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=kept)
        self._part = ""
        self._seen = 0

    @override
    def write(self, text: str, /) -> int:
        *lines, self._part = (self._part + text).split("\n")
        self._seen += len(lines)
        self._lines.extend(lines)
        return len(text)

    def text(self) -> str:
        """Return what is remembered, and say what is not."""
        lost = self._seen - len(self._lines)
        head = [f"({lost} earlier messages are not kept)"] if lost else []
        return "\n".join([*head, *_without_long_runs(self._lines)])


def _without_long_runs(lines: deque[str]) -> Iterator[str]:
    for kind, run in groupby(lines, key=_kind):
        shown = list(run)
        yield from shown[:RUN]
        if more := len(shown[RUN:]):
            yield f"             and {more} more of {' '.join(kind)}"


def _kind(line: str) -> list[str]:
    """Client, direction and name of a message."""
    return line.split(maxsplit=4)[1:4]
