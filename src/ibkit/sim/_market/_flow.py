"""How much is traded, and in how many trades: cut down from a block exactly as prices are."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, final

from ibkit.sim._market._chance import apportion, blend, mix
from ibkit.sim._market._memory import remember
from ibkit.sim._market._path import DAY, FAN, HOUR, MINUTE, SIZES

PRINTS = 4
"""Trades that every node of an instrument's grain has: first, high, low and last."""

Opened = Callable[[int, int], int]
"""How many milliseconds of a stretch of the tape's time the market is open."""


class Traded(NamedTuple):
    """Beyond the trades that must be: how many more, and how much size beyond one each."""

    trades: int
    size: int


@final
class Flow:
    """The trades of one instrument.

    Args:
        seed: Chance.
        volume: The volume that a block aims at.
        opened: Opening hours, whole minutes.
        busy: Hours of the block (0 is 22:00 UTC) in which eight times as much is traded.
        finest: The level of the walk's own moments.
    """

    def __init__(
        self, seed: int, volume: Callable[[int], int], opened: Opened, busy: range, finest: int
    ) -> None:
        self.seed, self._volume, self._opened, self._busy = seed, volume, opened, busy
        self.finest = finest
        self._grains: dict[int, int] = {}
        self._groups: tuple[dict[int, list[Traded]], ...] = tuple({} for _ in SIZES)

    def grain(self, block: int) -> int:
        """Return the level whose every node has its trades: fine if the block's volume is large."""
        found = self._grains.get(block)
        if found is None:
            found = next(
                (
                    level
                    for level in range(self.finest, MINUTE, -1)
                    if self._volume(block) >= 4 * self._least(DAY, block, level)
                ),
                MINUTE,
            )
            remember(self._grains, block, found, 64)
        return found

    def _least(self, level: int, index: int, grain: int) -> int:
        """Return how many trades a node has at least."""
        size = SIZES[level]
        return PRINTS * (self._opened(index * size, (index + 1) * size) // SIZES[grain])

    def traded(self, level: int, index: int) -> tuple[int, int]:
        """Return the number of trades in a node and their size."""
        least = self._least(level, index, self.grain(index * SIZES[level] // SIZES[DAY]))
        more = self.surplus(level, index)
        return least + more.trades, least + more.trades + more.size

    def surplus(self, level: int, index: int) -> Traded:
        """Return what a node has beyond the least."""
        fan = FAN[level]
        parent, place = divmod(index, fan)
        groups = self._groups[level]
        group = groups.get(parent)
        if group is None:
            group = remember(groups, parent, self._made(level, parent), 16)
        return group[place]

    def _made(self, level: int, parent: int) -> list[Traded]:
        if level == DAY:
            return [self._block(parent)]
        trades, size = self.surplus(level - 1, parent)
        if not trades and not size:
            return [Traded(0, 0)] * FAN[level]
        weights = self._weights(level, parent)
        return [
            Traded(*pair)
            for pair in zip(apportion(trades, weights), apportion(size, weights), strict=True)
        ]

    def _block(self, block: int) -> Traded:
        least = self._least(DAY, block, self.grain(block))
        rest = max(0, self._volume(block) - least)
        trades = min(rest // 8, least // 2) if least else 0
        return Traded(trades, rest - trades if least else 0)

    def _weights(self, level: int, parent: int) -> list[int]:
        bits, weights = blend(self.seed, level, parent), []
        for place in range(FAN[level]):
            if place % 5 == 0:
                bits = mix(bits)
            draw = bits >> 12 * (place % 5) & 0xFFF
            weights.append(96 + (draw >> 6) if level == HOUR else 16 + (draw * draw >> 17))
        if level <= MINUTE:
            self._close(level, parent, weights)
        return weights

    def _close(self, level: int, parent: int, weights: list[int]) -> None:
        """Take closed time out, and lift the busy hours."""
        size = SIZES[level]
        for place in range(FAN[level]):
            start = (parent * FAN[level] + place) * size
            weights[place] *= self._opened(start, start + size) // SIZES[MINUTE]
            if level == HOUR and place in self._busy:
                weights[place] *= 8
