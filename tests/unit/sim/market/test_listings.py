from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from cards import card
from ibkit.sim._market import Instrument, Leg, Listings, Question, Refusal

TODAY = dt.date(2026, 11, 23)
NOT_FOUND = Refusal(200, "No security definition has been found for the request")


@pytest.fixture
def listings() -> Listings:
    return Listings()


def names(found: list[Instrument] | Refusal) -> list[str]:
    assert not isinstance(found, Refusal), found
    return [instrument.local_symbol for instrument in found]


def future(symbol: str = "", exchange: str = "", **fields) -> Question:
    return Question(symbol=symbol, sec_type="FUT", exchange=exchange, **fields)


@card("CON-01", "2.1 C")
def test_every_field_that_is_not_empty_is_a_filter(listings: Listings) -> None:
    whole = names(listings.find(future("ES", "CME"), TODAY))
    by_month = future("ES", "CME", last_trade_date_or_contract_month="202703")

    assert whole[:3] == ["ESZ6", "ESH7", "ESM7"]
    assert len(whole) == 12
    assert names(listings.find(by_month, TODAY)) == ["ESH7"]
    assert listings.find(future("ES", "CME", multiplier="5"), TODAY) == NOT_FOUND
    assert listings.find(future("ES", "CME", trading_class="MES"), TODAY) == NOT_FOUND


@card("CON-02", "2.1 I")
def test_an_empty_exchange_matches_all_exchanges(listings: Listings) -> None:
    assert names(listings.find(future("ES"), TODAY)) == names(
        listings.find(future("ES", "CME"), TODAY)
    )
    [apple] = listings.find(Question(symbol="AAPL", sec_type="STK"), TODAY)

    assert apple.exchange == "NASDAQ"


@card("CON-03", "2.1 C")
def test_no_match_is_error_200(listings: Listings) -> None:
    assert listings.find(future("NOPE", "CME"), TODAY) == NOT_FOUND
    assert listings.one(future("NOPE", "CME"), TODAY) == NOT_FOUND


@card("CON-04", "2.1 R")
def test_several_sizes_are_ambiguous(listings: Listings) -> None:
    silver = future("SI", "COMEX", last_trade_date_or_contract_month="202612")

    assert names(listings.find(silver, TODAY)) == ["SIZ6", "SILZ6"]
    assert listings.one(silver, TODAY) == Refusal(
        200,
        "The contract description specified for SI is ambiguous; "
        "you must specify the multiplier or trading class.",
    )


@card("CON-05", "2.1 R")
def test_several_currencies_are_ambiguous(listings: Listings) -> None:
    refused = listings.one(Question(symbol="AMD", sec_type="STK", exchange="SMART"), TODAY)

    assert isinstance(refused, Refusal)
    assert refused.text.endswith("is ambiguous; you must specify the currency.")


@card("CON-06", "2.4 R")
@pytest.mark.parametrize(
    ("symbol", "old"), [("ES", "GLOBEX"), ("ZN", "ECBOT"), ("DAX", "DTB"), ("GC", "NYMEX")]
)
def test_an_exchange_name_of_old_matches_nothing(listings: Listings, symbol, old) -> None:
    assert listings.find(future(symbol, old), TODAY) == NOT_FOUND


@card("CON-07", "2.1 C")
def test_six_digits_are_the_contract_month_and_eight_the_last_trading_day(listings) -> None:
    def found(date: str) -> list[str]:
        question = future("CL", "NYMEX", last_trade_date_or_contract_month=date)
        return names(listings.find(question, TODAY))

    assert found("202701") == found("20261221") == ["CLF7"]
    assert found("202702") == ["CLG7"]


@card("CON-08", "2.1 C")
def test_expired_futures_are_found_for_two_years_if_asked_for(listings: Listings) -> None:
    asked = future("ES", "CME", include_expired=True)
    found = listings.find(asked, TODAY)

    assert names(found)[:1] == ["ESZ4"]
    assert len(found) == 20
    old = future("ES", "CME", include_expired=True, last_trade_date_or_contract_month="202409")
    assert listings.find(old, TODAY) == NOT_FOUND


@card("CON-09", "2.1 C")
def test_expired_futures_are_not_found_otherwise(listings: Listings) -> None:
    gone = future("ES", "CME", last_trade_date_or_contract_month="202606")
    con_id = listings.find(
        future("ES", include_expired=True, last_trade_date_or_contract_month="202606"), TODAY
    )[0].con_id

    assert listings.find(gone, TODAY) == NOT_FOUND
    assert listings.find(Question(con_id=con_id), TODAY) == NOT_FOUND
    assert names(listings.find(Question(con_id=con_id, include_expired=True), TODAY)) == ["ESM6"]
    assert listings.by_con_id(con_id).local_symbol == "ESM6"


def test_expired_options_are_not_found_at_all(listings: Listings) -> None:
    con_id = listings.one(Question(local_symbol="AAPL  261218C00270000"), TODAY).con_id
    asked = Question(con_id=con_id, include_expired=True)

    assert names(listings.find(asked, dt.date(2026, 12, 18))) == ["AAPL  261218C00270000"]
    assert listings.find(asked, dt.date(2026, 12, 19)) == NOT_FOUND


