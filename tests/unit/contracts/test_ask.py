import datetime as dt

import pytest
from ib_async import ContFuture, Contract, Future, Stock

from ibkit.contracts._ask import asked
from ibkit.errors import PlanError, UnknownContract
from ibkit.products import PRODUCTS

TODAY = dt.date(2026, 3, 2)


def ask(query):
    return asked(query, PRODUCTS, TODAY)


@pytest.mark.parametrize(
    ("text", "symbol", "month"),
    [("ESZ6", "ES", "202612"), (" CLF7 ", "CL", "202701"), ("ES 2026-12", "ES", "202612")],
)
def test_a_text_with_a_month_asks_for_that_month(text, symbol, month):
    question = ask(text)

    assert question.contract.symbol == symbol
    assert question.contract.lastTradeDateOrContractMonth == month
    assert question.front_of is None


def test_the_name_of_a_product_means_its_front_month():
    question = ask("6E")

    assert (question.contract.symbol, question.contract.exchange) == ("EUR", "CME")
    assert question.front_of is question.product
    assert question.product is not None


@pytest.mark.parametrize("query", [495512563, "495512563"])
def test_a_number_is_a_con_id(query):
    assert ask(query).contract == Contract(conId=495512563)


@pytest.mark.parametrize("query", [None, True, 2.5, ["ESZ6"]])
def test_anything_else_is_refused(query):
    with pytest.raises(PlanError) as caught:
        ask(query)
    assert caught.value.field == "query"


def test_an_unknown_name_tells_the_nearest_once():
    with pytest.raises(UnknownContract) as caught:
        ask("XXZ6")
    assert caught.value.nearest
    assert str(caught.value).count("nearest") == 1


def test_a_text_that_cannot_be_read_tells_what_could_be():
    with pytest.raises(UnknownContract, match="there is no month 13"):
        ask("ES 2026-13")


def test_a_contract_of_the_users_is_not_changed():
    given = Future("GC", "20261229 12:30", exchange="NYMEX")
    question = ask(given)

    assert question.contract.exchange == "COMEX"
    assert question.contract.lastTradeDateOrContractMonth == "20261229"
    assert (given.exchange, given.lastTradeDateOrContractMonth) == ("NYMEX", "20261229 12:30")
    assert [note.exchange for note in question.notes] == ["COMEX"]


def test_a_missing_exchange_is_filled_in_without_a_note():
    question = ask(Future("ES", "202612"))

    assert (question.contract.exchange, question.notes) == ("CME", ())


def test_a_symbol_of_several_products_is_left_to_tws():
    assert ask(Future("SI", "202612", exchange="COMEX")).product is None


def test_a_continuous_future_means_the_front_month():
    question = ask(ContFuture("ES", "CME"))

    assert question.front_of is not None
    assert question.front_of.root == "ES"


def test_the_con_id_of_a_position_is_asked_alone():
    position = Future("GC", "20261229", exchange="NYMEX", conId=7, localSymbol="GCZ6")

    assert ask(position).contract == Contract(conId=7)


def test_other_securities_are_asked_as_they_are():
    question = ask(Stock("AAPL", "SMART", "USD"))

    assert (question.contract.symbol, question.contract.secType) == ("AAPL", "STK")
    assert question.product is None


@pytest.mark.parametrize("month", [202612, "202612", "2026-12", "DEC26", "Z6", "Dec 2026"])
def test_the_month_of_a_contract_is_read_as_people_write_it(month):
    asked_for = ask(Future("es", month, "cme")).contract

    assert (asked_for.symbol, asked_for.exchange) == ("ES", "CME")
    assert asked_for.lastTradeDateOrContractMonth == "202612"


def test_a_date_is_a_last_trading_day():
    contract = ask(Future("ES", dt.date(2026, 12, 18), "CME")).contract

    assert contract.lastTradeDateOrContractMonth == "20261218"


@pytest.mark.parametrize(
    "query",
    [Contract(), Contract(symbol="ES"), Future("ES", "soon", "CME"), 0, "0", -1, ["ES"], b"ES"],
)
def test_what_tws_could_only_refuse_is_refused_here(query):
    with pytest.raises(PlanError):
        ask(query)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("es", None),
        ("DAX", "the name of 3 products"),
        ("AAPL", "give a Contract for the rest"),
        ("", "give a Contract for the rest"),
    ],
)
def test_a_name_is_taken_in_any_case_or_the_reason_is_told(text, reason):
    if reason is None:
        assert ask(text).product is ask("ES").product
        return
    with pytest.raises(UnknownContract, match=reason):
        ask(text)
