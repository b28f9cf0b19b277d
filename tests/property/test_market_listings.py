"""conIds never collide or change, and listings follow the exchanges' rules on any day."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, strategies as st

from ibkit.products import last_trade
from ibkit.sim._market import Listings, Question, Refusal, _futures, _options
from ibkit.sim._market._forex import pairs
from ibkit.sim._market._indices import indices
from ibkit.sim._market._stocks import stocks

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2031, 12, 31))
PRODUCTS = st.sampled_from(_futures.products())
YEARS = [dt.date(year, month, 10) for year, month in ((2025, 3), (2026, 9), (2029, 6))]


def everything(today: dt.date):
    """Yield every instrument that is listed, or was in the last two years."""
    yield from stocks().values()
    yield from pairs().values()
    yield from (index.instrument for index in indices().values())
    for product in _futures.products():
        yield from map(_futures.instrument, _futures.expired(product, today))
        yield from map(_futures.instrument, _futures.listed(product, today))
    for place in range(5):
        yield from map(_options.instrument, _options.listed(place, today))


def test_con_ids_are_unique_for_years_and_find_their_instrument() -> None:
    listings, known = Listings(), {}
    for today in YEARS:
        for instrument in everything(today):
            assert known.setdefault(instrument.con_id, instrument) == instrument
    wrong = [each for each in known.values() if listings.by_con_id(each.con_id) != each]

    assert wrong == []
    assert len(known) > 12_000


@given(PRODUCTS, DAYS)
def test_a_chain_can_be_asked_for_contract_by_contract(product, today: dt.date) -> None:
    listings = Listings()
    chain = listings.find(
        Question(
            symbol=product.symbol,
            sec_type="FUT",
            exchange=product.exchange,
            trading_class=product.local_class,
        ),
        today,
    )
    assert not isinstance(chain, Refusal)
    for each in chain:
        by_month = Question(
            symbol=product.symbol,
            sec_type="FUT",
            trading_class=each.trading_class,
            last_trade_date_or_contract_month=each.contract_month,
        )

        assert listings.one(Question(con_id=each.con_id), today) == each
        assert listings.one(by_month, today) == each
        assert listings.one(Question(local_symbol=each.local_symbol, sec_type="FUT"), today) == each
        assert each.last_trade >= today


@given(PRODUCTS, DAYS)
def test_dates_of_listings_are_those_of_the_products(product, today: dt.date) -> None:
    for origin in (*_futures.listed(product, today), *_futures.expired(product, today)):
        if origin.week is None:
            found = _futures.instrument(origin)

            assert found.last_trade == last_trade(product, origin.month)
            assert found.contract_month == origin.month.yyyymm


@given(PRODUCTS, DAYS)
def test_the_continuous_future_is_one_of_the_chain(product, today: dt.date) -> None:
    question = Question(
        symbol=product.symbol,
        sec_type="CONTFUT",
        exchange=product.exchange,
        trading_class=product.local_class,
    )
    leader = Listings().one(question, today)

    assert leader in Listings().find(
        Question(symbol=product.symbol, sec_type="FUT", exchange=product.exchange), today
    )