def test_a_contract_is_listed_on_its_last_day(listings: Listings) -> None:
    last = future("ES", last_trade_date_or_contract_month="20261218")

    assert names(listings.find(last, dt.date(2026, 12, 18))) == ["ESZ6"]
    assert listings.find(last, dt.date(2026, 12, 19)) == NOT_FOUND


@card("CON-10", "2.1 C")
def test_a_currency_filters(listings: Listings) -> None:
    asked = Question(symbol="AMD", sec_type="STK", exchange="SMART", currency="USD")

    assert listings.one(asked, TODAY).con_id == 4391


@card("CON-11", "2.1 R")
@pytest.mark.parametrize(
    ("local_symbol", "con_id_of"),
    [("ESZ6", "ES"), ("FDXM 20261218 M", "FDXM"), ("SILZ6", "SIL"), ("VX48X6", "VX48")],
)
def test_a_local_symbol_is_enough(listings: Listings, local_symbol, con_id_of) -> None:
    for kind in ("", "FUT"):
        [found] = listings.find(Question(local_symbol=local_symbol, sec_type=kind), TODAY)

        assert found.trading_class == con_id_of


def test_a_local_symbol_of_an_option_is_enough(listings: Listings) -> None:
    name = "SPXW  261127C06800000"
    found = listings.one(Question(local_symbol=name, sec_type="OPT"), TODAY)

    assert (found.local_symbol, found.trading_class) == (name, "SPXW")


@card("CON-12", "2.1 R")
def test_the_trading_class_tells_weekly_vix_futures(listings: Listings) -> None:
    by_class = future("VIX", "CFE", trading_class="VX")

    assert "VX48X6" in names(listings.find(future("VIX", "CFE"), TODAY))
    assert all(name[:3] != "VX4" for name in names(listings.find(by_class, TODAY)))
    assert names(listings.find(future("VIX", trading_class="VX48"), TODAY)) == ["VX48X6"]


@card("CON-13", "2.1 R")
@pytest.mark.parametrize(
    ("symbol", "multiplier", "trading_class"),
    [("SI", "1000", "SIL"), ("SI", "5000", "SI"), ("DAX", "25", "FDAX"), ("DAX", "1", "FDXS")],
)
def test_the_multiplier_tells_sizes(listings: Listings, symbol, multiplier, trading_class) -> None:
    found = listings.find(future(symbol, multiplier=multiplier), TODAY)

    assert {instrument.trading_class for instrument in found} == {trading_class}


@card("CON-14", "2.1 R")
def test_a_con_id_that_contradicts_another_field_is_error_478(listings: Listings) -> None:
    con_id = listings.one(Question(local_symbol="ESZ6"), TODAY).con_id
    refused = listings.find(
        Question(con_id=con_id, last_trade_date_or_contract_month="20261217"), TODAY
    )

    assert refused == Refusal(
        478,
        "Parameters in request conflicts with contract parameters received by contract id: "
        "requested expiry 20261217, in contract 20261218;",
    )


def test_a_con_id_alone_or_with_fields_that_fit(listings: Listings) -> None:
    apple = Question(con_id=265598, symbol="AAPL", exchange="SMART", currency="USD")

    assert listings.one(Question(con_id=265598), TODAY).exchange == "NASDAQ"
    assert listings.one(apple, TODAY).exchange == "SMART"
    assert listings.find(Question(con_id=265598, exchange="CME"), TODAY) == NOT_FOUND
    assert listings.find(Question(con_id=7), TODAY) == NOT_FOUND


@card("CON-15", "2.1 C")
def test_an_isin_is_enough(listings: Listings) -> None:
    isin = Question(sec_id_type="ISIN", sec_id="US0378331005")

    assert listings.one(isin, TODAY).symbol == "AAPL"


@card("CON-16", "2.1 C")
def test_matching_symbols_are_at_most_sixteen_best_first(listings: Listings) -> None:
    assert [hit.symbol for hit in listings.matching_symbols("AAPL")] == ["AAPL"]
    assert listings.matching_symbols("ES")[0].symbol == "ES"
    assert "IBM" in [hit.symbol for hit in listings.matching_symbols("business")]
    assert len(listings.matching_symbols("C")) == 16
    assert listings.matching_symbols("") == []


def test_derivatives_on_an_instrument(listings: Listings) -> None:
    def kinds(con_id: int) -> tuple[str, ...]:
        return listings.derivative_types(listings.by_con_id(con_id))

    assert kinds(265598) == ("OPT", "BAG")
    assert kinds(11004968) == ("FUT", "BAG")
    assert kinds(13455763) == ("FUT", "BAG")
    assert kinds(8314) == ("BAG",)


