"""Ids: of orders per client, of orders per account, of executions (gateway-behaviour 1.1, 1.4)."""

from __future__ import annotations

from typing import final

FIRST_PERM_ID = 1_957_000_001
"""API orders have nine or ten digits and fit into 32 bits."""
EXEC_SERVER = "0000e1a7"
FIRST_EXECUTION = 0x69E23A2F


@final
class Identities:
    """Counters. The same commands give the same ids."""

    __slots__ = ("_executions", "_highest", "_lowest_bound", "_perm_ids")

    def __init__(self) -> None:
        self._highest: dict[int, int] = {}
        self._lowest_bound = 0
        self._perm_ids = FIRST_PERM_ID - 1
        self._executions = FIRST_EXECUTION - 1

    def highest(self, client_id: int) -> int:
        """Return the highest order id that a client has used."""
        return self._highest.get(client_id, 0)

    def use(self, client_id: int, order_id: int) -> None:
        """Remember that a client has used an id."""
        if order_id > self.highest(client_id):
            self._highest[client_id] = order_id

    def roll_back(self, count: int) -> None:
        """Forget the last *count* ids of every client, as a restart may."""
        self._highest = {
            client_id: max(0, highest - count) for client_id, highest in self._highest.items()
        }

    def bound_id(self) -> int:
        """Return the next id of a bound manual order: they are negative."""
        self._lowest_bound -= 1
        return self._lowest_bound

    def perm_id(self) -> int:
        """Return the next perm id."""
        self._perm_ids += 1
        return self._perm_ids

    def execution(self) -> str:
        """Return the stem of the next execution id; see `exec_id`."""
        self._executions += 1
        return f"{EXEC_SERVER}.{self._executions:08x}"


def exec_id(stem: str, *, leg: int | None = None) -> str:
    """Return the id of a new execution: four groups, five for the leg of a combo.

    >>> exec_id("0000e1a7.69e23a2f"), exec_id("0000e1a7.69e23a2f", leg=0)
    ('0000e1a7.69e23a2f.01.01', '0000e1a7.69e23a2f.02.01.01')
    """
    return f"{stem}.01.01" if leg is None else f"{stem}.{leg + 2:02x}.01.01"


def corrected(exec_id: str) -> str:
    """Return the id of the next correction of an execution.

    >>> corrected("0000e1a7.69e23a2f.01.01")
    '0000e1a7.69e23a2f.01.02'
    """
    stem, _, number = exec_id.rpartition(".")
    return f"{stem}.{int(number) + 1:02d}"
