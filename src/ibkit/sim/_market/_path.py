"""The price of one thing at every resolution: a walk of days, each cut down to moments.

Theory. The top level is a walk in logarithms, one step a block (24 hours that end at 22:00 UTC),
pulled gently back to its base so that it stays plausible for decades. A block gets an open, a
high, a low and a close; it is cut in 24 hours, an hour in 60 minutes, a minute in 12 pieces of
five seconds, and those, where the pace asks for it, in seconds. A cut is made by halves: the
middle price is drawn, each extreme is given to one half and the other half stays inside. So
the parts of anything aggregate to it exactly, and any part is found without the rest.

Prices are whole *grains*, much finer than any tick: the base of every walk is a million of them.
Times are whole milliseconds since 1970, shifted by two hours so that blocks begin at a
multiple of a day (`moment_of`, `stamp_of`).
"""

from __future__ import annotations

# ruff: noqa: FURB136, PLR1730  # a conditional is half the price of min() and max() here
import datetime as dt
import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple, final

from ibkit.sim._market._chance import bell, blend, mix
from ibkit.sim._market._memory import remember

BASE = 1_000_000
"""Grains at which every walk stands at its anchor."""
SIZES = (86_400_000, 3_600_000, 60_000, 5_000, 1_000)
"""Milliseconds of a node per level."""
DAY, HOUR, MINUTE, FIVE, ONE = range(5)
FAN = (1, 24, 60, 12, 5)
"""How many nodes of a level make one of the level above."""
_KEPT = (4096, 64, 64, 32, 32)
"""How many groups of siblings are remembered per level (closes, for the days)."""

ANCHOR = 20_759
"""The block that ends on 2026-11-02: there every walk stands at its base."""
_PULL = 0.997
"""What is left of the distance to the base after a day: half of it is gone in eight months."""


_EPOCH = dt.datetime(1969, 12, 31, 22, tzinfo=dt.timezone.utc)
_MILLISECOND = dt.timedelta(milliseconds=1)


def moment_of(stamp: dt.datetime) -> int:
    """Return the tape's time of *stamp*, cut to the millisecond."""
    return (stamp - _EPOCH) // _MILLISECOND


def stamp_of(time: int) -> dt.datetime:
    """Return the UTC datetime of a time of the tape."""
    return _EPOCH + dt.timedelta(milliseconds=time)


def day_of(block: int) -> dt.date:
    """Return the date on which a block ends, which is its name."""
    return dt.date.fromordinal(_EPOCH_DAY + block)


def block_of(day: dt.date) -> int:
    """Return the block that ends on *day*."""
    return day.toordinal() - _EPOCH_DAY


_new = tuple.__new__
"""Makes a named tuple in a third of the time of a call."""
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()


class Node(NamedTuple):
    """Open, high, low and close of a stretch of time."""

    open: int
    high: int
    low: int
    close: int


class Moment(NamedTuple):
    """The price becomes `price` at `time`; `bits` is its share of chance, 16 bits."""

    time: int
    stamp: dt.datetime
    price: int
    bits: int


def merged(nodes: Iterable[Node]) -> Node | None:
    """Return the aggregate of adjoining nodes; ``None`` for none."""
    rest = iter(nodes)
    first = next(rest, None)
    if first is None:
        return None
    start, high, low, close = first
    for node in rest:
        if node.high > high:
            high = node.high
        if node.low < low:
            low = node.low
        close = node.close
    return Node(start, high, low, close)


def cut(node: Node, count: int, key: int, out: list[Node]) -> None:
    """Append *count* nodes that aggregate to *node* exactly."""
    start, high, low, close = node
    if count == 1 or high == low:
        out.extend([node] * count)
        return
    bits, half, width = mix(key), count >> 1, high - low
    # The middle price: between the straight line and the middle of the range, and a draw.
    line = start + (close - start) * half // count
    swing = ((bits & 0xFFF) + (bits >> 12 & 0xFFF) - 0xFFF) * 13 * width >> 17
    middle = line + ((high + low - 2 * line) * 5 >> 4) + swing
    middle = high if middle > high else low if middle < low else middle
    # Who has the extremes: likelier the half that begins or ends nearer to them, seldom one
    # half both. Thresholds are of 1024.
    lean = 460 * (start - close) // width
    high_left = (bits >> 24 & 0x3FF) < 512 + lean
    low_left = (bits >> 34 & 0x3FF) < -lean + (0 if high_left else 1024)
    # The half that lacks an extreme goes a fifth to two fifths of the way beyond its ends.
    reach, dip = 205 + (bits >> 44 & 0x3FF) // 5, 205 + (bits >> 54) // 5
    left_high = right_high = high
    left_low = right_low = low
    if high_left:
        inner = middle if middle > close else close
        right_high = inner + ((high - inner) * reach >> 10)
    else:
        inner = start if start > middle else middle
        left_high = inner + ((high - inner) * reach >> 10)
    if low_left:
        inner = middle if middle < close else close
        right_low = inner - ((inner - low) * dip >> 10)
    else:
        inner = start if start < middle else middle
        left_low = inner - ((inner - low) * dip >> 10)
    cut(Node(start, left_high, left_low, middle), half, bits, out)
    cut(Node(middle, right_high, right_low, close), count - half, bits ^ 0xA5A5A5A5, out)


