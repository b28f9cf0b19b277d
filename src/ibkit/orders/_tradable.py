"""The contract of an order: exactly one, with an exchange, that can be traded today."""

from __future__ import annotations

import datetime as dt
from typing import final

from attrs import frozen
from ib_async import Contract, ContractDetails, Order

from ibkit._ib._arguments import contract_of
from ibkit._ib._requests import Requests
from ibkit.errors import (
    AmbiguousContract,
    GatewayError,
    NotTradable,
    PlanError,
    UnknownContract,
)
from ibkit.orders._tif import read_time
from ibkit.orders._trading_day import day_end
from ibkit.products._grid import PriceGrid

_FRESH = dt.timedelta(hours=12)
"""For how long trading hours are believed: IB lists those of a few days."""
_FINDS = "desk.contracts.resolve_async finds it, also at an exchange that IB has renamed"


@frozen
class Tradable:
    """A contract as it must be ordered."""

    contract: Contract
    grid: PriceGrid
    last_day: dt.date | None = None
    hours: str = ""
    zone: str = ""
    asked: dt.datetime | None = None

    def end_of(self, order: Order, now: dt.datetime) -> dt.datetime | None:
        """When the time in force of an order that works now ends; ``None``: not, or not known."""
        if order.tif == "GTD":
            return read_time(order.goodTillDate)
        return day_end(self.hours, self.zone, now) if order.tif == "DAY" else None


@final
class Tradables:
    """Resolves contracts for orders and knows their price grids. Asks TWS once for each."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._known: dict[tuple[int, str], Tradable] = {}

    async def resolve_async(self, contract: Contract, now: dt.datetime) -> Tradable:
        """
        The contract as it must be ordered, and its grid.

        Raises `NotTradable`, `UnknownContract`, `AmbiguousContract`, and what requests raise.
        """
        contract_of(contract)
        if contract.secType == "CONTFUT":
            raise NotTradable(contract, "it is continuous; resolve it to the front month first")
        if contract.secType == "BAG":
            return await self._combo(contract, now)
        known = self._known.get((contract.conId, contract.exchange))
        if not (known and known.asked and now - known.asked < _FRESH):
            known = await self._ask(contract, now)
        if known.last_day is not None and known.last_day < now.date():
            raise NotTradable(contract, f"it expired on {known.last_day}")
        return known

    async def _ask(self, contract: Contract, now: dt.datetime) -> Tradable:
        details = await self._details(contract)
        found = details.contract
        assert found is not None
        if found.secType == "IND":
            raise NotTradable(found, "nobody trades an index; order a future or a fund on it")
        found.exchange = contract.exchange or found.exchange
        if not found.exchange:
            raise NotTradable(contract, "it has no exchange; name one of its valid exchanges")
        known = Tradable(
            found,
            await self._grid(details, found.exchange),
            _last_day(found, details),
            details.tradingHours,
            details.timeZoneId,
            now,
        )
        self._known[found.conId, found.exchange] = known
        return known

    async def _details(self, contract: Contract) -> ContractDetails:
        try:
            rows = await self._requests.contract_details_async(contract)
        except GatewayError as error:
            if error.code != 200:
                raise
            raise UnknownContract(contract, f"{error.text}; {_FINDS}") from error
        if not rows:
            raise UnknownContract(contract)
        if len(rows) > 1:
            candidates = [row.contract for row in rows if row.contract is not None]
            raise AmbiguousContract(contract, candidates, "Name its conId, or its month.")
        return rows[0]

    async def _grid(self, details: ContractDetails, exchange: str) -> PriceGrid:
        exchanges = details.validExchanges.split(",")
        rules = details.marketRuleIds.split(",")
        rule = dict(zip(exchanges, rules, strict=False)).get(exchange, "")
        if len(rules) == len(exchanges) and rule.isdecimal():
            rows = await self._requests.market_rule_async(int(rule))
            return PriceGrid([(row.lowEdge, row.increment) for row in rows])
        return PriceGrid.from_details(details.minTick, details.priceMagnifier)

    async def _combo(self, contract: Contract, now: dt.datetime) -> Tradable:
        """
        A combo is ordered on the grid of its first leg.

        IB tells no grid for combos, and theirs may be another (gateway-behaviour 1.12).
        """
        if not contract.comboLegs or not contract.exchange:
            raise PlanError("contract", contract, "a combo with legs and an exchange")
        leg = contract.comboLegs[0]
        first = await self.resolve_async(Contract(conId=leg.conId, exchange=leg.exchange), now)
        return Tradable(contract, first.grid, first.last_day, first.hours, first.zone, now)


def _last_day(contract: Contract, details: ContractDetails) -> dt.date | None:
    text = details.realExpirationDate or contract.lastTradeDateOrContractMonth
    if contract.secType in {"FUT", "OPT", "FOP"} and len(text) == 8:
        return dt.datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a date
    return None
