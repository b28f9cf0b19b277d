from __future__ import annotations

import pytest

from ibkit.sim._market._flow import Flow
from ibkit.sim._market._path import ANCHOR, DAY, FIVE, HOUR, MINUTE, ONE, SIZES, Path
from ibkit.sim._market._prints import Prints

START = ANCHOR * SIZES[DAY] + 16 * SIZES[HOUR]


def flow(volume: int, pace: int) -> Flow:
    return Flow(5, lambda _: volume, lambda start, end: end - start, range(15, 23), pace)


@pytest.mark.parametrize(
    ("volume", "pace", "grain"), [(5_000_000, ONE, ONE), (300_000, FIVE, FIVE), (9, ONE, MINUTE)]
)
def test_a_node_prints_its_open_its_extremes_and_its_close(volume, pace: int, grain: int) -> None:
    path, trades = Path(7, 0.01, pace), flow(volume, pace)
    prints = Prints(path, trades, is_computed=False)
    for index in range(START // SIZES[grain], START // SIZES[grain] + 30):
        start = index * SIZES[grain]
        printed = prints.between(start, start + SIZES[grain])
        node = path.node(grain, index)
        prices = [m.price for m in path.between(start, start + SIZES[grain]) if m.time in printed]

        assert trades.grain(ANCHOR) == grain
        assert (prices[0], max(prices), min(prices), prices[-1]) == node
        assert (
            sum(map(len, printed.values())),
            sum(map(sum, printed.values())),
        ) == trades.traded(grain, index)
        assert all(size > 0 for sizes in printed.values() for size in sizes)


def test_what_is_not_traded_prints_nothing_and_what_is_computed_everything() -> None:
    path = Path(7, 0.01, FIVE)
    moments = list(path.between(START, START + SIZES[MINUTE]))
    pair, index = (Prints(path, None, is_computed=computed) for computed in (False, True))

    assert pair.between(START, START + SIZES[MINUTE]) == {}
    assert index.between(START, START + SIZES[MINUTE]) == {m.time: [0] for m in moments}


def test_prints_are_the_same_whatever_was_asked_before() -> None:
    one, two = (Prints(Path(7, 0.01, ONE), flow(200_000, ONE), is_computed=False) for _ in "ab")
    two.between(START + SIZES[HOUR], START + 2 * SIZES[HOUR])

    assert one.between(START, START + 99_000) == two.between(START, START + 99_000)
