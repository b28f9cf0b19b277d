from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    SmartComponent,
    SmartComponents,
    SymbolSample,
    SymbolSamples,
    TickSize,
    VerifyCompleted,
)
from ibkit.sim._wire._writing import parts_of, rows_of, table_of, when, writer_of


def test_a_flat_message_is_its_fields():
    assert writer_of(TickSize, 178)(TickSize(7, 0, Decimal("1.50"))) == "7\x000\x001.50"


@pytest.mark.parametrize(("value", "text"), [("1E+2", "100"), ("0E-9", "0.000000000")])
def test_a_flat_message_has_no_exponents(value, text):
    assert writer_of(TickSize, 178)(TickSize(7, 0, Decimal(value))) == f"7\x000\x00{text}"


def test_a_flag_is_a_digit():
    assert writer_of(VerifyCompleted, 178)(VerifyCompleted(True, "E\0")) == "1\0E "


def test_a_list_is_its_length_then_its_items():
    write = writer_of(SmartComponents, 178)

    assert write(SmartComponents(7)) == "7\x000"
    assert write(SmartComponents(7, (SmartComponent(0, "A", "a"),))) == "7\x001\x000\0A\0a"


@pytest.mark.parametrize(("version", "tail"), [(175, ""), (176, "\0d\0i")])
def test_a_column_is_written_where_the_version_has_it(version, tail):
    sample = SymbolSample(1, "A", "STK", "N", "USD", ("OPT",), "d", "i")

    written = writer_of(SymbolSamples, version)(SymbolSamples(7, (sample,)))
    assert written == f"7\x001\x001\0A\0STK\0N\0USD\x001\0OPT{tail}"


def test_a_table_may_say_itself_from_which_version_on_a_path_is_there():
    def columns(version):
        paths = "req_id@160 tick_type@158-159 size"
        return table_of(TickSize, version, paths)(TickSize(7, 5, Decimal(1))).count("\0") + 1

    assert [columns(version) for version in (157, 158, 159, 160)] == [1, 2, 1, 2]


def test_a_table_with_a_path_that_is_not_declared_is_refused():
    with pytest.raises(KeyError, match="tick_typo"):
        table_of(TickSize, 178, "req_id tick_typo")


def test_absent_parts_leave_no_field():
    def is_large(tick):
        return tick.size > 5

    write = parts_of(
        table_of(TickSize, 178, "req_id"),
        when(is_large, table_of(TickSize, 178, "size")),
        table_of(TickSize, 178, "tick_type"),
    )

    assert write(TickSize(7, 0, Decimal(9))) == "7\x009\x000"
    assert write(TickSize(7, 0, Decimal(1))) == "7\x000"


def test_an_empty_field_is_not_an_absent_one():
    assert rows_of(str)(["", "a"]) == "2\0\0a"
