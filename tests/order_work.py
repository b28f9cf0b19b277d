"""An order desk at work on a simulated gateway, in virtual time."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from ib_async import IB

from ibkit.desk import Desk, open_desk
from ibkit.orders import Limit, OrderGroup, bracket
from ibkit.sim import OrderView, Scenario, SimGateway
from ibkit.testing import VirtualLoop, plug_in, run_virtual
from sim_client import MONDAY, client


def run(
    test: Callable[[SimGateway, Desk], Awaitable[Any]],
    *,
    scenario: Scenario | None = None,
    start: dt.datetime = MONDAY,
    **options: Any,
) -> Any:
    """Run a coroutine function on a gateway with a market in ES, and a desk."""

    async def main() -> Any:
        async with SimGateway(port=None, seed=7, start=start, scenario=scenario) as gateway:
            gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
            async with open_desk(ib=plug_in(IB(), gateway), client_id=3, **options) as desk:
                return await test(gateway, desk)

    return run_virtual(main(), loop=VirtualLoop(start=start))


def long_bracket(size: int = 1, **more: Any) -> OrderGroup:
    """A bracket that fills at once."""
    values: dict[str, Any] = {"entry": Limit(5000.25), "take_profit": 5010, "stop": 4990}
    return bracket("BUY", size, **{**values, **more})


def order(gateway: SimGateway, role: str) -> OrderView:
    """The live order of a role at the broker; the latest, where it was sent again."""
    letter = {"entry": "e", "target": "t", "stop": "s", "guard": "g", "close": "c"}
    kind, _, number = role.partition("-")
    wanted = f":{letter[kind]}{number}:"
    found = [one for one in gateway.truth.orders if wanted in one.terms.order_ref]
    assert found, f"no live {role}: {live(gateway)}"
    return found[-1]


def live(gateway: SimGateway) -> list[str]:
    """What lives at the broker: type, side, what remains, price."""
    return [line(one) for one in gateway.truth.orders]


def line(one: OrderView) -> str:
    """One order in short."""
    terms = one.terms
    price = terms.aux_price if terms.limit_price is None else terms.limit_price
    at = "" if price is None else f" {price.normalize():f}"
    return f"{terms.order_type} {terms.action} {one.remaining.normalize():f}{at}"


def held(gateway: SimGateway) -> int:
    """The position in ES."""
    return int(sum(gateway.truth.positions.values()))


@asynccontextmanager
async def another(gateway: SimGateway, client_id: int) -> AsyncIterator[IB]:
    """A second client, without a desk."""
    async with client(gateway, client_id) as ib:
        yield ib


@asynccontextmanager
async def second_desk(gateway: SimGateway, first: Desk) -> AsyncIterator[Desk]:
    """The desk of a program that was started anew, with the client id of the first."""
    first.close()
    await asyncio.sleep(1)
    desk = open_desk(ib=plug_in(IB(), gateway), client_id=3)
    await desk.link.open_async()
    try:
        yield desk
    finally:
        desk.close()


async def settle(seconds: float = 8) -> None:
    """Let messages arrive and the desk do its part."""
    await asyncio.sleep(seconds)
