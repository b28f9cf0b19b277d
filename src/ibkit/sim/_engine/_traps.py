"""What a fault has prepared for the next order or modification. Each works once."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, final

from ibkit.sim._engine._check import Answer


class Rejection(NamedTuple):
    """A 201 to be given, before or after the status."""

    reason: str
    error_first: bool


@final
class Traps:
    """Queues, first in first out."""

    __slots__ = ("holds", "modifies", "notices", "refusals", "rejections")

    def __init__(self) -> None:
        self.refusals: deque[Answer] = deque()
        self.modifies: deque[Answer] = deque()
        self.notices: deque[Answer] = deque()
        self.rejections: deque[Rejection] = deque()
        self.holds = 0