@card("CON-21", "2.3 R")
def test_a_continuous_future_is_the_lead(listings: Listings) -> None:
    asked = Question(symbol="ES", sec_type="CONTFUT", exchange="CME")
    before, after = dt.date(2026, 12, 11), dt.date(2026, 12, 12)

    assert listings.one(asked, before).local_symbol == "ESZ6"
    assert listings.one(asked, after).local_symbol == "ESH7"
    sizes = listings.find(Question(symbol="DAX", sec_type="CONTFUT"), TODAY)
    assert {each.trading_class for each in sizes} == {"FDAX", "FDXM", "FDXS"}


@card("CON-22", "2.2 R")
def test_a_date_with_its_time_is_error_10330(listings: Listings) -> None:
    for text in ("20261218 08:30:00 US/Central", "2026-12-18", "DEC26"):
        refused = listings.find(future("ES", "CME", last_trade_date_or_contract_month=text), TODAY)

        assert refused.code == 10330


@card("CON-25", "2.4 R")
def test_micro_silver_shares_the_symbol_of_silver(listings: Listings) -> None:
    found = {
        each.trading_class: (each.symbol, each.multiplier)
        for each in listings.find(future("SI", "COMEX"), TODAY)
    }

    assert found == {"SI": ("SI", "5000"), "SIL": ("SI", "1000")}


def test_shares_are_smart_or_at_any_of_their_exchanges(listings: Listings) -> None:
    def at(exchange: str, primary: str = "") -> list[Instrument] | Refusal:
        return listings.find(
            Question(
                symbol="IBM",
                sec_type="STK",
                exchange=exchange,
                primary_exchange=primary,
                currency="USD",
            ),
            TODAY,
        )

    assert [each.exchange for each in at("SMART")] == ["SMART"]
    assert [each.exchange for each in at("IEX")] == ["IEX"]
    assert at("SMART", "NYSE") == at("SMART")
    assert at("SMART", "NASDAQ") == at("CME") == NOT_FOUND


def test_pairs_and_indices(listings: Listings) -> None:
    euro = Question(symbol="EUR", sec_type="CASH", exchange="IDEALPRO")

    assert listings.one(Question(symbol="EUR", sec_type="CASH", currency="USD"), TODAY).con_id == (
        12087792
    )
    assert "EUR.JPY" in names(listings.find(euro, TODAY))
    assert listings.find(Question(symbol="EUR", sec_type="CASH", exchange="SMART"), TODAY) == (
        NOT_FOUND
    )
    assert listings.one(Question(symbol="SPX", sec_type="IND"), TODAY).con_id == 416904


def test_options_are_filtered_by_strike_and_right(listings: Listings) -> None:
    asked = Question(
        symbol="AAPL",
        sec_type="OPT",
        exchange="SMART",
        last_trade_date_or_contract_month="20261218",
        strike=Decimal("270.0"),
        right="CALL",
    )
    whole = Question(symbol="AAPL", sec_type="OPT", last_trade_date_or_contract_month="202612")

    assert names(listings.find(asked, TODAY)) == ["AAPL  261218C00270000"]
    assert {each.right for each in listings.find(whole, TODAY)} == {"C", "P"}


def test_what_this_world_does_not_have_is_not_found(listings: Listings) -> None:
    assert listings.find(Question(symbol="ES", sec_type="FOP", exchange="CME"), TODAY) == NOT_FOUND


@pytest.mark.parametrize(
    "question",
    [Question(symbol="ES"), Question(sec_type="FUT"), Question(symbol="A", sec_type="X")],
)
def test_a_question_that_names_nothing_is_invalid(listings: Listings, question) -> None:
    refused = listings.find(question, TODAY)

    assert refused.code == 321
    assert refused.text.startswith("Error validating request.-")


def test_a_combo_is_known_by_its_id_once_it_was_built(listings: Listings) -> None:
    near, far = (listings.one(Question(local_symbol=name), TODAY) for name in ("ESZ6", "ESH7"))
    legs = tuple(
        Leg(con_id=each.con_id, ratio=1, action=action, exchange="CME")
        for each, action in ((far, "BUY"), (near, "SELL"))
    )
    spread = listings.one(Question(symbol="ES", sec_type="BAG", exchange="CME", legs=legs), TODAY)

    assert listings.by_con_id(spread.con_id) is spread
    assert listings.find(Question(symbol="ES", sec_type="BAG", exchange="CME"), TODAY).code == 314
    assert Listings().by_con_id(spread.con_id) is None


def test_chains_are_of_the_underlying_that_was_named(listings: Listings) -> None:
    assert listings.option_chains("AAPL", "STK", 265598, TODAY)
    assert listings.option_chains("AAPL", "STK", 272093, TODAY) == ()
    assert listings.option_chains("AAPL", "IND", 265598, TODAY) == ()
    assert listings.option_chains("KO", "STK", 0, TODAY) == ()


def test_a_product_that_nothing_leads_has_no_continuous_future(market, now, monkeypatch) -> None:
    wanted = Question(symbol="ES", sec_type="CONTFUT", exchange="CME")
    assert len(market.listings.find(wanted, now.date())) == 1
    monkeypatch.setattr("ibkit.sim._market._futures.lead", lambda *_: None)

    assert market.listings.find(wanted, now.date()).code == 200
