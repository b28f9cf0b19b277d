"""Every order type and time in force that the gateway has, once, as a client meets it."""

import asyncio

import pytest
from ib_async import Order, PriceCondition

from cards import card
from ibkit.sim import Scenario
from ibkit.sim._engine._kinds import KINDS, TIFS
from ibkit.testing import run_virtual
from sim_client import Log, client, connected, future

REST, FILL, WAIT, CANCEL = "Submitted", "Filled", "PreSubmitted", "Cancelled"
DOWN, UP = (89, 89.05), (111, 111.05)
"""Where the market of 100 to 100.05 goes, with a trade at the bid."""

# type, terms, action, what it is at first, where the market goes, what it is then
TYPES = [
    ("MKT", {}, "BUY", FILL, None, FILL),
    ("MKT PRT", {}, "BUY", FILL, None, FILL),
    ("LMT", {"lmtPrice": 90}, "BUY", REST, DOWN, FILL),
    ("STP", {"auxPrice": 90}, "SELL", WAIT, DOWN, FILL),
    ("STP PRT", {"auxPrice": 90}, "SELL", WAIT, DOWN, FILL),
    ("STP LMT", {"auxPrice": 90, "lmtPrice": 91}, "SELL", WAIT, DOWN, REST),
    ("TRAIL", {"auxPrice": 5}, "SELL", WAIT, DOWN, FILL),
    ("TRAIL", {"trailingPercent": 5}, "SELL", WAIT, DOWN, FILL),
    (
        "TRAIL LIMIT",
        {"auxPrice": 5, "trailStopPrice": 95, "lmtPriceOffset": 20},
        "SELL",
        WAIT,
        DOWN,
        FILL,
    ),
    ("MIT", {"auxPrice": 90}, "BUY", WAIT, DOWN, FILL),
    ("LIT", {"auxPrice": 90, "lmtPrice": 90}, "BUY", WAIT, DOWN, FILL),
    ("MOC", {}, "BUY", WAIT, None, WAIT),
    ("LOC", {"lmtPrice": 110}, "BUY", WAIT, None, WAIT),
    ("MTL", {}, "BUY", FILL, None, FILL),
    ("MIDPRICE", {"lmtPrice": 110}, "BUY", REST, None, REST),
    ("REL", {"auxPrice": 0.01, "lmtPrice": 110}, "BUY", REST, None, REST),
    (
        "STP",
        {
            "auxPrice": 90,
            "triggerPrice": 105,
            "adjustedOrderType": "STP",
            "adjustedStopPrice": 104,
        },
        "SELL",
        WAIT,
        UP,
        WAIT,
    ),
]
TIMES = [
    ("DAY", {}, REST),
    ("GTC", {}, REST),
    ("GTD", {"goodTillDate": "20260302-20:00:00"}, REST),
    ("IOC", {}, CANCEL),
    ("FOK", {}, CANCEL),
    ("OPG", {}, WAIT),
    ("DAY", {"goodAfterTime": "20260302-18:00:00"}, WAIT),
    ("AUC", {}, "Inactive"),
    ("DTC", {}, "Inactive"),
]


def run(test, **options):
    async def main():
        async with connected(**options) as (gateway, ib):
            move(gateway, 100, 100.05)
            await asyncio.sleep(0.1)
            return await test(gateway, ib)

    return run_virtual(main())


def move(gateway, bid, ask):
    gateway.market.quote("AAPL", bid=bid, ask=ask)
    gateway.market.trade("AAPL", bid, 100)


def test_the_tables_have_every_type_and_time_in_force():
    assert {row[0] for row in TYPES} == set(KINDS)
    assert {row[0] for row in TIMES} == TIFS


@card("TYP-40", "1.7 C")
@pytest.mark.parametrize("row", TYPES, ids=lambda row: f"{row[0]} {'-'.join(row[1])}")
def test_each_type_waits_rests_or_fills_as_it_should(row):
    kind, terms, action, first, where, then = row

    async def test(gateway, ib):
        order = Order(orderType=kind, action=action, totalQuantity=10, tif="DAY", **terms)
        trade = ib.placeOrder(future(gateway, "AAPL"), order)
        await asyncio.sleep(1)
        before = trade.orderStatus.status
        if where is not None:
            move(gateway, *where)
            await asyncio.sleep(1)
        return before, trade.orderStatus.status

    assert run(test) == (first, then)


@card("TIF-40", "1.8 C")
@pytest.mark.parametrize(("tif", "terms", "status"), TIMES)
def test_each_time_in_force_lives_or_ends_as_it_should(tif, terms, status):
    async def test(gateway, ib):
        order = Order(
            orderType="LMT", action="BUY", totalQuantity=10, tif=tif, lmtPrice=90, **terms
        )
        trade = ib.placeOrder(future(gateway, "AAPL"), order)
        await asyncio.sleep(1)
        statuses = [o.status for o in gateway.truth.orders]
        return trade.orderStatus.status, statuses or [gateway.truth.completed_orders[-1].status]

    assert run(test, scenario=Scenario(sessions=True)) == (status, [status])


@card("CND-10", "1.7 C")
def test_a_price_condition_holds_an_order_until_another_instrument_moves():
    async def test(gateway, ib):
        other = future(gateway, "ES")
        order = Order(orderType="MKT", action="BUY", totalQuantity=10, tif="DAY")
        order.conditions = [PriceCondition(conId=other.conId, exch="CME", isMore=True, price=6000)]
        trade = ib.placeOrder(future(gateway, "AAPL"), order)
        gateway.market.trade("ES", 5000)
        await asyncio.sleep(1)
        before = trade.orderStatus.status
        gateway.market.trade("ES", 6001)
        await asyncio.sleep(1)
        return before, trade.orderStatus.status

    assert run(test) == (WAIT, FILL)


@card("ACC-70", "1.4 R+")
def test_a_correction_changes_money_and_is_told_under_the_next_number():
    async def test(gateway, ib):
        stock = future(gateway, "AAPL")
        trade = ib.placeOrder(stock, Order(orderType="MKT", action="BUY", totalQuantity=10))
        await asyncio.sleep(1)
        cash = gateway.truth.figures().total_cash
        first = [fill.execution.execId for fill in trade.fills]
        gateway.faults.correct_fill("latest", 99)
        await asyncio.sleep(1)
        executions = await ib.reqExecutionsAsync()
        moved = gateway.truth.figures().total_cash - cash
        return first[0][-3:], [f.execution.execId[-3:] for f in executions], moved

    first, listed, moved = run(test)

    assert (first, listed) == (".01", [".02"])
    assert float(moved) == pytest.approx(10.5)  # bought at 100.05


@card("LIM-03", "3.1 C")
def test_limits_are_of_the_user_and_not_of_a_client():
    async def test(gateway, ib):
        gateway.faults.switch(limits={"lines": 2, "depth": 1, "tick_by_tick": 1})
        async with client(gateway, 5) as other:
            log = Log(other)
            for name in ("AAPL", "ES"):
                ib.reqMktData(future(gateway, name))
            ib.reqMktDepth(future(gateway, "ES"))
            ib.reqTickByTickData(future(gateway, "ES"), "Last")
            await asyncio.sleep(0.2)
            other.reqMktData(future(gateway, "CL"))
            other.reqMktDepth(future(gateway, "CL"))
            other.reqTickByTickData(future(gateway, "CL"), "Last")
            await asyncio.sleep(0.2)
            return log.codes

    assert sorted(run(test)) == [101, 309, 10190]
