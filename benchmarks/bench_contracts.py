"""What contracts cost: requests for front months, schedules, chains, plans."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
import statistics
import time
from collections.abc import Callable

from attrs import evolve
from ib_async import IB, Position
from report import Row, write

from ibkit.contracts import (
    PRODUCTS,
    ContractMonth,
    FuturesChain,
    FuturesResolver,
    Listing,
    Resolution,
    plan_roll,
    product,
    roll_schedule,
)
from ibkit.errors import IbkitError
from ibkit.sim import SimGateway
from ibkit.testing import plug_in, run_virtual

TODAY = dt.date(2026, 3, 2)
REPEATS = 9
SPECS = 500
ACCOUNT = "DU1000001"


def milliseconds(work: Callable[[], object], times: int = 1) -> tuple[float, float, float]:
    """Median, least and largest of several runs."""
    taken = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        for _ in range(times):
            work()
        taken.append((time.perf_counter() - begin) * 1000 / times)
    return statistics.median(taken), min(taken), max(taken)


# --- requests ---------------------------------------------------------------------------


async def _requests() -> dict[str, float]:
    """Count the questions that go to TWS, and the seconds of virtual time."""
    async with SimGateway(port=None, seed=7) as gateway:
        ib = plug_in(IB(), gateway)
        await ib.connectAsync(clientId=3)
        sent: list[object] = []
        send = ib.client.reqContractDetails
        ib.client.reqContractDetails = lambda req, c: (sent.append(c), send(req, c))
        resolver, loop = FuturesResolver(ib), asyncio.get_running_loop()
        counted: dict[str, float] = {"products": len(PRODUCTS)}
        for call in ("first", "second"):
            before, began = len(sent), loop.time()
            for one in PRODUCTS:
                await _front(resolver, one.root)
            counted[f"{call} requests"] = len(sent) - before
            counted[f"{call} seconds"] = loop.time() - began
        counted |= await _many(FuturesResolver(ib), sent)
        ib.disconnect()
        await asyncio.sleep(0.01)
    return counted


async def _front(resolver: FuturesResolver, root: str) -> bool:
    try:
        await resolver.front_month_async(root)
    except (IbkitError, LookupError):
        return False
    return True


async def _many(resolver: FuturesResolver, sent: list[object]) -> dict[str, float]:
    """Resolve 500 specs with repeats at once."""
    chance, loop = random.Random(7), asyncio.get_running_loop()
    distinct = [f"{root}{month}6" for root in ("ES", "NQ", "6E", "ZN", "FDAX") for month in "MUZ"]
    distinct += [f"CL{letter}7" for letter in "FGHJKMNQUV"] + ["NOPE", "ESS"]
    specs = [chance.choice(distinct) for _ in range(SPECS)]
    before, began = len(sent), loop.time()
    answers = await resolver.resolve_many_async(specs)
    return {
        "distinct": len({spec for spec in specs if not spec.startswith(("NOPE", "ESS"))}),
        "many requests": len(sent) - before,
        "many seconds": loop.time() - began,
        "many resolved": sum(isinstance(answer, Resolution) for answer in answers),
    }


# --- pure ---------------------------------------------------------------------------------


def months(count: int) -> list[Listing]:
    """So many months of CL, in no order."""
    first = ContractMonth(2010, 1)
    listings = [
        evolve(Listing.by_rule(product("CL"), first.plus(n)), con_id=n + 1) for n in range(count)
    ]
    random.Random(7).shuffle(listings)
    return listings


def chain_of(listings: list[Listing]) -> FuturesChain:
    return FuturesChain(product=product("CL"), listings=listings)


def main() -> None:
    """Measure and print."""
    logging.disable(logging.CRITICAL)
    counted = run_virtual(_requests())
    rows = [
        Row("front months of all products: requests", counted["first requests"],
            counted["first requests"], counted["first requests"],
            f"at most {counted['products']:.0f}"),
        Row("the same, second call of the day", counted["second requests"],
            counted["second requests"], counted["second requests"], "0"),
        Row(f"{SPECS} specs with repeats: requests", counted["many requests"],
            counted["many requests"], counted["many requests"],
            f"the {counted['distinct']:.0f} distinct ones"),
    ]  # fmt: skip
    for root in ("CL", "NG", "GC", "ES"):
        start, end = dt.date(2006, 1, 1), dt.date(2025, 12, 31)
        one = product(root)
        roll_schedule(one, start, end)  # the holidays of the exchange are looked up once
        span = milliseconds(lambda one=one, start=start, end=end: roll_schedule(one, start, end))
        rows.append(Row(f"20-year schedule of {root}, ms", *span, "20"))
    for count in (50, 200, 800):
        listings = months(count)
        rows.append(
            Row(f"chain of {count} months, ms", *milliseconds(lambda x=listings: chain_of(x)),
                "n log n")
        )  # fmt: skip
        chain = chain_of(listings)
        day = dt.date(2010, 6, 1)
        span = milliseconds(lambda c=chain, d=day: c.front(d), times=20)
        rows.append(Row(f"front of {count} months, ms", *span, "flat"))
    rows.append(Row("plan of a roll without exits, ms", *milliseconds(_plan, times=5), "5"))
    write("contracts", rows)


def _plan() -> object:
    chain = CHAIN
    held = Position(ACCOUNT, chain[0].contract, 3.0, 0.0)
    return plan_roll(held, chain, today=TODAY, early=True)


CHAIN = chain_of(months(24))

if __name__ == "__main__":
    main()
