"""At which moments of a walk an instrument trades, and how much."""

from __future__ import annotations

from typing import final

from ibkit.sim._market._chance import apportion, mix
from ibkit.sim._market._flow import Flow
from ibkit.sim._market._memory import remember
from ibkit.sim._market._path import DAY, SIZES, Moment, Path

Sizes = dict[int, list[int]]
"""By time of the tape, the sizes of the trades of that moment, in order."""

_KEPT = 16


@final
class Prints:
    """The trades of a walk.

    Every node of the flow's grain prints its first, its highest, its lowest and its last moment,
    so that bars of trades agree with the walk; what the flow has beyond that is printed at
    the same moments.

    Args:
        path: The walk.
        flow: How much is traded; ``None``: nothing is.
        is_computed: Nothing is traded but every moment is told, as of an index, with size 0.
    """

    def __init__(self, path: Path, flow: Flow | None, *, is_computed: bool) -> None:
        self._path, self._flow, self._is_computed = path, flow, is_computed
        self._nodes: dict[tuple[int, int], Sizes] = {}

    def between(self, start: int, end: int) -> Sizes:
        """Return the trades of at least this stretch, which lies within one block."""
        if self._flow is None:
            every = self._path.between(start, end) if self._is_computed else ()
            return {moment.time: [0] for moment in every}
        grain = self._flow.grain(start // SIZES[DAY])
        found: Sizes = {}
        for index in range(start // SIZES[grain], -(-end // SIZES[grain])):
            found |= self._of_node(self._flow, grain, index)
        return found

    def _of_node(self, flow: Flow, grain: int, index: int) -> Sizes:
        found = self._nodes.get((grain, index))
        if found is None:
            found = remember(self._nodes, (grain, index), self._made(flow, grain, index), _KEPT)
        return found

    def _made(self, flow: Flow, grain: int, index: int) -> Sizes:
        more, bits = flow.surplus(grain, index), mix(flow.seed ^ mix(index))
        times = [moment.time for moment in self._marks(grain, index)]
        times += [times[bits >> 2 * (number % 30) & 3] for number in range(more.trades)]
        times.sort()
        weights = [1 + (bits >> 3 * (number % 20) & 7) ** 2 for number in range(len(times))]
        found: Sizes = {}
        for time, size in zip(times, apportion(more.size, weights), strict=True):
            found.setdefault(time, []).append(1 + size)
        return found

    def _marks(self, grain: int, index: int) -> tuple[Moment, ...]:
        """Return the moments at which a node must print."""
        path, size = self._path, SIZES[grain]
        if grain == path.pace:
            return path.moments(index)
        leaves = size // SIZES[path.pace]
        return (
            path.moments(index * leaves)[0],
            path.touch(grain, index, high=True),
            path.touch(grain, index, high=False),
            path.moments((index + 1) * leaves - 1)[3],
        )
