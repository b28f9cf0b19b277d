"""The contract of an order: exactly one, with an exchange, that can be traded today."""

from __future__ import annotations

import datetime as dt
from typing import final

from ib_async import Contract, ContractDetails

from ibkit._ib._requests import Requests
from ibkit.errors import (
    AmbiguousContract,
    GatewayError,
    NotTradable,
    PlanError,
    UnknownContract,
)
from ibkit.products._grid import PriceGrid


@final
class Tradables:
    """Resolves contracts for orders and knows their price grids. Asks TWS once for each."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._grids: dict[tuple[int, str], PriceGrid] = {}

    async def resolve_async(self, contract: Contract, today: dt.date) -> tuple[Contract, PriceGrid]:
        """
        The contract as it must be ordered, and its grid.

        Raises `NotTradable`, `UnknownContract`, `AmbiguousContract`, and what requests raise.
        """
        if contract.secType == "CONTFUT":
            raise NotTradable(contract, "it is continuous; resolve it to the front month first")
        if contract.secType == "BAG":
            return contract, self._combo_grid(contract)
        key = (contract.conId, contract.exchange)
        if contract.conId and contract.exchange and key in self._grids:
            return contract, self._grids[key]
        details = await self._details(contract)
        found = details.contract
        assert found is not None
        _check_alive(found, details, today)
        if contract.exchange:
            found.exchange = contract.exchange
        grid = await self._grid(details, found.exchange)
        self._grids[found.conId, found.exchange] = grid
        return found, grid

    async def _details(self, contract: Contract) -> ContractDetails:
        try:
            rows = await self._requests.contract_details_async(contract)
        except GatewayError as error:
            if error.code != 200:
                raise
            raise UnknownContract(contract, error.text) from error
        if not rows:
            raise UnknownContract(contract)
        if len(rows) > 1:
            candidates = [row.contract for row in rows if row.contract is not None]
            raise AmbiguousContract(contract, candidates, "Name its conId, or its month.")
        return rows[0]

    async def _grid(self, details: ContractDetails, exchange: str) -> PriceGrid:
        exchanges = details.validExchanges.split(",")
        rules = details.marketRuleIds.split(",")
        if exchange in exchanges and len(rules) == len(exchanges):
            rule = rules[exchanges.index(exchange)]
            rows = await self._requests.market_rule_async(int(rule))
            return PriceGrid([(row.lowEdge, row.increment) for row in rows])
        return PriceGrid.from_details(details.minTick, details.priceMagnifier)

    def _combo_grid(self, contract: Contract) -> PriceGrid:
        grids = [
            self._grids[leg.conId, leg.exchange]
            for leg in contract.comboLegs
            if (leg.conId, leg.exchange) in self._grids
        ]
        if not grids:
            raise PlanError(
                "contract",
                contract,
                "a combo whose legs were resolved before, so that its price grid is known",
            )
        return grids[0]


def _check_alive(contract: Contract, details: ContractDetails, today: dt.date) -> None:
    text = details.realExpirationDate or contract.lastTradeDateOrContractMonth
    if contract.secType in {"FUT", "OPT", "FOP"} and len(text) == 8:
        last = dt.datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a date
        if last < today:
            raise NotTradable(contract, f"it expired on {last}")
