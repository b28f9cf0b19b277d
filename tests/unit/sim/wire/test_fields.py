from decimal import Decimal

import pytest

from ibkit.sim._wire._fields import (
    TagValue,
    read_bool,
    read_decimal,
    read_int,
    read_offset,
    read_optional_bool,
    read_optional_decimal,
    read_optional_int,
    read_tags,
    write_decimal,
    write_tags,
    write_text,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 0),
        ("0", 0),
        ("7", 7),
        ("-1", -1),
        ("+3", 3),
        ("007", 7),
        ("2147483647", 2**31 - 1),
        ("-2147483648", -(2**31)),
    ],
)
def test_a_whole_number_may_be_empty_for_zero(text, value):
    assert read_int(text) == value


@pytest.mark.parametrize(
    "text",
    ["1.0", "1e3", " 1", "1_000", "0x1", "-", "+", "\u0663", "2147483648", "99999999999", "x"],
)
def test_what_is_no_whole_number_is_a_fault(text):
    with pytest.raises(ValueError, match=r"not a whole number|outside the 32-bit integers"):
        read_int(text)


@pytest.mark.parametrize(("text", "value"), [("", None), ("2147483647", None), ("0", 0)])
def test_an_optional_number_tells_unset_from_zero(text, value):
    assert read_optional_int(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("", False), ("0", False), ("1", True), ("2", True), ("00", False)]
)
def test_a_flag_is_a_number(text, value):
    assert read_bool(text) is value


@pytest.mark.parametrize("text", ["true", "True", "yes", "1.0"])
def test_a_flag_in_words_is_a_fault(text):
    with pytest.raises(ValueError, match="not a whole number"):
        read_bool(text)


@pytest.mark.parametrize(("text", "value"), [("", None), ("0", False), ("1", True)])
def test_an_optional_flag_tells_unset_from_no(text, value):
    assert read_optional_bool(text) is value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2147483647",
        "1.7976931348623157E308",
        "1.7976931348623157e+308",
        "9223372036854775807",
        "-9223372036854775808",
        "170141183460469231731687303715884105727",
    ],
)
def test_every_spelling_of_an_unset_number_is_none(text):
    assert read_optional_decimal(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1e26",
        "1e-27",
        "1E999999999",
        "9" * 26,
        pytest.param("1" * 10**6, id="a million digits"),
        "1..2",
        ".",
        "-",
        "",
        "1e",
        "e5",
        "1__0",
        "1\n",
        "\u0661",
    ],
)
def test_what_is_no_number_of_ordinary_size_is_a_fault(text):
    with pytest.raises(ValueError, match=r"not a number|too large or too small"):
        read_decimal(text)


@pytest.mark.parametrize(
    ("text", "value"), [("1e25", 10**25), ("1e-25", Decimal("1E-25")), ("9" * 25, int("9" * 25))]
)
def test_the_largest_and_smallest_numbers_are_still_numbers(text, value):
    assert read_decimal(text) == value


def test_digits_are_kept_exactly():
    assert str(read_decimal("0.30000000000000004")) == "0.30000000000000004"
    assert str(read_decimal("5000.250")) == "5000.250"


@pytest.mark.parametrize("text", ["Infinity", "Infinite"])
def test_an_offset_may_be_infinite_in_two_spellings(text):
    assert read_offset(text) == Decimal("Infinity")


def test_tags_are_cut_at_their_first_equals_sign():
    assert read_tags("a=1;b=x=y;c=;") == (
        TagValue("a", "1"),
        TagValue("b", "x=y"),
        TagValue("c", ""),
    )


@pytest.mark.parametrize("text", [";", "a", "=", "a;;b", "=;="])
def test_odd_tags_are_no_fault(text):
    assert all(isinstance(tag, TagValue) for tag in read_tags(text))


def test_tags_are_written_as_they_are_read():
    tags = (TagValue("a", "1"), TagValue("b", "x=y"))

    assert read_tags(write_tags(tags)) == tags


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+3", "1000"), ("1E-8", "0.00000001"), ("5000.250", "5000.250"), ("-0", "-0"), ("3", "3")],
)
def test_decimals_are_written_in_plain_digits(value, text):
    assert write_decimal(Decimal(value)) == text


def test_a_nul_inside_a_text_cannot_shift_the_fields():
    assert write_text("a\0b") == "a b"
