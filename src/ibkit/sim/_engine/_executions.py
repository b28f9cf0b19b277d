"""The executions of the day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, final

from ibkit.sim._engine._events import Fill
from ibkit.sim._engine._order import Order


class Execution(NamedTuple):
    """A fill and its order."""

    fill: Fill
    order: Order


@final
class Executions:
    """Fills in the order in which they happened; a corrected one stands in the place of the old."""

    __slots__ = ("_by_id",)

    def __init__(self) -> None:
        self._by_id: dict[str, Execution] = {}

    def add(self, fill: Fill, order: Order) -> None:
        """Remember a fill."""
        self._by_id[_stem(fill.exec_id)] = Execution(fill, order)

    def get(self, exec_id: str) -> Execution:
        """Return an execution by any of its ids. An unknown one raises `KeyError`."""
        return self._by_id[_stem(exec_id)]

    def clear(self) -> None:
        """Forget all."""
        self._by_id.clear()

    def __iter__(self) -> Iterator[Execution]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)


def _stem(exec_id: str) -> str:
    return exec_id.rpartition(".")[0]
