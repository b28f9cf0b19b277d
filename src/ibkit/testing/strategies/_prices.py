"""Paths that a price takes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ibkit.errors import PlanError
from ibkit.orders._numbers import number, size as above_zero
from ibkit.products._grid import Price


def price_paths(
    *,
    start: Price = 5000,
    tick: Price = "0.25",
    max_step: int = 8,
    lowest: Price | None = None,
    min_size: int = 1,
    max_size: int = 50,
) -> SearchStrategy[list[Decimal]]:
    """Draw prices one after the other, each some ticks from the last.

    Shrinks to few prices that do not move.

    Args:
        start: The first price.
        tick: The smallest move.
        max_step: How many ticks a price may move at once.
        lowest: Where it stops falling; one tick above zero by default.
        min_size: The fewest prices.
        max_size: The most.

    Raises:
        PlanError: A number that is none, a tick of 0, or a start below the lowest price.

    >>> from hypothesis import find
    >>> find(price_paths(start=100, tick=1), lambda path: min(path) <= 97)
    [Decimal('100'), Decimal('97')]
    """
    first, size = number("start", start), above_zero("tick", tick)
    floor = size if lowest is None else number("lowest", lowest)
    if first < floor:
        raise PlanError("start", start, f"a path does not begin below its lowest price, {floor}")
    steps = st.lists(
        st.integers(-max_step, max_step), min_size=max(min_size, 1) - 1, max_size=max_size - 1
    )
    return steps.map(partial(_path, first, size, floor))


def _path(start: Decimal, tick: Decimal, floor: Decimal, steps: list[int]) -> list[Decimal]:
    def walk() -> Iterator[Decimal]:
        price = start
        yield price
        for step in steps:
            price = max(floor, price + step * tick)
            yield price

    return list(walk())
