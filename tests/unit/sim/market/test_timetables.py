from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from attrs import evolve

from ibkit.sim._market import Market, _futures
from ibkit.sim._market._forex import pairs
from ibkit.sim._market._indices import indices
from ibkit.sim._market._stocks import stocks
from ibkit.sim._market._timetables import timetable

TODAY = dt.date(2026, 11, 23)
FUTURES = [
    _futures.instrument(_futures.listed(product, TODAY)[0]) for product in _futures.products()
]
OTHERS = [
    *stocks().values(),
    *pairs().values(),
    *(index.instrument for index in indices().values()),
]


@pytest.mark.parametrize("instrument", [*FUTURES, *OTHERS], ids=lambda each: each.local_symbol)
def test_every_market_has_orderly_hours(instrument) -> None:
    table = timetable(instrument)
    trading, regular = (
        [
            span
            for ahead in range(14)
            for span in table.sessions(TODAY + dt.timedelta(days=ahead), regular=is_regular)
        ]
        for is_regular in (False, True)
    )

    assert table.zone == instrument.zone
    assert all(start < end for start, end in trading)
    assert all(before[1] <= after[0] for before, after in pairwise(trading))
    assert all(any(a <= start and end <= b for a, b in trading) for start, end in regular)
    assert len(regular) >= 9


def test_a_holiday_has_no_sessions(market: Market, now: dt.datetime) -> None:
    table = timetable(market.named("AAPL", now))

    assert table.sessions(dt.date(2026, 12, 25), regular=False) == ()
    assert table.sessions(dt.date(2026, 12, 24), regular=False)


def test_products_of_one_exchange_keep_their_own_hours(market: Market, now: dt.datetime) -> None:
    names = ("ES", "6E", "LE", "LBR", "ZC", "ZN")
    tables = [timetable(market.named(name, now)) for name in names]

    assert len({(table.trading, table.regular) for table in tables}) == 5


def test_an_index_at_an_exchange_of_products_has_the_hours_of_that_exchange(
    market: Market, now: dt.datetime
) -> None:
    es = market.named("ES", now)
    index = evolve(es, sec_type="IND", symbol="NOPE")
    elsewhere = evolve(es, sec_type="IND", exchange="NYMEX")  # a product of another exchange

    assert timetable(index).zone == timetable(es).zone == "US/Central"
    assert timetable(elsewhere).zone == "US/Eastern"
