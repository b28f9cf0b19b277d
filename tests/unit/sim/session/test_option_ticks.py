import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._market import Question
from ibkit.sim._session._option_ticks import MODEL, option_ticks


@pytest.fixture
def option(talk):
    listings = talk.market.listings
    under = talk.market.named("AAPL", talk.now)
    chain = listings.option_chains("AAPL", "STK", under.con_id, talk.now.date())[0]
    question = Question(
        symbol="AAPL",
        sec_type="OPT",
        exchange="SMART",
        currency="USD",
        last_trade_date_or_contract_month=f"{chain.expirations[3]:%Y%m%d}",
        right="C",
    )
    found = listings.find(question, talk.now.date())
    return found[len(found) // 2]


def test_an_option_has_a_model_tick(talk, option):
    (tick,) = option_ticks(talk.floor, 7, option, talk.now)

    assert (tick.req_id, tick.tick_type) == (7, MODEL)
    assert 0 <= tick.delta <= 1
    assert tick.und_price > 0


def test_anything_else_has_none(talk):
    assert option_ticks(talk.floor, 7, talk.market.named("ES", talk.now), talk.now) == []


def test_a_line_of_an_option_carries_it(talk, option):
    contract = wire.ContractFields(con_id=option.con_id, exchange="SMART")

    answers = talk.ask(wire.ReqMktData(7, contract, "", False, False, ()))

    assert [m for m in answers if isinstance(m, wire.TickOptionComputation)]


def test_an_option_of_what_has_no_price_has_none(talk, option, monkeypatch):
    monkeypatch.setattr(type(talk.market), "greeks_at", lambda *_: None)

    assert option_ticks(talk.floor, 7, option, talk.now) == []
