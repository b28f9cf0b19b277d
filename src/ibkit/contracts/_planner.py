"""Plans of rolls from what the broker shows: positions, orders, executions, markets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import final

from attrs import evolve
from ib_async import Contract, Fill, Position, Trade

from ibkit._ib._arguments import contract_of, text
from ibkit._ib._shared import link_of
from ibkit.errors import IbkitError, PlanError, UnknownContract
from ibkit.products import Product, exact

from ._activity import Activity
from ._ask import product_of
from ._market import TwoSided
from ._plan import RollPlan, plan_roll
from ._ports import PlacesOrders, TellsMarkets
from ._resolver import FuturesResolver
from ._roll_ref import RollTrail
from ._roll_rules import RollRule
from ._shown import Answers, trails


@final
class RollPlanner:
    """Asks what a plan needs, and makes it."""

    def __init__(
        self,
        resolver: FuturesResolver,
        orders: PlacesOrders,
        streams: TellsMarkets | None,
        rules: Mapping[str, RollRule],
    ) -> None:
        self._resolver, self._orders, self._streams = resolver, orders, streams
        self._requests, self._rules = resolver.requests, rules

    async def futures_async(self, root: str = "") -> list[Position]:
        """The positions in futures that the table knows, in all accounts; of one product only."""
        wanted = self._resolver.products.find(root).root if text(root, "root") else ""
        held = [each for each in await self._requests.positions_async() if each.position]
        known = ((each, self._product_or_none(each.contract)) for each in held)
        return [each for each, one in known if one is not None and wanted in {"", one.root}]

    async def position_async(self, contract: Contract, account: str = "") -> Position:
        """What one account holds of a contract; 0 if it is nothing."""
        contract_of(contract)
        if not contract.conId or contract.secType == "CONTFUT":
            contract = (await self._resolver.resolve_async(contract)).contract
        held = [
            each
            for each in await self._requests.positions_async()
            if each.contract.conId == contract.conId and account in {"", each.account}
        ]
        accounts = sorted({each.account for each in held if each.position})
        if len(accounts) > 1:
            raise PlanError("account", account, f"one of {', '.join(accounts)}, which all hold it")
        found = next((each for each in held if each.position), held[0] if held else None)
        if found is None:
            managed = self._requests.ib.managedAccounts()
            if account and account not in managed:
                raise PlanError("account", account, f"one of {', '.join(managed)}")
            contract = (await self._resolver.resolve_async(contract)).contract
            return Position(account, contract, 0.0, 0.0)
        return found

    async def trails_async(self) -> list[tuple[str, RollTrail]]:
        """Every roll that left something to be seen today, with its account."""
        orders, fills = (
            await self._orders.all_orders_async(),
            await self._requests.executions_async(),
        )
        accounts = {each.order.account for each in orders}
        accounts |= {each.execution.acctNumber for each in fills}
        return [
            (account, trail)
            for account in sorted(accounts - {""})
            for trail in trails(answers_of(account, orders, fills, ()))
        ]

    async def plan_async(
        self,
        position: Position,
        *,
        rule: RollRule | None = None,
        early: bool = False,
        activity: Activity | None = None,
    ) -> RollPlan | None:
        """The plan for a position, with markets and price steps."""
        product = self._product(position.contract)
        chain = await self._resolver.chain_async(product.root)
        orders = await self._orders.all_orders_async()
        fills = await self._requests.executions_async()
        answers = answers_of(position.account, orders, fills, (position,))
        draft = partial(
            plan_roll,
            position,
            chain,
            today=self._resolver.today(product),
            rule=rule or self._rules.get(product.root),
            working=answers.working,
            client_id=link_of(self._requests.ib).address.client_id,
            activity=activity,
            early=early,
        )
        begun = next(
            (each for each in trails(answers) if each.old == position.contract.conId), None
        )
        rough = draft(trail=begun)
        if rough is None:
            return None
        return draft(
            trail=begun or await self._new_trail(rough),
            quotes=await self._snapshot(rough),
            grid=await self._resolver.price_grid_async(rough.new.con_id),
            streams=self._streams.names_on(rough.old.con_id) if self._streams else (),
        )

    async def _new_trail(self, rough: RollPlan) -> RollTrail:
        """What is in the new month already is not of this roll."""
        there = await self.position_async(rough.new.contract, rough.account)
        return evolve(rough.trail, before=exact(there.position))

    async def _snapshot(self, rough: RollPlan) -> Mapping[int, TwoSided]:
        """The markets of both months, as far as they can be had."""
        if self._streams is None:
            return {}
        months = (rough.old.contract, rough.new.contract)
        found = await self._streams.snapshot_async(*months, return_errors=True)
        return {k: v for k, v in found.items() if not isinstance(v, IbkitError)}

    def _product(self, contract: Contract) -> Product:
        found = self._product_or_none(contract)
        if found is None:
            raise UnknownContract(contract, "it is no future of the table of products")
        return found

    def _product_or_none(self, contract: Contract) -> Product | None:
        if contract.secType != "FUT":
            return None
        return product_of(contract, self._resolver.products)


def answers_of(
    account: str, orders: Iterable[Trade], fills: Sequence[Fill], positions: Sequence[Position]
) -> Answers:
    """Put what was asked into one value."""
    known = list(orders)
    return Answers(
        account=account,
        positions=positions,
        working=[each for each in known if not each.isDone()],
        done=[each for each in known if each.isDone()],
        fills=fills,
    )
