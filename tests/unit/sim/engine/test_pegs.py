from __future__ import annotations

import pytest

from brokerage import AAPL, NOW, dec
from ibkit.sim._engine._board import Board
from ibkit.sim._engine._pegs import peg_price
from ibkit.sim._market._ticks import Quote


def board(bid: object, ask: object) -> Board:
    made = Board(AAPL)
    prices = [None if price is None else dec(price) for price in (bid, ask)]
    made.quote(Quote(AAPL.con_id, NOW, prices[0], dec(1), prices[1], dec(1)))
    return made


def peg(order_type: str, quote: tuple[object, object], **more: object):
    arguments = {"is_buy": True, "offset": None, "cap": None} | more
    return peg_price(order_type, board(*quote), **arguments)


@pytest.mark.parametrize(
    ("more", "price"),
    [
        ({}, "10.01"),
        ({"offset": dec("0.05")}, "10.05"),
        ({"offset": dec(0)}, "10"),
        ({"is_buy": False}, "10.09"),
        ({"cap": dec(10)}, "10"),
        ({"cap": dec(0)}, "10.01"),
        ({"is_buy": False, "cap": dec("10.5")}, "10.5"),
    ],
)
def test_a_relative_order(more, price):
    assert peg("REL", ("10.00", "10.10"), **more) == dec(price)


@pytest.mark.parametrize(("is_buy", "price"), [(True, "10.01"), (False, "10.02")])
def test_the_middle_is_rounded_in_favour_of_the_order(is_buy, price):
    assert peg("MIDPRICE", ("10.00", "10.03"), is_buy=is_buy) == dec(price)


def test_without_its_side_of_the_quote_there_is_no_price():
    assert peg("REL", (None, 10)) is None
    assert peg("MIDPRICE", (None, 10)) is None
