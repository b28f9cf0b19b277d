"""What orders cost: the engine alone, a round trip, a whole scenario, an idle hour."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal

from ib_async import IB, Contract, MarketOrder
from report import Row, write

from ibkit.sim import Scenario, SimGateway
from ibkit.sim._engine import Broker, Cancel, OrderKey, OrderTerms, Place
from ibkit.sim._market import Market, Quote
from ibkit.sim._transport import Connection, Server
from ibkit.testing import plug_in, run_virtual

MONDAY = dt.datetime(2026, 3, 2, 15, tzinfo=dt.timezone.utc)
REPEATS = 15
ORDERS = 2_000


def engine_events() -> float:
    """Return order events per second of CPU: orders placed, filled, cancelled; no clients."""
    market = Market(Scenario(), 1)
    broker = Broker(Scenario(), market.instrument, increment=market.increment)
    es = market.named("ES", MONDAY)
    low, high = Decimal(4000), Decimal(6000)
    broker.tick(Quote(es.con_id, MONDAY, Decimal(5000), high, Decimal("5000.25"), high), MONDAY)
    events, now = 0, MONDAY
    began = time.process_time()
    for number in range(1, ORDERS + 1):
        now += dt.timedelta(milliseconds=1)
        resting, filling = OrderKey(1, 2 * number), OrderKey(1, 2 * number + 1)
        side = "BUY" if number % 2 else "SELL"
        limit = low if number % 2 else high
        for key, kind, price in ((resting, "LMT", limit), (filling, "MKT", None)):
            terms = OrderTerms(
                action=side, quantity=Decimal(1), order_type=kind, limit_price=price, tif="GTC"
            )
            command = Place(key=key, con_id=es.con_id, exchange="CME", terms=terms)
            events += len(broker.apply(command, now))
        events += len(broker.apply(Cancel(key=resting, by=1), now))
    return events / (time.process_time() - began)


class Meter:
    """Adds up the time that the simulator has the processor, inside of one process."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0

    def around(self, owner: type, name: str) -> None:
        method: Callable[..., object] = getattr(owner, name)

        def measured(*args: object) -> object:
            self._depth += 1
            began = time.process_time()
            try:
                return method(*args)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.seconds += time.process_time() - began

        setattr(owner, name, measured)


async def round_trips(count: int) -> None:
    async with SimGateway(port=None, start=MONDAY) as gateway:
        gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=10**6, ask_size=10**6)
        ib = plug_in(IB(), gateway)
        await ib.connectAsync(clientId=1)
        ib.client.MaxRequests = 0
        gateway.faults.switch(limits=gateway.scenario.limits.__class__(messages_per_second=10**6))
        contract = contract_of(gateway)
        for number in range(count):
            trade = ib.placeOrder(contract, MarketOrder("SELL" if number % 2 else "BUY", 1))
            while not trade.isDone():  # noqa: ASYNC110  # the client has no other word for it
                await asyncio.sleep(0)
        ib.disconnect()
        await asyncio.sleep(0)


def contract_of(gateway: SimGateway) -> Contract:
    instrument = gateway.market.instrument("ES")
    return Contract(
        secType="FUT", conId=instrument.con_id, symbol="ES", exchange="CME", currency="USD"
    )


def share_of_the_simulator() -> float:
    meter = Meter()
    originals = {
        (Connection, "data_received"): Connection.data_received,
        (Server, "wake"): Server.wake,
    }
    for owner, name in originals:
        meter.around(owner, name)
    try:
        began = time.process_time()
        run_virtual(round_trips(300))
        return meter.seconds / (time.process_time() - began)
    finally:
        for (owner, name), method in originals.items():
            setattr(owner, name, method)


async def scenario() -> None:
    """A new gateway, a connect in memory, a bracket, fills, a disconnect."""
    async with SimGateway(port=None, start=MONDAY) as gateway:
        gateway.market.quote("ES", bid=5000, ask=5000.25)
        ib = plug_in(IB(), gateway)
        await ib.connectAsync(clientId=1)
        contract = contract_of(gateway)
        trades = [
            ib.placeOrder(contract, order) for order in ib.bracketOrder("BUY", 1, 5001, 5010, 4990)
        ]
        await asyncio.sleep(0.1)
        gateway.market.quote("ES", bid=5010, ask=5010.25)
        await asyncio.sleep(0.1)
        assert [t.orderStatus.status for t in trades] == ["Filled", "Filled", "Cancelled"]
        ib.disconnect()
        await asyncio.sleep(0)


async def connect_only() -> None:
    async with SimGateway(port=None, start=MONDAY) as gateway:
        ib = plug_in(IB(), gateway)
        await ib.connectAsync(clientId=1)
        ib.disconnect()
        await asyncio.sleep(0)


async def hour() -> None:
    async with SimGateway(port=None, start=MONDAY) as gateway:
        ib = plug_in(IB(), gateway)
        await ib.connectAsync(clientId=1)
        await asyncio.sleep(3600)
        ib.disconnect()
        await asyncio.sleep(0)


def milliseconds(program: Callable[[], Awaitable[None]]) -> float:
    gc.collect()
    began = time.process_time()
    run_virtual(program())
    return (time.process_time() - began) * 1e3


def median(measure: Callable[[], float], repeats: int = REPEATS) -> tuple[float, float, float]:
    measure()
    found = sorted(measure() for _ in range(repeats))
    return statistics.median(found), found[0], found[-1]


def main() -> None:
    events = median(engine_events, 5)
    share = median(share_of_the_simulator, 5)
    whole = median(lambda: milliseconds(scenario))
    idle = median(lambda: milliseconds(hour))
    idle_part = median(lambda: milliseconds(connect_only))
    write(
        "orders",
        [
            Row("order events per second of CPU, engine alone", *events, "at least 20,000"),
            Row("share of the simulator in a place-and-fill round trip", *share, "below 0.5"),
            Row("a whole scenario, in ms of CPU", *whole, "at most 10"),
            Row("an hour with an idle client, in ms of CPU", *idle, "at most 50"),
            Row("the connect in that, in ms of CPU", *idle_part, ""),
        ],
    )


if __name__ == "__main__":
    main()
