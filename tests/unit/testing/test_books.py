from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from ib_async import Contract, LimitOrder, MarketOrder

from ibkit.sim import Account, Scenario
from ibkit.testing import VirtualLoop
from ibkit.testing._books import Books
from ibkit.testing._resolved import contract_of
from ibkit.testing._rig import connected_client, running_gateway


class Desk:
    def __init__(self, loop, gateway, ib):
        self.loop, self.gateway, self.ib = loop, gateway, ib
        self.books = Books(gateway)

    def trade(self, name, size):
        contract = contract_of(self.gateway.market.instrument(name))
        self.ib.placeOrder(contract, MarketOrder("BUY" if size > 0 else "SELL", abs(size)))
        self.loop.advance(5)


@contextmanager
def open_desk(**scenario) -> Iterator[Desk]:
    loop = VirtualLoop()
    scenario = Scenario(fills="full", **scenario)
    with (
        running_gateway(loop, seed=7, scenario=scenario) as gateway,
        connected_client(loop, 3) as ib,
    ):
        yield Desk(loop, gateway, ib)
    loop.close()


@pytest.fixture
def desk():
    with open_desk() as desk:
        yield desk


def test_the_books_of_the_gateway_agree_through_every_turn(desk):
    for name, size in [("ES", 2), ("ES", 1), ("AAPL", 100), ("ES", -5), ("ZC", 1), ("AAPL", -40)]:
        desk.trade(name, size)
        assert desk.books.differences() == []
        quote = desk.gateway.market.now(name)
        desk.gateway.market.quote(name, bid=quote.bid + 10, ask=quote.ask + 10)
        assert desk.books.differences() == []
    desk.trade("ES", 2)

    assert desk.books.differences() == []
    assert len(desk.gateway.truth.fills) == 7


def test_they_agree_over_midnight_and_after_a_correction(desk):
    desk.trade("ES", 2)
    (fill,) = desk.gateway.truth.fills
    desk.gateway.faults.correct_fill(fill.exec_id, fill.price - 10)
    assert desk.books.differences() == []
    desk.loop.advance(24 * 3600)
    assert desk.gateway.truth.fills == ()
    desk.trade("ES", -1)

    assert desk.books.differences() == []


def test_a_fill_that_is_missed_is_missed_in_both_sums(desk):
    desk.trade("ES", 2)
    desk.loop.advance(24 * 3600)  # forgotten before it was counted
    wrong = desk.books.differences()

    assert wrong[0] == "DU1000001 holds 2 ESH6, and its fills add up to 0"
    assert wrong[1].startswith("DU1000001 is worth ")
    assert wrong[1].split()[-1] != wrong[1].split()[3]


def test_a_position_without_a_fill_is_seen(desk, monkeypatch):
    desk.trade("ES", 2)
    bought = type(desk.books)._bought

    def doubled(books):
        return {key: 2 * size for key, size in bought(books).items()}

    monkeypatch.setattr(Books, "_bought", doubled)

    assert desk.books.differences() == ["DU1000001 holds 2 ESH6, and its fills add up to 4"]


def test_money_of_an_account_with_other_currencies_is_not_compared():
    with open_desk(accounts=(Account(currency="EUR"),)) as desk:
        desk.trade("ES", 1)
        assert desk.books.differences() == []
    with open_desk() as desk:
        desk.trade("EUR.USD", 20_000)
        assert desk.books.differences() == []


def test_a_combo_counts_by_its_legs(desk):
    from ib_async import ComboLeg

    near, far = (desk.gateway.market.instrument(name) for name in ("ESH6", "ESM6"))
    legs = [
        ComboLeg(conId=far.con_id, ratio=1, action="BUY", exchange="CME"),
        ComboLeg(conId=near.con_id, ratio=1, action="SELL", exchange="CME"),
    ]
    spread = Contract(secType="BAG", symbol="ES", exchange="CME", currency="USD", comboLegs=legs)
    desk.ib.placeOrder(spread, LimitOrder("BUY", 2, 500))
    desk.loop.advance(5)

    assert sorted(desk.gateway.truth.positions.values()) == [-2, 2]
    assert desk.books.differences() == []


def test_a_fill_too_many_is_seen(desk):
    desk.trade("ES", 2)
    books = desk.books
    (fill,) = desk.gateway.truth.fills
    books._fills["another"] = fill._replace(quantity=Decimal(1))

    assert books.differences()[0] == "DU1000001 holds 2 ESH6, and its fills add up to 3"
