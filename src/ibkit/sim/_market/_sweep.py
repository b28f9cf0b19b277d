"""Reading many tapes as time goes on, each only when it has something to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import final

from ibkit.sim._market._tape import Tape
from ibkit.sim._market._ticks import MarketTick

_MOST = 100_000
"""Instruments of which a sweep remembers how long they are silent."""


@final
class Sweep:
    """Reads tapes in windows of time, best in windows that follow each other.

    Args:
        tape_of: The tape of an instrument. When one is replaced or written to, call `forget`.
    """

    def __init__(self, tape_of: Callable[[int], Tape]) -> None:
        self._tape_of = tape_of
        self._read_up_to = 0
        self._tapes: dict[int, Tape] = {}
        self._silent_until: dict[int, int] = {}

    def ticks(self, con_ids: Iterable[int], start: int, end: int) -> list[MarketTick]:
        """Return what happens in ``start <= time < end``, in order of time, then of con id."""
        if start != self._read_up_to or len(self._silent_until) > _MOST:
            self.forget()
        self._read_up_to = end
        silent, found = self._silent_until, list[MarketTick]()
        for con_id in sorted([each for each in con_ids if silent.get(each, start) < end]):
            ticks, silent[con_id] = self._tape(con_id).window(start, end)
            found += ticks
        found.sort(key=itemgetter(1))
        return found

    def _tape(self, con_id: int) -> Tape:
        tape = self._tapes.get(con_id)
        if tape is None:
            tape = self._tapes[con_id] = self._tape_of(con_id)
        return tape

    def forget(self) -> None:
        """Ask every tape again."""
        self._tapes.clear()
        self._silent_until.clear()
