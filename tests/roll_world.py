"""A desk at a simulated gateway on the roll day of ESH6, and what the broker has of a roll."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, NamedTuple

from ib_async import IB, Contract

from ibkit.contracts._roll_ref import roll_ref_of
from ibkit.desk import Desk, open_desk
from ibkit.orders import Limit, Market, Target, bracket
from ibkit.sim import SimGateway
from ibkit.testing import VirtualLoop, plug_in, run_virtual
from sim_client import future

ROLL_DAY = dt.datetime(2026, 3, 13, 15, 0, tzinfo=dt.timezone.utc)
"""A Friday, 10:00 in Chicago in winter time: the first day on which ESM6 is the front."""
ACCOUNT = "DU1000001"
OLD, NEW = "ESH6", "ESM6"


class World(NamedTuple):
    """A gateway and the two months."""

    gateway: SimGateway
    old: Contract
    new: Contract

    def held(self) -> tuple[int, int]:
        """The positions in both months."""
        held = self.gateway.truth.positions
        return tuple(int(held.get((ACCOUNT, each.conId), 0)) for each in (self.old, self.new))

    def orders(self, month: Contract, *types: str) -> list[Any]:
        """The live exits on a month, whether they can execute or wait for their parent."""
        return [
            each
            for each in self.gateway.truth.orders
            if each.con_id == month.conId
            and roll_ref_of(each.terms.order_ref) is None
            and (not types or each.terms.order_type in types)
        ]

    def stops(self, month: Contract) -> int:
        """How much the stops on a month close, those that wait for their parent aside."""
        working = [o for o in self.orders(month, "STP") if not _waits(self.gateway, o)]
        return sum(int(o.terms.quantity - o.filled) for o in working)

    def rolls(self) -> list[Any]:
        """The live orders of rolls."""
        return [o for o in self.gateway.truth.orders if roll_ref_of(o.terms.order_ref)]

    def market(self, old: float, new: float, size: int = 50) -> None:
        """Quote both months a tick wide."""
        for name, bid in ((OLD, old), (NEW, new)):
            self.gateway.market.quote(name, bid=bid, ask=bid + 0.25, bid_size=size, ask_size=size)


def _waits(gateway: SimGateway, order: Any) -> bool:
    parent = next(
        (o for o in gateway.truth.orders if o.key.order_id == order.terms.parent_id), None
    )
    return parent is not None and not parent.filled


@asynccontextmanager
async def world(**options: Any) -> AsyncIterator[World]:
    """A gateway where ESM6 is 50 points above ESH6."""
    async with SimGateway(port=None, seed=7, **options) as gateway:
        made = World(gateway, future(gateway, OLD), future(gateway, NEW))
        made.market(5000, 5050)
        yield made


def desk_at(there: World, client_id: int = 1, **options: Any) -> Desk:
    """A desk that has yet to be entered."""
    return open_desk(ib=plug_in(IB(), there.gateway), client_id=client_id, **options)


async def long_three(desk: Desk, there: World, **options: Any) -> Any:
    """Three contracts with three targets and stops, filled."""
    options = {
        "targets": [Target(1, 5010 + 10 * n) for n in range(3)], "stop": 4980, **options,
    }  # fmt: skip
    group = bracket("BUY", 3, entry=Limit(5000.25), **options)
    trade = await desk.orders.place_async(there.old, group)
    await trade.entered_async(timeout=5)
    return trade


async def short_two(desk: Desk, there: World) -> Any:
    """Two contracts short with one target and one stop, filled."""
    group = bracket("SELL", 2, entry=Market(), take_profit=4980, stop=5020)
    trade = await desk.orders.place_async(there.old, group)
    await trade.entered_async(timeout=5)
    return trade


def rolling(
    test: Callable[[World, Desk], Coroutine[Any, Any, Any]],
    *,
    start: dt.datetime = ROLL_DAY,
    client_id: int = 1,
    world_options: dict[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Run *test* on the roll day."""

    async def main() -> Any:
        async with (
            world(**world_options or {}) as there,
            desk_at(there, client_id, **options) as desk,
        ):
            result = await test(there, desk)
            assert desk.health.handler_errors == 0, desk.health
            return result

    return run_virtual(main(), loop=VirtualLoop(start=start))


# --- a client that dies -------------------------------------------------------------


class Dying:
    """Lets a client die at one of the orders and cancels that it sends."""

    def __init__(self, desk: Desk, gateway: SimGateway, at: int, *, after: bool) -> None:
        self.died = asyncio.Event()
        self.count = 0
        self._gateway, self._at, self._after = gateway, at, after
        for name in ("placeOrder", "cancelOrder"):
            setattr(desk.ib.client, name, self._counted(getattr(desk.ib.client, name)))

    def _counted(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*what: Any) -> Any:
            if self.died.is_set():
                return None
            self.count += 1
            if self.count != self._at:
                return send(*what)
            if self._after:
                send(*what)
            self.died.set()
            return None

        return counted


async def until_death(work: Coroutine[Any, Any, Any], dying: Dying) -> Any:
    """What *work* returns; None if its client died before."""
    task = asyncio.ensure_future(work)
    death = asyncio.ensure_future(dying.died.wait())
    await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
        return None
    death.cancel()
    return task.result()


def exact(value: Any) -> Decimal:
    return Decimal(str(value))
