import pytest

from ibkit.sim._wire import ComboLeg, ContractFields, ReqPnL, TagValue
from ibkit.sim._wire._fields import read_int, read_text
from ibkit.sim._wire._reading import (
    Block,
    Cursor,
    FieldError,
    filler_of,
    read_rows,
    reader_of,
)

PAIR = Block(("name", "size"), (read_text, read_int))


def test_a_block_is_read_at_once_and_the_cursor_moves_on():
    cursor = Cursor(["a", "1", "rest"])

    assert cursor.take(PAIR) == ["a", 1]
    assert (cursor.position, cursor.remaining) == (2, 1)


def test_a_fault_names_its_field_and_shows_its_text_in_short():
    with pytest.raises(FieldError) as caught:
        Cursor(["a", "x" * 1000]).take(PAIR)

    assert caught.value.field == "size"
    assert caught.value.text == f"is {'x' * 40!r}: not a whole number"


def test_a_missing_field_is_named():
    with pytest.raises(FieldError) as caught:
        Cursor(["a"]).take(PAIR)

    assert (caught.value.field, caught.value.text) == (
        "size",
        "is missing: the message ends before it",
    )


def test_a_fault_in_what_is_there_comes_before_what_is_missing():
    with pytest.raises(FieldError, match="not a whole number"):
        Cursor(["x"]).take(Block(("a", "b"), (read_int, read_int)))


def test_a_reader_is_derived_from_a_declaration():
    assert reader_of(ReqPnL, 178)(Cursor(["7", "DU1", "M"])) == ReqPnL(7, "DU1", "M")


def test_what_a_message_does_not_carry_has_its_default():
    read = reader_of(ContractFields, 178, ("con_id", "symbol", "exchange", "currency"))

    assert read(Cursor(["5", "ES", "CME", "USD"])) == ContractFields(
        con_id=5, symbol="ES", exchange="CME", currency="USD"
    )


def test_a_span_fills_its_own_places_only():
    values = list(ComboLeg(1, 2, "BUY", "CME"))

    filler_of(ComboLeg, 178, "ratio", "action")(Cursor(["9", "SELL"]), values)

    assert values == list(ComboLeg(1, 9, "SELL", "CME"))


@pytest.mark.parametrize(
    ("fields", "rows"),
    [(["0"], ()), ([""], None), (["2", "a", "1", "b", "2"], (("a", "1"), ("b", "2")))],
)
def test_a_list_is_its_length_then_its_items(fields, rows):
    cursor = Cursor(fields)
    if rows is None:
        with pytest.raises(FieldError, match="not the length of a list"):
            read_rows(cursor, "tags", reader_of(TagValue, 178))
    else:
        assert read_rows(cursor, "tags", reader_of(TagValue, 178)) == rows
