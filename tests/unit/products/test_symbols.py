from __future__ import annotations

import datetime as dt

import attrs
import pytest

from ibkit.products import (
    PRODUCTS,
    AmbiguousProduct,
    ContractMonth,
    MalformedSymbol,
    UnknownProduct,
    local_symbol,
    parse_local_symbol,
    product,
)

TODAY = dt.date(2026, 6, 1)


@pytest.mark.parametrize(
    ("root", "month", "expected"),
    [
        ("ES", "2026-12", "ESZ6"),
        ("6E", "2026-12", "6EZ6"),
        ("CL", "2027-01", "CLF7"),
        ("ZN", "2026-09", "ZNU6"),
        ("SIL", "2026-12", "SILZ6"),
        ("B", "2021-05", "COILK1"),
        ("HSI", "2024-04", "HSIJ4"),
        ("FESX", "2026-12", "FESX 20261218 M"),
        ("FGBL", "2024-03", "FGBL 20240307 M"),
        ("FDXS", "2026-06", "FDXS 20260619 M"),
    ],
)
def test_a_contract_is_named_as_ib_names_it(root, month, expected):
    assert local_symbol(product(root), ContractMonth.parse(month)) == expected


@pytest.mark.parametrize(
    ("text", "root", "month"),
    [
        ("ESZ6", "ES", "2026-12"),
        ("esz6", "ES", "2026-12"),
        (" ESZ6 ", "ES", "2026-12"),
        ("ESZ26", "ES", "2026-12"),
        ("ESZ2026", "ES", "2026-12"),
        ("6EZ6", "6E", "2026-12"),
        ("M6EZ6", "M6E", "2026-12"),
        ("10YZ6", "10Y", "2026-12"),
        ("M2KH7", "M2K", "2027-03"),
        ("ZNZ6", "ZN", "2026-12"),
        ("ZZ6", "Z", "2026-12"),
        ("COILK7", "B", "2027-05"),
        ("HSIM6", "HSI", "2026-06"),
        ("MHIQ26", "MHI", "2026-08"),
        ("FESX DEC 26", "FESX", "2026-12"),
        ("YM   DEC 26", "YM", "2026-12"),
        ("FESX 20261218 M", "FESX", "2026-12"),
        ("ES 2026-12", "ES", "2026-12"),
        ("ES Z6", "ES", "2026-12"),
        ("EUR 202612", "6E", "2026-12"),
    ],
)
def test_every_form_that_ib_has_used_is_read(text, root, month):
    found = parse_local_symbol(text, TODAY)

    assert (found.product.root, str(found.month)) == (root, month)


def test_a_symbol_that_carries_its_last_trade_hands_it_over():
    assert parse_local_symbol("FESX 20261218 M", TODAY).last_trade == dt.date(2026, 12, 18)
    assert parse_local_symbol("ESZ6", TODAY).last_trade is None


@pytest.mark.parametrize(
    ("today", "symbol", "month"),
    [
        ("2029-12-18", "CLF0", "2030-01"),
        ("2029-12-18", "ESZ9", "2029-12"),
        ("2030-01-02", "ESZ9", "2029-12"),  # expired, and IB still serves it
        ("2030-01-02", "ESH0", "2030-03"),
        ("2032-01-02", "ESZ9", "2039-12"),  # no longer
    ],
)
def test_at_the_turn_of_a_decade_the_year_is_that_of_a_contract_that_exists(today, symbol, month):
    found = parse_local_symbol(symbol, dt.date.fromisoformat(today))

    assert str(found.month) == month


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ES", "no contract month"),
        ("", "no contract month"),
        ("ESA6", "no contract month"),
        ("ESZ126", "no contract month"),
        ("ES 20261218", "a date of eight digits"),
        ("ES soon", "no month and year"),
        ("FESX 20261318 M", "month must be in 1..12"),
    ],
)
def test_what_is_no_local_symbol_is_refused_with_what_came(text, reason):
    with pytest.raises(MalformedSymbol, match=reason) as caught:
        parse_local_symbol(text, TODAY)

    assert caught.value.received == text


def test_a_name_of_no_product_or_of_several_is_refused():
    with pytest.raises(UnknownProduct):
        parse_local_symbol("XXXZ6", TODAY)
    with pytest.raises(AmbiguousProduct):
        parse_local_symbol("DAXZ6", TODAY)


def test_an_extended_table_reads_its_own_products():
    mine = attrs.evolve(product("ES"), root="MINE", symbol="MINE", trading_class="MINE")

    assert parse_local_symbol("MINEZ6", TODAY, PRODUCTS.extended(mine)).product is mine


def test_no_two_contracts_of_a_year_share_a_local_symbol():
    named = [
        local_symbol(each, ContractMonth(2026, number))
        for each in PRODUCTS
        for number in range(1, 13)
    ]

    assert len(set(named)) == len(named)
