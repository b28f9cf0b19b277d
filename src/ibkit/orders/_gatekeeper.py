"""Collects what gates may look at, and asks them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, final

import attrs
from ib_async import IB, Contract

from ibkit.errors import IbkitError, PlanError
from ibkit.orders._book import book_of
from ibkit.orders._gates import Gate, GateContext, run_gates
from ibkit.orders._group import OrderGroup
from ibkit.orders._numbers import plain
from ibkit.orders._planned import EXITS, PlannedOrder
from ibkit.orders._types import read_leg
from ibkit.products._grid import exact
from ibkit.state import LiveState

if TYPE_CHECKING:
    from ibkit.orders._live_group import GroupTrade
    from ibkit.orders._observe import Track


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
        prices = await self._market_of(contract)
        self._state.link.require_up(what)
        context = attrs.evolve(self._context(group, contract), **prices._asdict())
        _check_close(context)
        run_gates(self._gates, context)

    async def pass_change_async(
        self, trade: GroupTrade, change: Callable[[PlannedOrder], PlannedOrder], what: str
    ) -> None:
        """
        Return when every gate lets *change* be made of the orders of a live group.

        They are asked where it may open more than before. Raises as `pass_async`.
        """
        self._state.link.require_up(what)
        before = as_it_is(trade)
        group = attrs.evolve(before, legs=[change(order) for order in before.legs])
        context = attrs.evolve(
            self._context(group, trade.contract), before=before, filled=_filled(trade)
        )
        if context.grows:
            _check_close(context)
        if context.only_closes or not (context.grows or _reprices(before, group)):
            return
        prices = await self._market_of(trade.contract)
        self._state.link.require_up(what)
        run_gates(self._gates, attrs.evolve(context, **prices._asdict()))

    async def _market_of(self, contract: Contract) -> _Prices:
        wants_market = any(getattr(gate, "needs_market", False) for gate in self._gates)
        prices = await self._prices(contract) if wants_market else self._seen(contract)
        return _Prices(prices.bid, prices.ask, prices.last)

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

    def _context(self, group: OrderGroup, contract: Contract) -> GateContext:
        held = self._state.positions.of(group.account).get(contract.conId)
        return GateContext(
            contract=contract,
            group=group,
            account=group.account,
            position=held.size if held else Decimal(0),
            open_orders=sum(not order.is_done for order in self._state.ledger.all()),
            now=self._state.link.requests.health.clock(),
        )


def _check_close(context: GateContext) -> None:
    """Refuse to turn a position round that was meant to be closed: it may have changed."""
    group, held = context.group, context.position or Decimal(0)
    if group.form != "close" or context.contract.secType in {"BAG", "CASH"}:
        return
    closes = held if group.side == "SELL" else -held
    size = group.size - sum(context.filled.values(), Decimal(0))
    if size > closes:
        raise PlanError(
            "position", f"{group.side} {plain(size)} to close",
            f"the account holds {plain(held)} now; read the position again",
        )  # fmt: skip


def as_it_is(trade: GroupTrade) -> OrderGroup:
    """A group with the sizes and prices that its orders have now, or may have in a moment."""
    tracks = book_of(trade).tracks
    legs = (_as_it_is(order, tracks[order.role]) for order in trade.group.legs)
    return attrs.evolve(trade.group, legs=[leg for leg in legs if leg is not None], partial=True)


def _as_it_is(planned: PlannedOrder, track: Track) -> PlannedOrder | None:
    """One order of it; none where it ended without a fill."""
    order = track.latest
    if order is not None and not order.is_done:
        sizes = [order.size, *([exact(order.wanted.totalQuantity)] if order.wanted else ())]
        return attrs.evolve(planned, size=max(sizes), leg=read_leg(order.order))
    if track.filled:
        return attrs.evolve(planned, size=track.filled)
    return planned if order is None else None


def _filled(trade: GroupTrade) -> dict[str, Decimal]:
    return {role: track.filled for role, track in book_of(trade).tracks.items()}


def _reprices(before: OrderGroup, after: OrderGroup) -> bool:
    """Whether an order that is no exit gets other prices."""
    pairs = zip(before.legs, after.legs, strict=True)
    return any(now.kind not in EXITS and now.leg != was.leg for was, now in pairs)


def _price(value: float) -> Decimal | None:
    # ib_async writes -1 and NaN where there is no price (traps B25)
    return Decimal(str(value)) if value == value and value > 0 else None  # noqa: PLR0124 - NaN
