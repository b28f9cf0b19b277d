from __future__ import annotations

from brokerage import AAPL, ES, ESM, EURUSD, MES, OPTION, dec
from ibkit.sim._engine import Holding, ShareMargin

MODEL = ShareMargin()


def need(*holdings: tuple[object, int, int]) -> tuple[object, object]:
    return MODEL.require(Holding(what, dec(size), dec(price)) for what, size, price in holdings)


def test_a_future_needs_a_share_of_its_worth():
    assert need((ES, -1, 1000)) == (3000, 2500)


def test_a_stock_needs_half_and_keeps_a_quarter():
    assert need((AAPL, 10, 100)) == (500, 250)


def test_a_currency_needs_three_hundredths():
    assert need((EURUSD, 1000, 1)) == (30, 30)


def test_what_offsets_needs_a_tenth():
    assert need((ES, 1, 1000), (ESM, -1, 1000)) == (600, 500)


def test_a_held_option_is_paid_for_and_a_written_one_is_not():
    assert need((OPTION, 1, 5)) == (0, 0)
    assert need((OPTION, -1, 5)) == (4000, 3000)


def test_nothing_needs_nothing():
    assert need() == (0, 0)


def test_a_negative_price_needs_margin_too():
    assert need((ES, 1, -1000)) == (3000, 2500)


def test_months_of_one_root_are_one_group_and_other_roots_are_not():
    assert MODEL.group(ES) == MODEL.group(ESM) != MODEL.group(MES)
