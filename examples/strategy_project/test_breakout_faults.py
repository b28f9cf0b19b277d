"""The same promises, whatever goes wrong in the first minute."""

from __future__ import annotations

import asyncio

from breakout import Breakout
from hypothesis import given, settings
from ib_async import IB, Contract

from ibkit.sim import At, SimGateway
from ibkit.testing import assert_protected, assert_sent_once, plug_in, run_virtual
from ibkit.testing.strategies import contracts, fault_schedules

futures = contracts(["FUT"], roots=["ES", "NQ", "CL"])
faults = fault_schedules(["cut", "lose_connectivity", "farm_down", "double", "delay"])


@settings(max_examples=30, deadline=None)
@given(futures, faults)
def test_bought_at_most_once_and_always_protected(contract: Contract, lines: list[At]) -> None:
    async def story() -> None:
        async with SimGateway(port=None) as gateway:
            ib = plug_in(IB(), gateway)
            await ib.connectAsync()
            gateway.market.quote(contract.conId, bid=999, ask=1000, ask_size=1)
            strategy = Breakout(ib, contract, level=1000, size=2)  # events hold it weakly: keep it
            strategy.start()
            gateway.faults.schedule(lines)
            await asyncio.sleep(30)
            gateway.market.trade(contract.conId, 1001)
            await asyncio.sleep(60)
            assert strategy.entered or lines  # it buys unless something keeps it from it
            assert_sent_once(gateway)
            assert_protected(gateway)
            ib.disconnect()

    run_virtual(story())
