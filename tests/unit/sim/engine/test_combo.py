from __future__ import annotations

import pytest

from brokerage import AAPL, ES, ESM, NOW, SPREAD, Desk, dec
from cards import card
from ibkit.sim._engine import Commissioned, Executed
from ibkit.sim._engine._board import Board
from ibkit.sim._engine._combo import (
    Part,
    implied_last,
    implied_quote,
    imply_quote,
    leg_prices,
    parts,
)
from ibkit.sim._engine._markets import Markets
from ibkit.sim._market._ticks import Quote


@pytest.fixture
def desk() -> Desk:
    """June is 51 to 51.50 above March, for a buyer of June against March."""
    desk = Desk()
    desk.quote(5000, "5000.25", 20)
    desk.quote("5051.25", "5051.50", 10, of=ESM)
    return desk


@card("CMB-01", "1.4 R")
def test_the_fill_of_a_combo_and_of_its_legs(desk):
    assert desk.place(1, of=SPREAD) == [
        "1 OO PreSubmitted",
        "1 OS PreSubmitted",
        "1 EX BOT 1@51.5",
        "1 OO Filled",
        "1 OS Filled 1/0 @51.5",
        "1 EX BOT 1@5051.5",
        "1 OO Filled",
        "1 OS Filled 1/0 @51.5",
        "1 EX SLD 1@5000",
        "1 OO Filled",
        "1 OS Filled 1/0 @51.5",
        "1 OO Filled",
        "1 CR 2.25",
        "1 CR 2.25",
    ]


@card("CMB-02", "1.4 R")
def test_commissions_are_told_of_the_legs_only(desk):
    desk.place(1, of=SPREAD)
    executed = [event.fill for event in desk.events if isinstance(event, Executed)]
    charged = [event.fill for event in desk.events if isinstance(event, Commissioned)]

    assert [len(fill.exec_id.split(".")) for fill in executed] == [4, 5, 5]
    assert charged == executed[1:]
    assert executed[0].commission == 0


@card("CMB-03", "2.5 C")
def test_the_net_price_may_be_negative(desk):
    desk.quote("4949.25", "4949.50", 10, of=ESM)
    desk.place(1, "LMT", "BUY", of=SPREAD, limit_price="-50.50")
    combo, june, march = (e.fill for e in desk.events if isinstance(e, Executed))

    assert combo.price == dec("-50.5")
    assert june.price - march.price == combo.price


@card("CMB-04", "1.4 R")
def test_the_positions_are_those_of_the_legs(desk):
    desk.place(1, "MKT", "SELL", 3, of=SPREAD)

    assert (desk.held(ESM), desk.held(ES)) == (-3, 3)
    assert desk.broker.position("DU1000001", SPREAD.con_id) is None


@card("CMB-05", "2.5 R")
def test_a_resting_combo_is_filled_when_a_leg_moves(desk):
    desk.place(1, "LMT", "BUY", of=SPREAD, limit_price=51)

    assert desk.quote("5050.75", "5051.00", 10, of=ESM)[0] == "1 EX BOT 1@51"


@card("CMB-06", "1.4 R")
def test_a_combo_fills_in_the_size_of_its_thinnest_leg(desk):
    desk.place(1, "LMT", "BUY", 15, of=SPREAD, limit_price=52)

    assert desk.order(1).filled == 10


@card("CMB-07", "1.4 R")
def test_cumulative_quantity_and_average_are_per_leg(desk):
    desk.place(1, "LMT", "BUY", 15, of=SPREAD, limit_price=52)
    desk.quote("5051.50", "5051.75", 10, of=ESM)
    june = [fill for fill in desk.broker.executions() if fill.con_id == ESM.con_id]

    assert [fill.cumulative for fill in june] == [10, 15]
    assert june[-1].average_price == sum(f.quantity * f.price for f in june) / 15


@card("CMB-08", "2.5 C")
def test_a_stop_on_a_combo_watches_the_net_of_the_last_prices(desk):
    desk.trade(5000)
    desk.trade(5051, of=ESM)
    desk.place(1, "STP", "SELL", of=SPREAD, aux_price=50)
    desk.trade("5050.25", of=ESM)
    waiting = desk.status(1)
    desk.trade(5050, of=ESM)

    assert (waiting, desk.status(1)) == ("PreSubmitted", "Filled")


def test_the_legs_of_a_working_combo_are_needed(desk):
    desk.place(1, "LMT", of=SPREAD, limit_price=1)

    assert desk.broker.working_instruments() == {SPREAD.con_id, ESM.con_id, ES.con_id}
    desk.cancel(1)
    assert desk.broker.working_instruments() == set()


def legs(*ratios: int) -> list[Part]:
    boards = [Board(ES), Board(ESM)]
    for board, (bid, ask) in zip(boards, ((100, 101), (200, 202)), strict=True):
        board.quote(Quote(board.instrument.con_id, NOW, dec(bid), dec(9), dec(ask), dec(9)))
    return [Part(ratio, board) for ratio, board in zip(ratios, boards, strict=True)]


def test_a_quote_follows_from_the_legs():
    quote = implied_quote(SPREAD, legs(-2, 1), NOW)

    assert (quote.bid, quote.ask) == (200 - 2 * 101, 202 - 2 * 100)
    assert (quote.bid_size, quote.ask_size) == (4, 4)


def test_without_one_leg_there_is_no_quote():
    parts = legs(1, 1)
    parts[0].board.quote(Quote(1, NOW, dec(100), dec(1), None, dec(0)))
    quote = implied_quote(SPREAD, parts, NOW)

    assert (quote.bid, quote.ask, quote.ask_size) == (300, None, 0)


def test_the_net_of_last_prices_needs_all_of_them():
    parts = legs(1, -1)
    parts[0].board.trade(dec(101), dec(1))
    assert implied_last(parts) is None

    parts[1].board.trade(dec(201), dec(1))
    assert implied_last(parts) == -100


@pytest.mark.parametrize("net", ["-101", "7.35", "0"])
def test_leg_prices_make_the_net_exactly(net):
    parts = legs(-2, 1)
    prices = leg_prices(parts, dec(net), is_buy=True)

    assert sum(part.ratio * price for part, price in zip(parts, prices, strict=True)) == dec(net)
    assert prices[0] == 100


def test_a_combo_of_an_unknown_leg_has_no_parts():
    markets = Markets({SPREAD.con_id: SPREAD, ES.con_id: ES}.get, None)

    assert parts(markets, SPREAD) is None
    imply_quote(markets, SPREAD, NOW)
    assert markets.board_of(SPREAD).touch(is_buy=True) is None


def test_a_leg_that_nobody_offers_is_taken_at_its_mark_and_one_unknown_at_nothing():
    march, june = legs(1, -1)
    march.board.quote(Quote(1, NOW, dec(100), dec(1), None, dec(0)))
    unknown = Part(-2, Board(AAPL))

    assert leg_prices([march, june], dec(-110), is_buy=True) == [90, 200]
    assert leg_prices([june, march, unknown], dec(0), is_buy=True) == [100, 100, 0]
