from __future__ import annotations

import datetime as dt

from brokerage import AAPL, ES, EURUSD, MES, NOW, Desk, RegularHours


def test_a_tick_moves_its_own_instrument_only():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price=90)

    assert desk.quote(89, 90, of=MES) == []
    assert desk.quote(89, 90, of=ES)[0] == "1 EX BOT 1@90"


def test_what_a_trade_wakes_has_no_share_in_that_trade():
    desk = Desk()
    desk.quote(94, 95)
    desk.place(1, "STP LMT", "SELL", aux_price=100, limit_price=99)

    assert desk.trade(100) == ["1 OO Submitted", "1 OS Submitted"]
    assert desk.trade(100)[0] == "1 EX SLD 1@99"


def test_a_market_that_only_trades_fills_at_its_trades():
    desk = Desk()
    desk.place(1)
    desk.place(2, "LMT", limit_price=99)

    assert desk.trade(100)[0] == "1 EX BOT 1@100"
    assert desk.trade(99)[0] == "2 EX BOT 1@99"


def test_several_stops_go_off_in_the_order_of_their_prices():
    desk = Desk()
    desk.quote(99, 100)
    for order_id, price in ((1, 90), (2, 92), (3, 91)):
        desk.place(order_id, "STP", "SELL", aux_price=price)
    said = desk.trade(85)

    assert [line[0] for line in said if "EX" in line] == ["2", "3", "1"]


def test_a_stop_that_one_fill_triggers_the_cancel_of_is_not_triggered():
    desk = Desk()
    desk.quote(99, 100)
    for order_id, price in ((1, 92), (2, 91)):
        desk.place(order_id, "STP", "SELL", aux_price=price, oca_group="g", oca_type=1)
    desk.trade(85)

    assert [desk.status(n) for n in (1, 2)] == ["Filled", "Cancelled"]


def test_a_relative_order_is_moved_by_quotes():
    desk = Desk()
    desk.quote("10.00", "10.10", of=AAPL)
    desk.place(1, "REL", of=AAPL)
    desk.quote("10.05", "10.15", of=AAPL)

    assert desk.quote("10.00", "10.06", of=AAPL) == []
    assert desk.trade("10.01", of=AAPL)[0] == "1 EX BOT 1@10.01"


def test_trailing_stops_follow_quotes_of_a_currency():
    desk = Desk()
    desk.quote("1.1000", "1.1001", 1_000_000, of=EURUSD)
    desk.place(1, "TRAIL", "SELL", 1000, of=EURUSD, aux_price="0.01")
    desk.quote("1.1200", "1.1201", 1_000_000, of=EURUSD)
    waiting = desk.status(1)
    desk.quote("1.1100", "1.1101", 1_000_000, of=EURUSD)

    assert (waiting, desk.status(1)) == ("PreSubmitted", "Filled")


def test_a_peg_stays_where_the_quote_does_not_move_it():
    desk = Desk()
    desk.quote(99, 100, of=AAPL)
    desk.place(1, "REL", of=AAPL, aux_price=0, limit_price=95)
    limit = desk.broker._world.orders.by_perm_id(desk.perm_id(1)).limit

    assert desk.quote(99, 101, of=AAPL) == []
    assert desk.broker._world.orders.by_perm_id(desk.perm_id(1)).limit == limit


def test_an_auction_waits_for_the_other_side():
    desk = Desk(hours=RegularHours(), now=NOW - dt.timedelta(hours=1))
    desk.place(1, "MKT", of=AAPL, tif="OPG")
    desk.until(NOW)
    said = desk.quote(99, None, of=AAPL)

    assert said == []
    assert desk.quote(99, 100, of=AAPL)[0] == "1 EX BOT 1@100"
