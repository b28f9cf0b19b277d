"""Values of options: what argparse calls their types."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TypeVar

T = TypeVar("T", int, float, Decimal)


def port(text: str) -> int:
    """The port of something that listens."""
    return _read(int, text, lambda number: 1 <= number <= 65535, "a port: 1 to 65535")


def own_port(text: str) -> int:
    """The port to listen on."""
    wanted = "a port: 1 to 65535, or 0 for a free one"
    return _read(int, text, lambda number: 0 <= number <= 65535, wanted)


def count(text: str) -> int:
    """So many, or none."""
    return _read(int, text, lambda number: number >= 0, "a whole number of at least 0")


def seconds(text: str) -> float:
    """A length of time."""
    return _read(float, text, lambda number: 0 < number < float("inf"), "seconds above 0")


def price(text: str) -> Decimal:
    """A price; that of a spread may be below 0."""
    return _read(Decimal, text, Decimal.is_finite, "a price")


def _read(kind: Callable[[str], T], text: str, fits: Callable[[T], bool], wanted: str) -> T:
    try:
        if fits(value := kind(text)):
            return value
    except (ValueError, InvalidOperation):
        pass
    raise ArgumentTypeError(f"got {text!r}; wanted {wanted}")
