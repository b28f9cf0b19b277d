"""The recipes of the guides for linked orders on bare ib_async, played as the order desk is.

Each recipe is the code that its guide shows; only `orderRef` is added, so that the broker's orders
can be told apart. A program that runs one connects again after a cut, and knows nothing of what it
did before it was restarted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from ib_async import IB, Contract, LimitOrder, MarketOrder, StopOrder, Trade

from ibkit.orders import GroupStatus, Limit, Market, OrderGroup, Target, bracket, bracket_from_fill
from ibkit.testing import plug_in
from order_schedules import CLIENT, Player
from sim_client import future

OTHER = {"BUY": "SELL", "SELL": "BUY"}


def bracket_order(ib: IB, contract: Contract, side: str, size: int) -> None:
    """`IB.bracketOrder`, placed as its documentation says."""
    up = 1 if side == "BUY" else -1
    orders = ib.bracketOrder(side, size, 5000 + 2 * up, 5000 + 5 * up, 5000 - 7 * up)
    for order, role in zip(orders, ("e", "t1", "s1"), strict=True):
        order.orderRef = f"ik/g0:{role}"
        ib.placeOrder(contract, order)


def two_targets(ib: IB, contract: Contract, side: str, size: int) -> None:
    """One entry, half of it to a near target, the rest to a far one, and one stop for all."""
    up, out = (1, OTHER[side]) if side == "BUY" else (-1, OTHER[side])
    entry = LimitOrder(side, size, 5000 + 2 * up, orderId=ib.client.getReqId(), transmit=False)
    near = LimitOrder(out, size // 2, 5000 + 5 * up, parentId=entry.orderId, transmit=False)
    far = LimitOrder(out, size - size // 2, 5000 + 9 * up, parentId=entry.orderId, transmit=False)
    stop = StopOrder(out, size, 5000 - 7 * up, parentId=entry.orderId, transmit=True)
    for order, role in zip((entry, near, far, stop), ("e", "t1", "t2", "s1"), strict=True):
        order.orderRef = f"ik/g0:{role}"
        ib.placeOrder(contract, order)


def exits_when_filled(ib: IB, contract: Contract, side: str, size: int) -> None:
    """Place the entry; when it has filled, an OCA pair at distances from the average price."""
    up = 1 if side == "BUY" else -1

    def filled(trade: Trade) -> None:
        price = trade.orderStatus.avgFillPrice
        target = LimitOrder(OTHER[side], size, price + 5 * up, orderRef="ik/g0:t1")
        stop = StopOrder(OTHER[side], size, price - 7 * up, orderRef="ik/g0:s1")
        for order in ib.oneCancelsAll([target, stop], f"exits of {trade.order.permId}", 2):
            ib.placeOrder(contract, order)

    entry = MarketOrder(side, size, orderRef="ik/g0:e")
    ib.placeOrder(contract, entry).filledEvent += filled


class Recipe(NamedTuple):
    """A recipe, and the plan that it means."""

    place: Callable[[IB, Contract, str, int], None]
    plan: Callable[[str, int], OrderGroup]
    smallest: int = 1


def _two(side: str, size: int) -> list[Target]:
    up = 1 if side == "BUY" else -1
    return [Target(size // 2, 5000 + 5 * up), Target(size - size // 2, 5000 + 9 * up)]


def _bracket(side: str, size: int, **more: object) -> OrderGroup:
    up = 1 if side == "BUY" else -1
    exits: dict[str, object] = {"take_profit": 5000 + 5 * up, **more}
    return bracket(side, size, entry=Limit(5000 + 2 * up), stop=5000 - 7 * up, **exits)


RECIPES: dict[str, Recipe] = {
    "bracketOrder": Recipe(bracket_order, _bracket),
    "two targets, one stop": Recipe(
        two_targets,
        lambda side, size: _bracket(
            side, size, take_profit=None, targets=_two(side, size), slices="attached"
        ),
        smallest=2,
    ),
    "exits when filled": Recipe(
        exits_when_filled,
        lambda side, size: bracket_from_fill(
            side,
            size,
            entry=Market(),
            take_profit=5000 + (9 if side == "BUY" else -9),
            stop=5000 - (9 if side == "BUY" else -9),
        ),
    ),
}


class RecipePlayer(Player):
    """Plays a schedule around a recipe, and judges it by what the broker has."""

    def __init__(self, name: str, seed: int, *, luck: bool = True) -> None:
        super().__init__(seed, luck=luck)
        self.recipe = RECIPES[name]

    async def _connect(self) -> None:
        self.ib = plug_in(IB(), self.gateway)
        await self.ib.connectAsync(clientId=CLIENT)

    async def _leave(self) -> list[str]:
        self.ib.disconnect()
        await asyncio.sleep(0.01)
        return []

    async def _reconnect(self) -> None:
        while not self.ib.isConnected():
            self.note("reconnect")
            try:
                await self.ib.connectAsync(clientId=CLIENT)
            except (ConnectionError, asyncio.TimeoutError):
                await asyncio.sleep(1)

    async def _comes_back(self) -> bool:
        try:
            await self._connect()
        except (ConnectionError, asyncio.TimeoutError):
            return False
        return True

    def _place(self) -> None:
        if self.groups:
            return
        side = self.draw.choice(["BUY", "SELL"])
        size = self.draw.randint(self.recipe.smallest, 5)
        self.note(f"{self.recipe.place.__name__} {side} {size}")
        self.groups["g0"] = self.recipe.plan(side, size).evolve(group_id="g0")
        self.sizes["g0"] = Decimal(size)
        self.recipe.place(self.ib, future(self.gateway), side, size)

    def _verb(self) -> None:
        """The guides show none."""

    def _wrong_now(self) -> Iterator[str]:
        for case in self._cases():
            yield from case.wrong_now()

    def _wrong_at_rest(self) -> Iterator[str]:
        for case in self._cases():
            yield from case.wrong_at_broker(GroupStatus.WORKING, case.shown)

    async def _restart_and_compare(self) -> list[str]:
        self.note("restart the client")
        await self._restart()
        return []

    async def _end(self) -> list[str]:
        far = 5000 + self.draw.choice([-40, 40])
        self.note(f"the market ends at {far}")
        self._quote(Decimal(far))
        self.gateway.market.trade(self.name, far, size=50)
        return await self._settle()
