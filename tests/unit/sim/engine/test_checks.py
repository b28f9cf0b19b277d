from __future__ import annotations

import pytest

from ibkit.sim._engine import _checks

TABLES = {
    "new": _checks.NEW,
    "held": _checks.HELD,
    "changed": _checks.CHANGED,
    "what-if": _checks.WHAT_IF,
}


def codes(table: str) -> list[int]:
    return [check.code for check in TABLES[table]]


@pytest.mark.parametrize("table", TABLES)
def test_the_sender_comes_first_and_the_size_after_the_price(table):
    listed = codes(table)

    assert listed[0] == 10119
    assert listed.index(10060) < listed.index(463) < listed.index(110) < listed.index(160)


def test_a_new_order_is_asked_for_its_id_before_its_contract_and_its_parent():
    listed = codes("new")

    assert listed.index(10149) < listed.index(103) < listed.index(200) < listed.index(135)


def test_only_a_new_order_is_asked_for_its_id():
    assert not {103, 10149} & {*codes("held"), *codes("changed"), *codes("what-if")}


def test_only_a_modification_can_be_too_late():
    assert 104 in codes("changed")
    assert 104 not in codes("new")


def test_texts_that_name_something_name_what_a_draft_has():
    for table in TABLES.values():
        for check in table:
            for part in check.text.split("{")[1:]:
                assert part.startswith("d.")
