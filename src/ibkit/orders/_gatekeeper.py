"""Collects what gates may look at, and asks them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeAlias, final

from ib_async import IB, Contract

from ibkit.errors import IbkitError, PlanError
from ibkit.orders._gates import Gate, GateContext, run_gates
from ibkit.orders._group import OrderGroup
from ibkit.orders._numbers import plain
from ibkit.state import LiveState


class Prices(Protocol):
    """A quote, of which any part may be missing."""

    @property
    def bid(self) -> Decimal | None: ...
    @property
    def ask(self) -> Decimal | None: ...
    @property
    def last(self) -> Decimal | None: ...


AskMarket: TypeAlias = Callable[[Contract], Awaitable[Prices]]
"""Asks for the market of a contract; raises an `IbkitError` where there is none."""


class _Prices(NamedTuple):
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None


@final
class Gatekeeper:
    """Lets a group pass when every gate does."""

    def __init__(
        self, ib: IB, state: LiveState, gates: tuple[Gate, ...], market: AskMarket | None
    ) -> None:
        self._ib, self._state, self._gates, self._market = ib, state, gates, market

    async def pass_async(self, contract: Contract, group: OrderGroup, what: str) -> None:
        """
        Return when every gate lets a group pass.

        Raises `GateRefused`; `PlanError` for closing more than is held; and `NotConnected` or
        `StateUnknown` when that cannot be said.
        """
        wants_market = any(getattr(gate, "needs_market", False) for gate in self._gates)
        prices = await self._prices(contract) if wants_market else self._seen(contract)
        self._state.link.require_up(what)
        context = self._context(contract, group, prices)
        _check_close(context)
        run_gates(self._gates, context)

    async def _prices(self, contract: Contract) -> Prices:
        if self._market is None:
            return self._seen(contract)
        try:
            return await self._market(contract)
        except IbkitError:
            return self._seen(contract)

    def _seen(self, contract: Contract) -> Prices:
        """What ib_async holds of a market that the user follows."""
        ticker = self._ib.ticker(contract)
        if ticker is None:
            return _Prices()
        return _Prices(_price(ticker.bid), _price(ticker.ask), _price(ticker.last))

    def _context(self, contract: Contract, group: OrderGroup, prices: Prices) -> GateContext:
        held = self._state.positions.of(group.account).get(contract.conId)
        return GateContext(
            contract=contract,
            group=group,
            account=group.account,
            position=held.size if held else Decimal(0),
            open_orders=sum(not order.is_done for order in self._state.ledger.all()),
            bid=prices.bid,
            ask=prices.ask,
            last=prices.last,
            now=self._state.link.requests.health.clock(),
        )


def _check_close(context: GateContext) -> None:
    """Refuse to turn a position round that was meant to be closed: it may have changed."""
    group, held = context.group, context.position or Decimal(0)
    if group.form != "close" or context.contract.secType in {"BAG", "CASH"}:
        return
    closes = held if group.side == "SELL" else -held
    if group.size > closes:
        raise PlanError(
            "position", f"{group.side} {plain(group.size)} to close",
            f"the account holds {plain(held)} now; read the position again",
        )  # fmt: skip


def _price(value: float) -> Decimal | None:
    # ib_async writes -1 and NaN where there is no price (traps B25)
    return Decimal(str(value)) if value == value and value > 0 else None  # noqa: PLR0124 - NaN
