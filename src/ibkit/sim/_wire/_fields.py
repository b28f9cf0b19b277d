"""The kinds of field: how each is read from text and written to text.

TWS has no type for "unset". It is an empty field or the largest number of the type, and which of
the two a client understands differs from field to field. Here unset is always ``None``; the kind
of a field says how ``None`` is written. Reading takes every spelling of it alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

MAX_INT = "2147483647"
MAX_DOUBLE = "1.7976931348623157E308"
UNSET = frozenset(
    {
        "",
        MAX_INT,
        MAX_DOUBLE,
        "1.7976931348623157e+308",  # Python's spelling of the same number
        "9223372036854775807",
        "-9223372036854775808",
        str(2**127 - 1),  # ibapi's UNSET_DECIMAL
    }
)
INFINITY = Decimal("Infinity")
_INFINITE = frozenset({"Infinity", "Infinite"})  # ibapi writes the first, ib_async the second

_SMALL = {"": 0} | {str(value): value for value in range(-1, 10)}  # most of what travels
_INTEGER = re.compile(r"[+-]?[0-9]{1,10}").fullmatch
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,25}(?:\.[0-9]{0,25})?|\.[0-9]{1,25})").fullmatch
# Python clients write 0.00005 as 5e-05 and 10**16 as 1e+16.
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:\.[0-9]{1,20})?[eE][+-]?[0-9]{1,2}").fullmatch
_LARGEST_EXPONENT = 25


class TagValue(NamedTuple):
    """A named parameter: of an algo, of combo routing, of miscellaneous options."""

    tag: str
    value: str


def read_text(text: str) -> str:
    return text


def read_int(text: str) -> int:
    small = _SMALL.get(text)
    if small is not None:
        return small
    if not _INTEGER(text):
        raise ValueError("not a whole number")
    value = int(text)
    if not -(2**31) <= value < 2**31:
        raise ValueError("outside the 32-bit integers")
    return value


def read_optional_int(text: str) -> int | None:
    return None if text in UNSET else read_int(text)


def read_bool(text: str) -> bool:
    if text == "0" or not text:
        return False
    return text == "1" or read_int(text) != 0


def read_optional_bool(text: str) -> bool | None:
    return None if text in UNSET else read_bool(text)


def read_decimal(text: str) -> Decimal:
    if _NUMBER(text):
        return Decimal(text)
    if not _SCIENTIFIC(text):
        raise ValueError("not a number")
    value = Decimal(text)
    if abs(value.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError("too large or too small a number")
    return value


def read_optional_decimal(text: str) -> Decimal | None:
    return None if text in UNSET else read_decimal(text)


def read_offset(text: str) -> Decimal | None:
    return INFINITY if text in _INFINITE else read_optional_decimal(text)


def read_tags(text: str) -> tuple[TagValue, ...]:
    pairs = (pair.partition("=") for pair in text.split(";") if pair)
    return tuple(TagValue(tag, value) for tag, _, value in pairs)


def write_int(value: int) -> str:
    return f"{value:d}"  # a bool is a number too


def write_bool(value: object) -> str:
    return "1" if value else "0"


def write_decimal(value: Decimal) -> str:
    """Plain digits: no client need know exponents."""
    text = str(value)
    return format(value, "f") if "E" in text else text


def write_text(value: str) -> str:
    """A NUL inside a text would end the field and shift all that follow."""
    return value.replace("\0", " ") if "\0" in value else value


def write_tags(tags: tuple[TagValue, ...]) -> str:
    return "".join(f"{tag}={value};" for tag, value in tags)


def write_float(value: float) -> str:
    return repr(value)


def _unless_none(write: Callable[[Any], str], unset: str) -> Callable[[Any], str]:
    def write_optional(value: Any) -> str:
        return unset if value is None else write(value)

    return write_optional


class Kind(NamedTuple):
    """How one kind of field is read and written."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


class Since(NamedTuple):
    """The field is there from this server version on."""

    version: int


class Until(NamedTuple):
    """The field is there below this server version."""

    version: int


BlankInt = Annotated[int | None, Kind(read_optional_int, _unless_none(write_int, ""))]
"""``None`` is written as an empty field."""
MaxInt = Annotated[int | None, Kind(read_optional_int, _unless_none(write_int, MAX_INT))]
"""``None`` is written as 2147483647, where clients read an empty field as 0."""
BlankBool = Annotated[bool | None, Kind(read_optional_bool, _unless_none(write_bool, ""))]
BlankDecimal = Annotated[
    Decimal | None, Kind(read_optional_decimal, _unless_none(write_decimal, ""))
]
"""``None`` is written as an empty field."""
MaxDecimal = Annotated[
    Decimal | None, Kind(read_optional_decimal, _unless_none(write_decimal, MAX_DOUBLE))
]
"""``None`` is written as 1.7976931348623157E308, where clients read an empty field as 0."""
Offset = Annotated[Decimal | None, Kind(read_offset, _unless_none(write_decimal, ""))]
"""As `BlankDecimal`; Infinity means *up to the midpoint*."""
Strike = Annotated[Decimal | None, Kind(read_optional_decimal, _unless_none(write_decimal, "0"))]
"""TWS answers 0 where a contract has no strike."""
Minus1 = Annotated[float | None, Kind(read_text, _unless_none(write_float, "-1"))]
"""A model price or volatility; ``None`` (not computed) is written as -1."""
Minus2 = Annotated[float | None, Kind(read_text, _unless_none(write_float, "-2"))]
"""A greek; ``None`` (not computed) is written as -2, for -1 is a possible delta."""
Tags = Annotated[tuple[TagValue, ...], Kind(read_tags, write_tags)]

PLAIN: dict[object, Kind] = {
    str: Kind(read_text, write_text),
    int: Kind(read_int, write_int),
    bool: Kind(read_bool, write_bool),
    Decimal: Kind(read_decimal, write_decimal),
}
"""The kinds of annotations that carry none of their own."""
