from __future__ import annotations

import pytest

from ibkit.sim._market._flow import PRINTS, Flow
from ibkit.sim._market._path import ANCHOR, DAY, FAN, FIVE, HOUR, MINUTE, ONE, SIZES

START = ANCHOR * SIZES[DAY]
OPEN_FROM, OPEN_TO = START + 15 * SIZES[HOUR] + 30 * SIZES[MINUTE], START + 22 * SIZES[HOUR]


def always(start: int, end: int) -> int:
    return end - start


def mornings(start: int, end: int) -> int:
    return max(0, min(end, OPEN_TO) - max(start, OPEN_FROM))


def flow(volume: int, opened=always, finest: int = ONE) -> Flow:
    return Flow(3, lambda _: volume, opened, range(15, 23), finest)


@pytest.mark.parametrize("opened", [always, mornings])
@pytest.mark.parametrize("volume", [0, 100, 20_000, 300_000, 5_000_000])
def test_every_level_adds_up_to_the_one_above(volume: int, opened) -> None:
    trades = flow(volume, opened)
    parent = ANCHOR * 24 + 16
    for level in range(HOUR, trades.grain(ANCHOR) + 1):
        if level > HOUR:
            parent = parent * FAN[level - 1] + 7
        children = range(parent * FAN[level], (parent + 1) * FAN[level])
        if level == HOUR:
            children = range(ANCHOR * 24, (ANCHOR + 1) * 24)
            total = trades.traded(DAY, ANCHOR)
        else:
            total = trades.traded(level - 1, parent)
        parts = [trades.traded(level, child) for child in children]

        assert tuple(map(sum, zip(*parts, strict=True))) == total


def test_a_block_has_the_volume_aimed_at() -> None:
    assert flow(1_500_000).traded(DAY, ANCHOR)[1] == 1_500_000


def test_the_grain_follows_the_volume() -> None:
    grains = [flow(volume).grain(ANCHOR) for volume in (0, 20_000, 300_000, 5_000_000)]

    assert grains == [MINUTE, MINUTE, FIVE, ONE]
    assert flow(5_000_000, finest=FIVE).grain(ANCHOR) == FIVE


def test_a_thin_market_has_the_least_and_no_more() -> None:
    assert flow(10).traded(DAY, ANCHOR) == (PRINTS * 1440, PRINTS * 1440)


def test_nothing_is_traded_while_closed() -> None:
    trades = flow(1_000_000, mornings)

    assert trades.traded(HOUR, ANCHOR * 24 + 3) == (0, 0)
    assert trades.traded(HOUR, ANCHOR * 24 + 15)[1] > 0
    assert trades.traded(DAY, ANCHOR)[1] == 1_000_000


def test_busy_hours_trade_more() -> None:
    trades = flow(1_500_000)
    by_hour = [trades.traded(HOUR, ANCHOR * 24 + hour)[1] for hour in range(24)]

    assert min(by_hour[15:23]) > 2 * max(by_hour[:15])
