import datetime as dt

import pytest
from ib_async import HistoricalTick

from ibkit._ib._history_asking import Asking, HistoryGate
from ibkit.errors import GatewayError
from ibkit.history import MemoryStore, ParquetStore
from ibkit.history._opening import OpenHours
from ibkit.history._tick_download import TOO_MANY, TickDownload
from ibkit.history._wanted import WantedTicks
from ibkit.testing import run_virtual
from past import Past, at, contract, weekdays

START, NOW = at("03-02 14:00"), at("03-02 20:00")
SECOND = dt.timedelta(seconds=1)
NO_RIGHTS = GatewayError(162, "No market data permissions for CME FUT")


def tick(second, price=5000.0):
    return HistoricalTick(START + second * SECOND, price, 0.0)


class Ticks(Past):
    """A gateway that has ticks, and fails from some request on."""

    def __init__(self, ticks, fails_at=10**6):
        super().__init__(weekdays(dt.date(2026, 3, 2), 1), now=NOW)
        self.ticks, self.fails_at, self.since = ticks, fails_at, []

    async def historical_ticks_async(self, contract, what, *, start, count, rth):
        self.since.append((start - START) // SECOND)
        if len(self.since) == self.fails_at:
            raise NO_RIGHTS
        page = [one for one in self.ticks if one.time >= start]
        while 0 < count < len(page) and page[count].time == page[count - 1].time:
            count += 1
        return page[:count]


def load(past, start, end, store):
    wanted = WantedTicks(
        contract=contract(),
        start=START + start * SECOND,
        end=START + end * SECOND,
        what="MIDPOINT",
        use_rth=False,
    )
    asking, told = Asking(HistoryGate(), ()), []

    async def main():
        download = TickDownload(
            requests=past,
            asking=asking,
            hours=OpenHours(past, asking),
            wanted=wanted,
            store=store,
            now=past.now,
            report=told.append,
        )
        return await download.run(), download

    ticks, download = run_virtual(main())
    return ticks, download, told


MANY = [tick(n // 3, 5000 + n) for n in range(6000)]


@pytest.mark.parametrize("kind", ["memory", "parquet"])
def test_a_download_that_broke_off_goes_on_where_it_was(kind, tmp_path):
    store = MemoryStore() if kind == "memory" else ParquetStore(tmp_path)
    broken = Ticks(MANY, fails_at=4)
    with pytest.raises(GatewayError):
        load(broken, 0, 2000, store)
    past = Ticks(MANY)
    ticks, download, _ = load(past, 0, 2000, store)

    assert ticks == MANY
    assert past.since[0] == broken.since[-1] == 1002
    assert download.sent == len(past.since)


def test_what_is_kept_is_not_asked_for_again():
    store = MemoryStore()
    load(Ticks(MANY), 500, 1000, store)
    past = Ticks(MANY)
    ticks, _, _ = load(past, 0, 2000, store)
    again = Ticks(MANY)

    assert ticks == MANY
    assert not any(500 <= since < 1000 for since in past.since)
    assert load(again, 100, 1900, store)[0] == MANY[300:5700]
    assert again.since == []


def test_the_second_that_is_not_over_is_not_kept():
    past, store = Ticks([tick(n) for n in range(6 * 3600)]), MemoryStore()
    ticks, _, _ = load(past, 6 * 3600 - 5, 6 * 3600, store)
    (kept,) = store.spans(next(iter(store._ticks)))

    assert len(ticks) == 5
    assert kept.end == NOW - SECOND


def test_a_second_with_more_ticks_than_ib_sends_is_a_hole():
    class Short(Ticks):
        async def historical_ticks_async(self, *args, **more):
            return (await super().historical_ticks_async(*args, **more))[:1000]

    _, download, _ = load(Short([tick(5, n) for n in range(1500)]), 0, 60, MemoryStore())

    assert [(hole.start, hole.reason) for hole in download.holes] == [(START, TOO_MANY)]


def test_progress_counts_requests_and_ticks_and_tells_the_waits():
    _, download, told = load(Ticks(MANY), 0, 2000, MemoryStore())

    assert (told[-1].done, told[-1].total, told[-1].rows) == (download.sent, None, 6000)
    assert max(each.waiting for each in told) > 1


def test_an_empty_page_goes_on_at_the_next_session():
    past = Ticks([tick(100)])
    past.sessions = weekdays(dt.date(2026, 3, 2), 3)

    assert load(past, 0, 200, MemoryStore())[0] == [tick(100)]
