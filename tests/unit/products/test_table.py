from __future__ import annotations

import csv
import subprocess
import sys
from decimal import Decimal
from importlib.resources import files

import attrs
import pytest

from ibkit.products import PRODUCTS, AmbiguousProduct, UnknownProduct, product


def rows() -> list[dict[str, str]]:
    text = (files("ibkit.products") / "futures.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_every_row_of_the_file_is_a_product():
    assert [each.root for each in PRODUCTS] == [row["root"] for row in rows()]
    assert len(PRODUCTS) == 179


def test_the_file_says_the_details_tick_as_the_product_does():
    for row in rows():
        said = row["details_min_tick"]

        assert PRODUCTS[row["root"]].details_min_tick == (Decimal(said) if said else None)


def test_active_months_are_among_the_listed():
    for each in PRODUCTS:
        assert set(each.active_months) <= set(each.listed_months or each.active_months)


def test_no_two_products_answer_to_the_same_full_description():
    described = {(p.symbol, p.exchange, p.trading_class, p.multiplier) for p in PRODUCTS}

    assert len(described) == len(PRODUCTS)


@pytest.mark.parametrize(
    ("name", "root"),
    [("6E", "6E"), ("EUR", "6E"), ("FDXM", "FDXM"), ("GBL", "FGBL"), ("FTMIB", "FIB"), ("D", "RC")],
)
def test_a_product_is_found_by_root_class_or_symbol(name, root):
    assert product(name).root == root


def test_two_multipliers_for_one_symbol_are_two_products():
    silver = {each.multiplier: each.root for each in PRODUCTS.with_symbol("SI")}

    assert silver == {Decimal(5000): "SI", Decimal(1000): "SIL"}
    assert product("SI").multiplier == 5000
    assert PRODUCTS.matching("SI", multiplier="1000") == (PRODUCTS["SIL"],)


def test_a_name_of_several_products_is_ambiguous_and_each_is_described():
    with pytest.raises(AmbiguousProduct) as caught:
        product("CAC40")

    assert caught.value.name == "CAC40"
    assert list(caught.value.candidates) == [
        "FCE (MONEP, multiplier 10, class FCE)",
        "MFC (MONEP, multiplier 1, class MFC)",
    ]


@pytest.mark.parametrize("find", [product, PRODUCTS.find, PRODUCTS.__getitem__])
def test_an_unknown_name_is_answered_with_the_nearest(find):
    with pytest.raises(UnknownProduct) as caught:
        find("eur0")

    assert "EUR" in caught.value.nearest


def test_nothing_known_by_a_class_or_symbol_is_an_empty_answer():
    assert PRODUCTS.with_class("NONE") == ()
    assert PRODUCTS.with_symbol("NONE") == ()
    assert PRODUCTS.with_class("EUR") == ()  # that is a symbol
    assert PRODUCTS.with_symbol("6E") == ()  # and that a class


def test_matching_takes_what_is_filled_in_and_the_old_names_of_exchanges():
    assert [p.root for p in PRODUCTS.matching("DAX", exchange="DTB")] == ["FDAX", "FDXM", "FDXS"]
    assert [p.root for p in PRODUCTS.matching(trading_class="FDXS")] == ["FDXS"]
    assert [p.root for p in PRODUCTS.matching("MYM", multiplier="0.50")] == ["MYM"]
    assert PRODUCTS.matching("ES", exchange="NYMEX") == ()


def test_an_extended_table_is_a_new_one_in_which_the_last_word_counts():
    mine = attrs.evolve(product("ES"), root="MINE", symbol="MINE", trading_class="MINE")
    moved = attrs.evolve(product("ES"), exchange="ELSEWHERE")
    wider = PRODUCTS.extended(mine, moved)

    assert len(wider) == len(PRODUCTS) + 1
    assert wider.find("MINE") is mine
    assert wider["ES"].exchange == "ELSEWHERE"
    assert PRODUCTS["ES"].exchange == "CME"
    assert "MINE" not in PRODUCTS
    assert repr(wider) == "<Products: 180 futures>"


def test_importing_the_package_reads_no_table_and_no_holidays():
    code = (
        "import sys, ibkit.products as p; "
        "print(p.PRODUCTS._known, {'csv', 'holidays', 'exchange_calendars'} & {*sys.modules})"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["None", "set()"]


@pytest.mark.parametrize("name", ["es", " ES ", "6e", "eur"])
def test_a_name_is_found_in_any_case(name):
    assert PRODUCTS.find(name) is PRODUCTS.find(name.strip().upper())


@pytest.mark.parametrize("name", [None, 5, ["ES"]])
def test_what_is_no_name_is_the_name_of_nothing(name):
    with pytest.raises(UnknownProduct):
        PRODUCTS.find(name)
    with pytest.raises(UnknownProduct):
        PRODUCTS[name]
