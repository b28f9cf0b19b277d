import datetime as dt
from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._market import Leg
from ibkit.sim._session._contracts import contract_fields, find_one, question, today


def fields(**given):
    return wire.ContractFields(**given)


def details(talk, **given):
    return talk.ask(wire.ReqContractDetails(7, fields(**given)))


def test_the_date_is_that_of_the_log_in_zone(talk):
    night = dt.datetime(2026, 3, 3, 3, tzinfo=dt.timezone.utc)

    assert today(talk.session, night) == dt.date(2026, 3, 2)


def test_a_question_has_what_was_sent_and_a_strike_of_zero_is_none():
    leg = wire.ComboLeg(5, 1, "SELL", "CME")
    asked = question(fields(symbol="ES", strike=Decimal(0), combo_legs=(leg,)))

    assert (asked.symbol, asked.strike) == ("ES", None)
    assert asked.legs == (Leg(con_id=5, ratio=1, action="SELL", exchange="CME"),)


def test_every_match_is_told_and_then_the_end(talk):
    answers = details(talk, symbol="ES", sec_type="FUT", exchange="CME")

    assert len(answers) > 3
    assert answers[-1] == wire.ContractDetailsEnd(7)
    assert all(m.details.contract.symbol == "ES" for m in answers[:-1])


def test_a_refusal_has_no_end(talk):
    (refusal,) = details(talk, symbol="NOPE", sec_type="STK", exchange="SMART")

    assert (refusal.req_id, refusal.error_code) == (7, 200)


def test_a_continuous_future_is_told_as_one(talk):
    answers = details(talk, symbol="ES", sec_type="CONTFUT", exchange="CME")

    assert answers[0].details.contract.sec_type == "CONTFUT"


def test_a_future_says_its_last_trade_with_time_and_zone(talk):
    row = details(talk, local_symbol="ESH6", sec_type="FUT", exchange="CME")[0].details

    assert row.last_trade == "20260320 08:30 US/Central"
    assert row.real_expiration_date == "20260320"
    assert (row.contract_month, row.agg_group) == ("202603", None)


def test_one_is_found_or_the_client_is_told(talk):
    session = talk.session
    talk.heard.clear()

    assert find_one(session, 7, talk.contract("AAPL"), talk.now).con_id == 265598
    assert talk.answers() == []
    assert (
        find_one(session, 7, fields(symbol="ES", sec_type="FUT", exchange="CME"), talk.now) is None
    )
    assert [(m.req_id, m.error_code) for m in talk.answers()] == [(7, 200)]


def test_an_instrument_may_be_shown_at_another_exchange(talk):
    instrument = talk.market.named("AAPL", talk.now)

    assert contract_fields(instrument).exchange == instrument.exchange
    assert contract_fields(instrument, "IBKRATS").exchange == "IBKRATS"


def test_symbols_that_match(talk):
    (answer,) = talk.ask(wire.ReqMatchingSymbols(7, "AAP"))

    assert "AAPL" in [sample.symbol for sample in answer.samples]
    assert len(answer.samples) <= 16


def test_a_market_rule_and_one_that_is_none(talk):
    known = talk.market.named("ES", talk.now).market_rules[0]

    (rule,) = talk.ask(wire.ReqMarketRule(known))
    (refusal,) = talk.ask(wire.ReqMarketRule(99_999))

    assert rule.price_increments[0].increment == Decimal("0.25")
    assert (refusal.req_id, refusal.error_code) == (-1, 124)


def test_chains_are_told_by_exchange_and_class(talk):
    under = talk.market.named("AAPL", talk.now)
    everywhere = talk.ask(wire.ReqSecDefOptParams(7, "AAPL", "", "STK", under.con_id))
    at_one = talk.ask(
        wire.ReqSecDefOptParams(7, "AAPL", everywhere[0].exchange, "STK", under.con_id)
    )

    assert everywhere[-1] == wire.SecurityDefinitionOptionParameterEnd(7)
    assert everywhere[0].strikes
    assert {m.exchange for m in at_one[:-1]} == {everywhere[0].exchange}


def test_an_underlying_without_options_has_only_an_end(talk):
    assert talk.ask(wire.ReqSecDefOptParams(7, "NOPE", "", "STK", 1)) == [
        wire.SecurityDefinitionOptionParameterEnd(7)
    ]


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (wire.ReqSmartComponents(7, "9c0001"), wire.SmartComponents),
        (wire.ReqMktDepthExchanges(), wire.MktDepthExchanges),
    ],
)
def test_tables_of_exchanges(talk, request_, kind):
    (answer,) = talk.ask(request_)

    assert isinstance(answer, kind)
    assert len(answer[-1]) > 3


@pytest.mark.parametrize(("excess", "codes"), [("refuse", [10159]), ("drop", [])])
def test_a_second_lies_between_two_searches(talk_with, excess, codes):
    talk = talk_with(search_excess=excess)
    ask = wire.ReqMatchingSymbols(7, "AAPL")
    talk.ask(ask)

    assert [m.error_code for m in talk.ask(ask)] == codes
    talk.wait(1)
    assert [type(m).__name__ for m in talk.ask(ask)] == ["SymbolSamples"]
