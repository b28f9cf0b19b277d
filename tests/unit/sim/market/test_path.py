from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from ibkit.sim._market._path import (
    ANCHOR,
    BASE,
    DAY,
    FAN,
    FIVE,
    HOUR,
    MINUTE,
    ONE,
    SIZES,
    Node,
    Path,
    block_of,
    cover,
    cut,
    day_of,
    merged,
    moment_of,
    stamp_of,
)

BLOCKS = st.integers(ANCHOR - 3000, ANCHOR + 3000)
UTC = dt.timezone.utc


@pytest.fixture
def path() -> Path:
    return Path(7, 0.01, ONE)


@st.composite
def nodes(draw: st.DrawFn) -> Node:
    low = draw(st.integers(1, 10**6))
    high = low + draw(st.integers(0, 10**4))
    ends = st.integers(low, high)
    return Node(draw(ends), high, low, draw(ends))


@given(nodes(), st.integers(1, 60), st.integers(0, 2**64 - 1))
def test_a_cut_aggregates_to_the_whole(node: Node, count: int, key: int) -> None:
    parts: list[Node] = []
    cut(node, count, key, parts)

    assert len(parts) == count
    assert merged(parts) == node
    assert all(part.low <= min(part.open, part.close) for part in parts)
    assert all(part.high >= max(part.open, part.close) for part in parts)


@given(nodes(), st.integers(0, 2**64 - 1))
def test_parts_follow_each_other_without_a_jump(node: Node, key: int) -> None:
    parts: list[Node] = []
    cut(node, 12, key, parts)

    assert node.low == node.high or all(a.close == b.open for a, b in pairwise(parts))


def test_a_block_begins_where_the_one_before_ended(path: Path) -> None:
    assert path.node(DAY, ANCHOR).close == path.node(DAY, ANCHOR + 1).open == BASE


@given(BLOCKS)
def test_blocks_are_the_same_whatever_was_asked_before(block: int) -> None:
    path = Path(7, 0.01, ONE)
    path.node(DAY, ANCHOR + 500)

    assert path.node(DAY, block) == Path(7, 0.01, ONE).node(DAY, block)


@pytest.mark.parametrize("level", [HOUR, MINUTE, FIVE, ONE])
def test_every_level_aggregates_to_the_one_above(path: Path, level: int) -> None:
    parent = ANCHOR * SIZES[DAY] // SIZES[level - 1] + 7

    assert merged(path.group(level, parent)) == path.node(level - 1, parent)
    assert len(path.group(level, parent)) == FAN[level]


def test_the_moments_of_a_leaf_aggregate_to_it_in_order(path: Path) -> None:
    first = ANCHOR * SIZES[DAY] // SIZES[ONE]
    for leaf in range(first, first + 200):
        moments = path.moments(leaf)
        prices = [moment.price for moment in moments]
        times = [moment.time for moment in moments]

        assert Node(prices[0], max(prices), min(prices), prices[3]) == path.node(ONE, leaf)
        assert times == sorted(set(times))
        assert leaf * SIZES[ONE] <= times[0] < times[3] < (leaf + 1) * SIZES[ONE]
        assert [stamp_of(time) for time in times] == [moment.stamp for moment in moments]


@given(st.integers(0, 10**7), st.integers(1, 10**5))
def test_a_stretch_by_nodes_is_the_stretch_by_moments(start: int, length: int) -> None:
    path = Path(7, 0.01, FIVE)
    start += ANCHOR * SIZES[DAY]
    moments = list(path.between(start, start + length))
    points = [Node(*[moment.price] * 4) for moment in moments]

    assert merged(path.nodes(start, start + length)) == merged(points)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_cover_is_gapless(start: int, seconds: int) -> None:
    end = start
    for level, index in cover(start * 1000, (start + seconds) * 1000):
        assert index * SIZES[level] == end * 1000 if end == start else True
        assert index * SIZES[level] % SIZES[level] == 0
        end = ((index + 1) * SIZES[level]) // 1000

    assert end == start + seconds


def test_at_is_the_last_moment_before(path: Path) -> None:
    first = path.moments(ANCHOR * SIZES[DAY] // SIZES[ONE])[0]

    assert path.at(first.time) == first
    assert path.at(first.time - 1).time < first.time


@pytest.mark.parametrize("high", [True, False])
def test_touch_is_the_first_moment_at_the_extreme(path: Path, *, high: bool) -> None:
    minute = ANCHOR * SIZES[DAY] // SIZES[MINUTE]
    for index in range(minute, minute + 20):
        found = path.touch(MINUTE, index, high=high)
        start = index * SIZES[MINUTE]
        prices = [(m.price, m.time) for m in path.between(start, start + SIZES[MINUTE])]
        extreme = max(prices)[0] if high else min(prices)[0]

        assert found.price == extreme
        assert found.time == next(time for price, time in prices if price == extreme)


def test_ranges_grow_with_the_root_of_time(path: Path) -> None:
    def mean_range(level: int, count: int) -> float:
        first = ANCHOR * SIZES[DAY] // SIZES[level]
        found = [path.node(level, index) for index in range(first, first + count)]
        return sum(node.high - node.low for node in found) / count

    per_root = [
        mean_range(level, count) / SIZES[level] ** 0.5
        for level, count in ((DAY, 60), (HOUR, 240), (MINUTE, 1440), (ONE, 3600))
    ]

    assert max(per_root) < 2.5 * min(per_root)


def test_the_walk_stays_near_its_base_for_decades() -> None:
    path = Path(3, 0.02, FIVE)
    closes = [path.node(DAY, ANCHOR + step).close for step in range(-8000, 8000, 50)]

    assert min(closes) > BASE / 5
    assert max(closes) < BASE * 5


def test_seeds_make_different_walks() -> None:
    assert Path(1, 0.01, ONE).node(DAY, ANCHOR + 9) != Path(2, 0.01, ONE).node(DAY, ANCHOR + 9)


def test_times_of_the_tape() -> None:
    stamp = dt.datetime(2026, 11, 22, 22, 0, 0, 123456, tzinfo=UTC)

    assert stamp_of(moment_of(stamp)) == stamp.replace(microsecond=123000)
    assert day_of(moment_of(stamp) // SIZES[DAY]) == dt.date(2026, 11, 23)
    assert day_of(moment_of(stamp - dt.timedelta(seconds=1)) // SIZES[DAY]) == dt.date(2026, 11, 22)
    assert block_of(dt.date(2026, 11, 2)) == ANCHOR
