from __future__ import annotations

import datetime as dt
from decimal import Decimal

from cards import card
from ibkit.sim._market import Market, _options
from ibkit.sim._market._options import chains, exists, expiration, instrument, listed, place_of

TODAY = dt.date(2026, 11, 23)
APPLE, SPX = 0, 4


@card("CON-32", "2.1 C")
def test_a_chain_per_exchange_and_class(market: Market) -> None:
    found = market.listings.option_chains("AAPL", "STK", 265598, TODAY)
    indexes = market.listings.option_chains("SPX", "IND", 416904, TODAY)

    assert {chain.exchange for chain in found} >= {"SMART", "CBOE"}
    assert all(chain.multiplier == "100" and chain.under_con_id == 265598 for chain in found)
    assert {chain.trading_class for chain in indexes} == {"SPX", "SPXW"}


def test_chains_list_what_can_be_found() -> None:
    [chain] = [chain for chain in chains(APPLE, TODAY) if chain.exchange == "SMART"]
    options = [instrument(key) for key in listed(APPLE, TODAY)]

    assert {option.last_trade for option in options} == set(chain.expirations)
    assert {option.strike for option in options} == set(chain.strikes)
    assert len(options) == 2 * len(chain.strikes) * len(chain.expirations)
    assert len({option.con_id for option in options}) == len(options)


def test_nothing_listed_has_expired() -> None:
    for days in range(40):
        today = TODAY + dt.timedelta(days=days)
        assert min(instrument(key).last_trade for key in listed(APPLE, today)) >= today


def test_a_friday_that_is_a_holiday_moves_to_thursday() -> None:
    assert expiration(dt.date(2026, 12, 25)) == dt.date(2026, 12, 24)
    assert expiration(dt.date(2026, 12, 18)) == dt.date(2026, 12, 18)


def test_an_option_is_described() -> None:
    key = next(
        key
        for key in listed(APPLE, TODAY)
        if instrument(key).local_symbol == "AAPL  261218P00270000"
    )
    option = instrument(key)

    assert (option.strike, option.right, option.multiplier) == (Decimal(270), "P", "100")
    assert (option.last_trade, option.contract_month) == (dt.date(2026, 12, 18), "202612")
    assert (option.under_con_id, option.under_symbol) == (265598, "AAPL")
    assert option.last_trade_time == "16:00"


def test_the_monthly_options_of_spx_have_their_own_class() -> None:
    classes = {
        option.last_trade: option.trading_class for option in map(instrument, listed(SPX, TODAY))
    }

    assert classes[dt.date(2026, 12, 18)] == "SPX"
    assert classes[dt.date(2026, 11, 27)] == "SPXW"


def test_who_has_options() -> None:
    assert place_of("AAPL") == APPLE
    assert place_of("KO") is None
    assert exists(next(listed(APPLE, TODAY)))
    assert not exists(next(listed(APPLE, TODAY))._replace(strike=1))
    assert len(_options.EXCHANGES) == 7
