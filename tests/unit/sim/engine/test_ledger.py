from __future__ import annotations

from brokerage import AAPL, ES, EURUSD, MES, ZC, Desk, dec
from cards import card
from ibkit.sim._engine._ledger import Ledger
from ibkit.sim._scenario import Account

CASH = 10_000_000


def trade(desk: Desk, order_id: int, action: str, quantity: object, price: object, of=ES) -> None:
    desk.quote(price, price, 10_000_000, of=of)
    desk.place(order_id, "MKT", action, quantity, of=of)


@card("ACC-01", "2.2 R")
def test_the_average_cost_of_a_future_is_money_with_the_opening_commission():
    desk = Desk()
    trade(desk, 1, "BUY", 2, 100)
    (position,) = desk.broker.positions()

    assert position.average_cost == 100 * 50 + dec("2.25")


@card("ACC-02", "2.2 C")
def test_a_future_costs_its_commission_only_until_it_is_closed():
    desk = Desk()
    trade(desk, 1, "BUY", 2, 100)
    opened = desk.cash()
    trade(desk, 2, "SELL", 1, 110)

    assert opened == CASH - dec("4.5")
    assert desk.cash() == opened + 10 * 50 - dec("2.25")


@card("ACC-03", "3.6 C")
def test_a_stock_is_paid_for():
    desk = Desk()
    trade(desk, 1, "BUY", 10, 100, AAPL)

    assert desk.cash() == CASH - 1000 - 1


@card("ACC-04", "3.6 C")
def test_a_currency_pair_moves_both_currencies():
    desk = Desk()
    trade(desk, 1, "BUY", 20_000, "1.1", EURUSD)

    assert desk.cash("EUR") == 20_000
    assert desk.cash() == CASH - 22_000 - 2


@card("ACC-05", "2.2 C")
def test_a_price_in_cents_counts_a_hundredth():
    desk = Desk()
    trade(desk, 1, "BUY", 1, 400, ZC)
    trade(desk, 2, "SELL", 1, 410, ZC)

    assert desk.cash() == CASH + 10 * 50 - dec("4.5")


@card("ACC-06", "1.4 R+")
def test_what_is_realized_is_net_of_both_commissions():
    desk = Desk()
    trade(desk, 1, "BUY", 1, 100, MES)
    trade(desk, 2, "SELL", 1, "99.75", MES)
    (position,) = desk.broker.positions()

    assert position.realized_pnl == dec("-2.49")


@card("ACC-07", "3.6 I")
def test_a_trade_through_zero_closes_and_opens():
    desk = Desk()
    trade(desk, 1, "BUY", 1, 100)
    trade(desk, 2, "SELL", 3, 110)
    (position,) = desk.broker.positions()

    assert position.quantity == -2
    assert position.average_cost == 110 * 50 - dec("2.25")
    assert position.realized_pnl == 10 * 50 - dec("2.25") - dec("2.25")


@card("ACC-08", "3.6 I")
def test_a_short_stock_brings_cash_and_a_negative_value():
    desk = Desk()
    trade(desk, 1, "SELL", 10, 100, AAPL)
    (position,) = desk.broker.positions()

    assert desk.cash() == CASH + 1000 - 1
    assert (position.market_value, position.unrealized_pnl) == (-1000, -1)


@card("ACC-09", "1.4 C")
def test_a_minimum_commission_is_charged_once_for_an_order():
    desk = Desk()
    desk.quote(99, 100, 10, of=AAPL)
    desk.place(1, "LMT", "BUY", 300, of=AAPL, limit_price=100)
    for _ in range(29):
        desk.quote(99, 100, 10, of=AAPL)
    commissions = [fill.commission for fill in desk.broker.executions()]

    assert desk.order(1).status == "Filled"
    assert commissions[0] == 1
    assert sum(commissions) == dec("1.5")


@card("ACC-10", "3.6 C")
def test_accounts_are_kept_apart():
    desk = Desk(accounts=(Account(name="DU1"), Account(name="DU2")))
    desk.quote(99, 100)
    desk.place(1, account="DU2")

    assert desk.broker.positions("DU1") == ()
    assert [view.quantity for view in desk.broker.positions("DU2")] == [1]


def test_a_position_that_is_closed_is_forgotten_with_its_group():
    ledger = Ledger(Account())
    ledger.trade(ES, "g", dec(1), dec(100), dec(0))
    ledger.trade(MES, "g", dec(1), dec(100), dec(0))
    ledger.trade(ES, "g", dec(-1), dec(100), dec(0))
    ledger.forget_closed()

    assert set(ledger.positions) == set(ledger.groups["g"]) == {MES.con_id}
    ledger.trade(MES, "g", dec(-1), dec(100), dec(0))
    ledger.forget_closed()
    assert ledger.groups == {}
