from __future__ import annotations

import pytest

from brokerage import AAPL, ACCOUNT, ESM, SPREAD, Desk, dec
from cards import card
from ibkit.sim._engine import Commissioned, Executed


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.quote(99, 100)
    desk.quote(99, 100, of=AAPL)
    desk.quote(150, 151, of=ESM)
    return desk


def exec_id(desk: Desk) -> str:
    return desk.broker.executions()[-1].exec_id


@card("OPR-12", "1.4 C")
def test_a_correction_is_the_same_trade_with_the_next_number(desk):
    desk.place(1)
    old = exec_id(desk)

    assert desk.operator("correct_execution", old, price=dec(101)) == [
        "1 EX BOT 1@101",
        "1 CR 2.25",
    ]
    (fill,) = desk.broker.executions()
    assert fill.exec_id == old[:-1] + "2"
    assert desk.order(1).average_price == 101


@card("OPR-13", "1.4 C")
def test_cash_and_position_end_as_if_it_had_been_right_at_once(desk):
    desk.place(1, "MKT", "BUY", 10, of=AAPL)
    desk.operator("correct_execution", exec_id(desk), price=dec(98))
    position = desk.broker.position(ACCOUNT, AAPL.con_id)

    assert desk.cash() == 10_000_000 - 980 - 1
    assert (position.quantity, position.average_cost) == (10, dec("98.1"))


@card("OPR-14", "menu 3")
def test_a_bust_takes_the_trade_back(desk):
    desk.place(1, "MKT", "BUY", 10, of=AAPL)
    desk.operator("bust", exec_id(desk))

    assert desk.cash() == 10_000_000
    assert desk.held(AAPL) == 0
    assert desk.last(Executed).fill.quantity == 0
    assert desk.last(Commissioned).fill.commission == 0


def test_a_correction_can_be_corrected(desk):
    desk.place(1)
    first = exec_id(desk)
    desk.operator("correct_execution", first, price=dec(101))
    desk.operator("correct_execution", first, price=dec(102))

    assert exec_id(desk).endswith(".03")
    assert [fill.price for fill in desk.broker.executions()] == [102]


def test_a_corrected_close_realizes_what_it_should_have(desk):
    desk.place(1)
    desk.place(2, "MKT", "SELL")
    desk.operator("correct_execution", exec_id(desk), price=dec(101))

    assert desk.held() == 0
    assert desk.cash() == 10_000_000 + 50 - dec("4.5")


def test_the_leg_of_a_combo_is_corrected_and_not_the_combo(desk):
    desk.place(1, of=SPREAD)
    combo, leg, _ = desk.broker.executions()
    desk.operator("correct_execution", leg.exec_id, quantity=dec(2))

    assert desk.held(ESM) == 2
    with pytest.raises(ValueError, match=combo.exec_id):
        desk.operator("correct_execution", combo.exec_id, price=dec(1))


def test_an_unknown_execution_is_a_key_error(desk):
    with pytest.raises(KeyError):
        desk.operator("bust", "0.0.0.1")
