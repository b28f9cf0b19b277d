from __future__ import annotations

from brokerage import Desk, dec
from cards import card
from ibkit.sim._engine import (
    FullFill,
    LotFill,
    Models,
    NoSlippage,
    TickSlippage,
    TouchFill,
)


@card("FIL-01", "1.4 R")
def test_the_touch_fills_what_stands_there():
    desk = Desk(models=Models(fill=TouchFill()))
    desk.quote(99, 100, 3)
    desk.place(1, "MKT", "BUY", 5)

    assert desk.order(1).filled == 3


@card("FIL-02", "1.4 R")
def test_a_full_fill_asks_for_no_size():
    desk = Desk(models=Models(fill=FullFill()))
    desk.quote(99, 100, 0)
    desk.place(1, "MKT", "BUY", 5)

    assert desk.order(1).filled == 5


@card("FIL-03", "1.4 R")
def test_lots_are_filled_one_per_tick():
    desk = Desk(models=Models(fill=LotFill(dec(2))))
    desk.quote(99, 100)
    desk.place(1, "LMT", "BUY", 5, limit_price=100)
    filled = [desk.order(1).filled]
    for _ in range(2):
        desk.quote(99, 100)
        filled.append(desk.order(1).filled)

    assert filled == [2, 4, 5]


@card("FIL-04", "1.4 I")
def test_slippage_is_worse_by_ticks():
    desk = Desk(models=Models(slippage=TickSlippage(2)))
    desk.quote(99, 100)
    desk.place(1)
    desk.place(2, "MKT", "SELL")

    assert desk.fills() == ["BOT 1@100.50", "SLD 1@98.50"]


@card("FIL-05", "1.4 I")
def test_slippage_never_goes_beyond_the_limit():
    desk = Desk(models=Models(slippage=TickSlippage(2)))
    desk.quote(99, 100)
    desk.place(1, "LMT", limit_price="100.25")

    assert desk.fills() == ["BOT 1@100.25"]


def test_without_slippage_the_touch_is_paid():
    desk = Desk(models=Models(slippage=NoSlippage()))
    desk.quote(99, 100)
    desk.place(1)

    assert desk.fills() == ["BOT 1@100"]
