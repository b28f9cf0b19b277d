from ib_async import Contract

from ibkit.contracts import product
from ibkit.contracts._rows import (
    contract_of,
    contradiction,
    family_of,
    one_per_contract,
    question_of,
)
from rolling import details_of


def symbols(rows):
    return [contract_of(row).localSymbol for row in rows]


def test_one_question_for_all_sizes_of_a_symbol():
    silver, small = question_of(product("SI")), question_of(product("SIL"))

    assert silver == small
    assert (silver.symbol, silver.exchange, silver.multiplier) == ("SI", "COMEX", "")
    assert question_of(product("SI"), include_expired=True).includeExpired


def test_two_sizes_of_one_symbol_are_told_apart():
    rows = [details_of("SI", "2026-07"), details_of("SIL", "2026-07")]

    assert symbols(family_of(product("SI"), rows).own) == ["SIN6"]
    assert symbols(family_of(product("SIL"), rows).own) == ["SILN6"]
    assert symbols(family_of(product("SIL"), rows).siblings) == ["SIN6"]


def test_weekly_siblings_are_no_months_of_the_product():
    monthly = details_of("VX", "2026-06")
    weekly = details_of("VX", "2026-06", con_id=7, trading_class="VX24", symbol="VX24M6")
    family = family_of(product("VX"), [weekly, monthly])

    assert symbols(family.own) == ["VXM6"]
    assert symbols(family.siblings) == ["VX24M6"]


def test_without_a_class_in_the_table_it_is_that_of_most_rows():
    nikkei = product("NK")
    monthly = [details_of("NK", month, trading_class="NK") for month in ("2026-06", "2026-09")]
    weekly = details_of("NK", "2026-06", con_id=7, trading_class="NKW")

    assert nikkei.trading_class == ""
    assert len(family_of(nikkei, [weekly, *monthly]).own) == 2


def test_rows_without_an_end_are_no_futures():
    row = details_of("ES", "2026-06", realExpirationDate="")
    row.contract.lastTradeDateOrContractMonth = ""

    assert family_of(product("ES"), [row]).own == ()
    assert family_of(product("ES"), []).own == ()


def test_of_a_row_for_each_exchange_the_wanted_one_stays():
    here, there = details_of("ES", "2026-06"), details_of("ES", "2026-06")
    there.contract.exchange = "QBALGO"

    assert one_per_contract([there, here]) == [here], "CME stands first in its valid exchanges"
    assert one_per_contract([here, there]) == [here]
    assert one_per_contract([here, there], "QBALGO") == [there]


def test_a_contract_that_agrees_with_its_con_id():
    found = Contract(conId=5, symbol="ES", localSymbol="ESM6", multiplier="50", exchange="CME")

    assert contradiction(Contract(conId=5, symbol="ES", multiplier="50.0"), found) == ""
    assert contradiction(Contract(conId=5, exchange="GLOBEX"), found) == ""


def test_a_contract_that_says_something_else():
    found = Contract(conId=5, symbol="ES", localSymbol="ESM6", multiplier="50")

    assert contradiction(Contract(conId=5, symbol="NQ"), found) == (
        "conId 5 is ESM6, and its symbol says NQ"
    )
    assert "multiplier says 5" in contradiction(Contract(conId=5, multiplier="5"), found)
