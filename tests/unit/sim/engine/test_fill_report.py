from __future__ import annotations

import datetime as dt

from brokerage import AAPL, ESM, MES, SPREAD, Desk, dec
from cards import card
from ibkit.sim._engine import Commissioned, Executed, Latency, Models, OrderShown


def filled(of=AAPL, quantity=1, **switches: object) -> tuple[Desk, list[str]]:
    desk = Desk(**switches)
    desk.quote(99, 100, of=of)
    return desk, desk.place(1, "MKT", "BUY", quantity, of=of)


@card("STS-09", "1.4 R+")
def test_the_fill_of_a_stock_order():
    _, said = filled(AAPL)

    assert said == [
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 EX BOT 1@100",
        "1 OO Filled",
        "1 OS Filled 1/0 @100",
        "1 OO Filled",
        "1 CR 1",
    ]


@card("STS-10", "1.4 R+")
def test_the_last_open_order_carries_the_commission():
    desk, _ = filled(AAPL)
    shown = [event.order for event in desk.events if isinstance(event, OrderShown)]

    assert [view.commission for view in shown] == [None, None, 1]
    assert shown[-1].commission_currency == "USD"


@card("STS-11", "1.4 R")
def test_the_fill_of_a_future():
    _, said = filled(MES)

    assert said == [
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 EX BOT 1@100",
        "1 OS Filled 1/0 @100",
        "1 CR 0.62",
    ]


@card("STS-12", "1.4 R")
def test_a_switch_shows_a_filled_future_like_a_stock():
    _, said = filled(MES, future_fill_echo=True)

    assert said.count("1 OO Filled") == 2


@card("STS-13", "1.4 R")
def test_partial_fills_are_executed_one_by_one():
    desk = Desk()
    desk.quote(99, 100, 2)
    said = desk.place(1, "LMT", "BUY", 5, limit_price=100)
    said += desk.quote(99, 100, 2)

    assert [line for line in said if "EX" in line or "OS" in line][2:] == [
        "1 EX BOT 2@100",
        "1 OS Submitted 2/3 @100",
        "1 EX BOT 2@100",
        "1 OS Submitted 4/1 @100",
    ]
    assert len({fill.exec_id for fill in desk.broker.executions()}) == 2


@card("STS-14", "1.4 R+")
def test_a_switch_sends_the_status_before_the_execution():
    _, said = filled(MES, execution_before_status=False)

    assert said[2:4] == ["1 OS Filled 1/0 @100", "1 EX BOT 1@100"]


@card("STS-15", "1.4 R+")
def test_a_switch_sends_the_commission_before_the_execution():
    _, said = filled(MES, commission_before_execution=True)

    assert said[2:4] == ["1 CR 0.62", "1 EX BOT 1@100"]


@card("STS-16", "1.3 C")
def test_a_switch_repeats_every_status():
    _, said = filled(MES, duplicate_statuses=True)

    assert said.count("1 OS PreSubmitted") == said.count("1 OS Filled 1/0 @100") == 2


@card("STS-17", "1.3 C")
def test_a_switch_fills_market_orders_without_any_status():
    desk, said = filled(MES, skip_market_status=True)

    assert said == ["1 OO PreSubmitted", "1 EX BOT 1@100", "1 CR 0.62"]
    assert desk.place(2, "LMT", limit_price=90, of=MES)[-1] == "2 OS Submitted"


@card("STS-18", "8 no. 4 I")
def test_the_commission_may_come_later():
    later = Models(latency=Latency(commission=dt.timedelta(seconds=2)))
    desk, said = filled(MES, models=later)

    assert said[-1] == "1 OS Filled 1/0 @100"
    assert desk.wait(seconds=2) == ["1 CR 0.62"]


@card("STS-19", "1.4 R+")
def test_an_opening_trade_has_no_realized_profit_and_a_closing_one_has_both_commissions_in_it():
    desk = Desk()
    desk.quote("99.75", 100, of=MES)
    desk.place(1, of=MES)
    opened = desk.last(Commissioned).fill
    desk.place(2, "MKT", "SELL", of=MES)
    closed = desk.last(Commissioned).fill

    assert opened.realized_pnl is None
    assert closed.realized_pnl == dec("-2.49")


@card("STS-20", "1.3 C")
def test_filled_and_remaining_make_the_total():
    desk = Desk()
    desk.quote(99, 100, 3)
    desk.place(1, "LMT", "BUY", 5, limit_price=100)

    for event in desk.events:
        view = getattr(event, "order", None)
        if view is not None:
            assert view.filled + view.remaining == view.terms.quantity == 5


@card("STS-21", "1.3 C")
def test_average_and_last_price_are_zero_before_the_first_fill_and_then_of_all_and_of_the_last():
    desk = Desk()
    desk.quote(99, 100, 1)
    before = desk.place(1, "LMT", "BUY", 4, limit_price=90) and desk.order(1)
    desk.place(2, "MKT", "BUY", 4)
    desk.quote(101, 102, 3)
    after = desk.order(2)

    assert (before.average_price, before.last_price) == (0, 0)
    assert (after.average_price, after.last_price) == (dec("101.5"), 102)


def test_the_report_of_a_combo_names_its_legs():
    desk = Desk()
    desk.quote(4999, 5000)
    desk.quote(5050, 5051, of=ESM)
    desk.place(1, of=SPREAD)
    fills = [event.fill for event in desk.events if isinstance(event, Executed)]

    assert [fill.con_id for fill in fills] == [7, 6, 1]


def test_with_every_status_repeated_the_commission_brings_one_more():
    _, said = filled(AAPL, duplicate_statuses=True)

    assert said[-4:] == ["1 OO Filled", *2 * ["1 OS Filled 1/0 @100"], "1 CR 1"]
