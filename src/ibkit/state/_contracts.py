"""Contracts as they can be ordered: TWS tells those of positions without an exchange."""

from __future__ import annotations

from typing import final

from ib_async import Contract

from ibkit._ib._arguments import con_id_of
from ibkit._ib._link import Link


@final
class Contracts:
    """Asks once for what a conId stands for, and remembers it (traps B17)."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._known: dict[int, Contract] = {}

    def best(self, told: Contract) -> Contract:
        """The contract with its exchange if it was asked for, and otherwise as TWS told it."""
        return self._known.get(told.conId, told)

    async def of_async(self, key: int | Contract) -> Contract:
        """The contract of a conId, with its exchange. Raises as requests do."""
        con_id = con_id_of(key)
        if con_id not in self._known:
            wanted = Contract(conId=con_id)
            details = await self._link.requests.contract_details_async(wanted)
            found = (one.contract for one in details)
            self._known[con_id] = next(contract for contract in found if contract is not None)
        return self._known[con_id]
