import asyncio
import datetime as dt

import pytest
from attrs import evolve
from ib_async import BarData

from ibkit.contracts import FuturesChain, Listing, VolumeCrossover, product
from ibkit.errors import PlanError
from ibkit.history import BarSeries, Hole
from ibkit.history._months import MonthsDownload
from ibkit.products import ContractMonth
from past import DAY, UTC

ES = product("ES")
NOW = dt.datetime(2026, 5, 1, 15, tzinfo=UTC)
PRICE = {"ESH6": 5000.0, "ESM6": 5050.0, "ESU6": 5100.0}


def chain():
    months = ("2026-03", "2026-06", "2026-09")
    listings = [
        evolve(Listing.by_rule(ES, ContractMonth.parse(month)), con_id=n)
        for n, month in enumerate(months, 1)
    ]
    return FuturesChain(product=ES, listings=listings, since=dt.date(2026, 1, 1))


class Months:
    """Bars of any month, one a day, or one an hour."""

    def __init__(self, volumes=lambda name, day: 1):
        self.asked, self.volumes = [], volumes

    async def load(self, contract, start, end, bar_size):
        self.asked.append((contract.localSymbol, bar_size, contract.includeExpired))
        step = DAY if bar_size == "1 day" else DAY / 24
        times = [start + n * step for n in range((end - start) // step)]
        price = PRICE[contract.localSymbol]

        def bar(at):
            date = at.date() if bar_size == "1 day" else at
            return BarData(date, volume=self.volumes(contract.localSymbol, at), close=price)

        return BarSeries(
            contract=contract,
            bar_size=bar_size,
            what="TRADES",
            use_rth=False,
            start=start,
            end=end,
            bars=[bar(at) for at in times],
            holes=(Hole(start, start + step, "nothing"),),
            notes=("a note",),
        )


def load(months, start, end, bar_size="1 day", rule=None):
    download = MonthsDownload(
        start=start,
        end=end,
        bar_size=bar_size,
        rule=rule,
        activity=None,
        now=NOW,
        load=months.load,
        load_volume=months.load,
    )
    return asyncio.run(download.run(chain(), "difference", "backward"))


def test_each_month_is_downloaded_once_as_one_that_may_have_expired():
    months = Months()
    series = load(months, dt.date(2026, 2, 16), dt.date(2026, 4, 10))

    assert months.asked == [("ESH6", "1 day", True), ("ESM6", "1 day", True)]
    assert [str(roll.to) for roll in series.rolls] == ["ESM6"]
    assert (series[0].date, series[-1].date) == (dt.date(2026, 2, 16), dt.date(2026, 4, 10))
    assert {bar.close for bar in series} == {5050.0}


def test_what_is_missing_in_the_months_is_told_of_the_series():
    series = load(Months(), dt.date(2026, 2, 16), dt.date(2026, 4, 10))

    assert len(series.holes) == 2
    assert series.notes == ("a note",)


def test_times_cut_the_series_where_bars_are_within_the_day():
    start = dt.datetime(2026, 2, 16, 15, tzinfo=UTC)
    end = dt.datetime(2026, 2, 18, 9, tzinfo=UTC)
    series = load(Months(), start, end, "1 hour")

    assert (series[0].date, series[-1].date) == (start, end - DAY / 24)


def test_a_crossover_asks_for_daily_volumes_first():
    months = Months(volumes=lambda name, at: 9 if (name == "ESM6") == (at.month >= 3) else 1)
    series = load(months, dt.date(2026, 2, 16), dt.date(2026, 3, 13), rule=VolumeCrossover(2))

    assert months.asked[:2] == [("ESH6", "1 day", True), ("ESM6", "1 day", True)]
    assert [roll.day for roll in series.rolls] < [dt.date(2026, 3, 10)]


def test_no_time_at_all_is_refused():
    with pytest.raises(PlanError):
        load(Months(), dt.date(2026, 4, 10), dt.date(2026, 4, 9))