def _point(moment: Moment) -> Node:
    return Node(moment.price, moment.price, moment.price, moment.price)


def cover(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield level and index of the fewest nodes that make up a stretch of whole seconds."""
    while start < end:
        level = next(
            level for level in range(5) if start % SIZES[level] == 0 and start + SIZES[level] <= end
        )
        yield level, start // SIZES[level]
        start += SIZES[level]


@final
class Path:
    """One price's walk.

    Args:
        seed: Chance.
        volatility: Standard deviation of a day's change, as a fraction of the price.
        pace: The finest level: `FIVE` or `ONE`. A leaf has four moments.
    """

    def __init__(self, seed: int, volatility: float, pace: int) -> None:
        self.seed, self.volatility, self.pace = seed, volatility, pace
        self._after: list[float] = [0.0]
        self._before: list[float] = [0.0]
        self._groups: tuple[dict[int, list[Node]], ...] = tuple({} for _ in SIZES)
        self._moments: dict[int, tuple[Moment, ...]] = {}

    def node(self, level: int, index: int) -> Node:
        """Return the node that covers ``index * SIZES[level]`` on."""
        fan = FAN[level]
        return self.group(level, index // fan)[index % fan]

    def group(self, level: int, parent: int) -> list[Node]:
        """Return the children, at *level*, of a node of the level above."""
        groups = self._groups[level]
        found = groups.get(parent)
        if found is None:
            found = remember(groups, parent, self._made(level, parent), _KEPT[level])
        return found

    def _made(self, level: int, parent: int) -> list[Node]:
        if level == DAY:
            return [self._block(parent)]
        nodes: list[Node] = []
        cut(self.node(level - 1, parent), FAN[level], blend(self.seed, level, parent), nodes)
        return nodes

    def _block(self, block: int) -> Node:
        start, close = self._close(block - 1), self._close(block)
        bits = blend(self.seed, 0xB10C, block)
        reach = self.volatility * BASE * 0.4
        high = max(start, close) + int(reach * abs(bell(bits)))
        low = min(start, close) - int(reach * abs(bell(mix(bits))))
        return Node(start, high, max(1, low), close)

    def _close(self, block: int) -> int:
        """Return where the walk stands at the end of a block."""
        steps = block - ANCHOR
        walk, side = (self._after, 1) if steps >= 0 else (self._before, -1)
        while len(walk) <= abs(steps):
            bits = blend(self.seed, 0xC105E, ANCHOR + side * len(walk))
            walk.append(_PULL * walk[-1] + self.volatility * bell(bits))
        return max(1, int(BASE * math.exp(walk[abs(steps)])))

    def moments(self, leaf: int) -> tuple[Moment, ...]:
        """Return the four moments of a leaf: its open, its extremes and its close."""
        found = self._moments.get(leaf)
        if found is None:
            found = remember(self._moments, leaf, self._moments_of(leaf), 256)
        return found

    def _moments_of(self, leaf: int) -> tuple[Moment, ...]:
        start, high, low, close = self.node(self.pace, leaf)
        bits, quarter = mix(self.seed ^ mix(leaf)), SIZES[self.pace] >> 2
        one, two = (high, low) if bits & 1 else (low, high)
        more, time, found = mix(bits), 4 * leaf * quarter, []
        for price in (start, one, two, close):
            at = time + ((bits >> 1 & 0x1FFF) * quarter >> 13)
            found.append(_new(Moment, (at, _EPOCH + at * _MILLISECOND, price, more & 0xFFFF)))
            bits, more, time = bits >> 13, more >> 16, time + quarter
        return tuple(found)

    def between(self, start: int, end: int) -> Iterator[Moment]:
        """Yield the moments with ``start <= time < end``."""
        size = SIZES[self.pace]
        for leaf in range(start // size, -(-end // size)):
            for moment in self.moments(leaf):
                if start <= moment.time < end:
                    yield moment

    def nodes(self, start: int, end: int) -> Iterator[Node]:
        """Yield the fewest nodes that cover ``start <= t < end``, moments at ragged ends."""
        size = SIZES[self.pace]
        whole_start, whole_end = -(-start // size) * size, end // size * size
        if whole_start >= whole_end:
            yield from map(_point, self.between(start, end))
            return
        yield from map(_point, self.between(start, whole_start))
        for level, index in cover(whole_start, whole_end):
            yield self.node(level, index)
        yield from map(_point, self.between(whole_end, end))

    def at(self, time: int) -> Moment:
        """Return the last moment up to *time*."""
        leaf = time // SIZES[self.pace]
        for moment in reversed(self.moments(leaf)):
            if moment.time <= time:
                return moment
        return self.moments(leaf - 1)[3]

    def touch(self, level: int, index: int, *, high: bool) -> Moment:
        """Return the first moment at which a node's high (or low) is reached."""
        price = self.node(level, index)[1 if high else 2]
        while level < self.pace:
            level += 1
            children = self.group(level, index)
            index *= FAN[level]
            while children[index % FAN[level]][1 if high else 2] != price:
                index += 1
        return next(moment for moment in self.moments(index) if moment.price == price)
