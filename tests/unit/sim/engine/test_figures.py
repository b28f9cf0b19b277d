from __future__ import annotations

import datetime as dt

from brokerage import AAPL, ACCOUNT, ES, EURUSD, NOW, OPTION, Desk, dec, terms_of
from cards import card
from ibkit.sim._engine import FixedRates, Models
from ibkit.sim._scenario import Account


def hold(desk: Desk, quantity: object, price: object, of=ES) -> None:
    desk.quote(price, price, 10_000_000, of=of)
    desk.trade(price, of=of)
    desk.place(
        desk.broker.next_valid_id(1),
        "MKT",
        "BUY" if dec(quantity) > 0 else "SELL",
        abs(dec(quantity)),
        of=of,
    )


def move(desk: Desk, price: object, of=ES) -> None:
    desk.quote(price, price, of=of)
    desk.trade(price, of=of)


@card("ACC-11", "3.6 C")
def test_net_liquidation_is_cash_and_what_positions_are_worth():
    desk = Desk(cash=100_000)
    hold(desk, 100, 200, AAPL)
    hold(desk, 1, 1000)
    move(desk, 210, AAPL)
    move(desk, 1010)
    figures = desk.broker.figures(ACCOUNT)

    assert figures.total_cash == 100_000 - 20_000 - 1 - dec("2.25")
    assert figures.stock_value == figures.gross_position_value == 21_000
    assert figures.futures_pnl == 500
    assert figures.net_liquidation == figures.total_cash + 21_500 == figures.equity_with_loan


@card("ACC-12", "3.6 C")
def test_margin_and_what_it_leaves():
    desk = Desk(cash=100_000)
    hold(desk, 1, 1000)
    figures = desk.broker.figures(ACCOUNT)

    assert (figures.initial_margin, figures.maintenance_margin) == (3000, 2500)
    assert figures.available_funds == figures.net_liquidation - 3000
    assert figures.excess_liquidity == figures.net_liquidation - 2500
    assert figures.buying_power == 4 * figures.available_funds


@card("ACC-13", "3.6 C")
def test_other_currencies_count_in_the_base_currency():
    desk = Desk(
        accounts=(Account(cash=dec(100_000)),),
        models=Models(rates=FixedRates(in_dollars={"USD": dec(1), "EUR": dec("1.2")})),
    )
    hold(desk, 10_000, "1.1", EURUSD)
    figures = desk.broker.figures(ACCOUNT)

    assert figures.cash == {"USD": 100_000 - 11_000 - 2, "EUR": 10_000}
    assert figures.total_cash == 88_998 + 12_000
    assert figures.net_liquidation == figures.total_cash


@card("ACC-14", "3.6 C")
def test_the_profit_of_the_day_is_what_equity_has_gained():
    desk = Desk()
    hold(desk, 1, 100)
    move(desk, 104)
    today = desk.broker.pnl(ACCOUNT)
    desk.wait(days=1)
    move(desk, 105)
    tomorrow = desk.broker.pnl(ACCOUNT)

    assert (today.daily, today.unrealized, today.realized) == (
        200 - dec("2.25"),
        200 - dec("2.25"),
        0,
    )
    assert (tomorrow.daily, tomorrow.unrealized) == (50, 250 - dec("2.25"))


@card("ACC-15", "3.6 C")
def test_the_profit_of_one_position():
    desk = Desk()
    hold(desk, 2, 100)
    move(desk, 103)
    figures = desk.broker.position_pnl(ACCOUNT, ES.con_id)

    assert (figures.quantity, figures.value) == (2, 2 * 103 * 50)
    assert figures.daily == 300
    assert figures.unrealized == 300 - dec("4.5")
    assert desk.broker.position_pnl(ACCOUNT, AAPL.con_id) is None


@card("ACC-16", "3.6 R")
def test_a_position_closed_today_stays_with_zero_until_tomorrow():
    desk = Desk()
    hold(desk, 1, 100)
    hold(desk, -1, 101)
    today = [view.quantity for view in desk.broker.positions()]
    desk.wait(days=1)

    assert (today, desk.broker.positions()) == ([0], ())


@card("ACC-17", "3.6 C")
def test_an_option_held_is_worth_its_price():
    desk = Desk()
    hold(desk, 2, 5, OPTION)
    move(desk, 6, OPTION)
    figures = desk.broker.figures(ACCOUNT)

    assert figures.option_value == 2 * 6 * 100
    assert figures.initial_margin == 0


def test_a_position_that_nobody_quotes_counts_at_its_cost():
    desk = Desk()
    desk.operator("place", ES.con_id, "CME", terms_of())
    (view,) = desk.broker.orders()
    desk.operator("fill", view.perm_id, dec(1), dec(100))
    (position,) = desk.broker.positions()

    assert (position.market_price, position.market_value, position.unrealized_pnl) == (None,) * 3
    assert desk.broker.figures(ACCOUNT).futures_pnl == 0
    assert desk.broker.position_pnl(ACCOUNT, ES.con_id).daily is None


def test_a_mark_lies_within_the_quote():
    desk = Desk()
    hold(desk, 1, 100)
    desk.quote(102, 103)
    assert desk.broker.position(ACCOUNT, ES.con_id).market_price == 102

    desk.quote(97, 98)
    assert desk.broker.position(ACCOUNT, ES.con_id).market_price == 98


def test_days_begin_at_midnight_in_new_york():
    desk = Desk(now=NOW.replace(hour=4))
    hold(desk, 1, 100)
    desk.until(NOW.replace(hour=5) - dt.timedelta(seconds=1))
    assert len(desk.broker.executions()) == 1

    desk.until(NOW.replace(hour=5))
    assert desk.broker.executions() == ()
