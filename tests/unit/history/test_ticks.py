import asyncio
import datetime as dt
from itertools import pairwise

import pytest
from ib_async import HistoricalTick

from ibkit.history._ticks import PAGE, next_page, pages
from past import at

START = at("03-02 14:00")
SECOND = dt.timedelta(seconds=1)


def tick(second, size=1):
    return HistoricalTick(START + second * SECOND, 5000.0, size)


def seconds(counts):
    """So many ticks in each second from the start."""
    return [tick(n, size) for n, count in enumerate(counts) for size in range(count)]


class Market:
    """Sends pages as IB does: at most `PAGE`, the last second completed or not."""

    def __init__(self, ticks, *, completes=True, most=PAGE):
        self.ticks, self.completes, self.most = ticks, completes, most
        self.asked = []

    async def ask(self, since):
        self.asked.append((since - START) // SECOND)
        page = [tick for tick in self.ticks if tick.time >= since]
        count = min(self.most, len(page))
        while self.completes and 0 < count < len(page) and page[count].time == page[count - 1].time:
            count += 1
        return page[:count]


def load(market, end=10_000, opens=()):
    async def opens_after(moment):
        return next((START + n * SECOND for n in opens if START + n * SECOND > moment), None)

    async def main():
        return [page async for page in pages(market.ask, opens_after, START, START + end * SECOND)]

    found = asyncio.run(main())
    assert all(a.end == b.start for a, b in pairwise(found))
    return [tick for page in found for tick in page.ticks], found


@pytest.mark.parametrize(
    ("counts", "completes"),
    [
        ([300] * 20, True),
        ([300] * 20, False),
        ([1000] * 4, True),
        ([1000] * 4, False),
        ([999, 1, 1, 2500, 3], True),
        ([7], True),
    ],
)
def test_every_tick_comes_once(counts, completes):
    market = Market(seconds(counts), completes=completes)

    assert load(market)[0] == market.ticks


def test_a_second_with_more_ticks_than_a_page_is_not_asked_for_for_ever():
    market = Market(seconds([3000, 5]), completes=False)
    found, _ = load(market)

    assert [each for each in found if each.time > START] == market.ticks[-5:]
    assert market.asked[:2] == [0, 1]


def test_a_short_page_does_not_end_it():
    market = Market(seconds([2] * 10), most=6)

    assert load(market)[0] == market.ticks


def test_ticks_at_the_end_and_later_are_left_out():
    found, _ = load(Market(seconds([400] * 20)), end=10)

    assert found == seconds([400] * 10)


def test_an_empty_page_goes_on_at_the_next_session():
    async def ask(since):
        return [tick(500)] if since == START + 500 * SECOND else []

    market = Market([])
    market.ask = ask

    assert load(market, opens=(0, 500))[0] == [tick(500)]


def test_a_tick_before_the_moment_asked_for_is_ignored():
    page = seconds([1, 1])

    assert next_page(page, START) == (page, START + 2 * SECOND)


def test_pages_cover_the_span_and_name_a_second_that_may_lack_ticks():
    _, found = load(Market(seconds([3000, 5]), completes=False), end=10, opens=())

    assert found[0].start == START
    assert found[0].may_lack
    assert (found[0].end, found[-1].end) == (START + SECOND, START + 10 * SECOND)
    assert [page.may_lack for page in found[1:]] == [False, False]
