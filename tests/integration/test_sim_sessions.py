"""With `sessions` on, markets open and close as they really do; without, they never close."""

import asyncio
import datetime as dt

import pytest
from ib_async import LimitOrder, MarketOrder, Order

from cards import card
from ibkit.sim import Scenario
from ibkit.testing import run_virtual
from sim_client import Log, connected, future

REAL = Scenario(sessions=True)


def utc(day, hour, minute=0):
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=dt.timezone.utc)


def run(test, start, scenario=REAL):
    async def main():
        async with connected(start=start, scenario=scenario) as (gateway, ib):
            return await test(gateway, ib)

    return run_virtual(main())


async def until(gateway, moment):
    await asyncio.sleep((moment - gateway.clock.now()).total_seconds())


async def quotes_within(gateway, ib, name, seconds):
    """How many updates a line gets."""
    ticker, count = ib.reqMktData(future(gateway, name)), 0

    def on_update(_):
        nonlocal count
        count += 1

    await asyncio.sleep(1)  # the picture at the beginning
    ticker.updateEvent += on_update
    await asyncio.sleep(seconds)
    return count


@card("SES-01", "2.2 R")
@pytest.mark.parametrize(
    ("name", "moment", "open_"),
    [
        ("AAPL", utc(6, 15), True),  # Friday 10:00 in New York
        ("AAPL", utc(6, 23, 30), True),  # 18:30, after hours
        ("AAPL", utc(7, 1, 30), False),  # 20:30
        ("ES", utc(6, 21, 30), True),  # 15:30 in Chicago
        ("ES", utc(5, 22, 30), False),  # the daily break
        ("ES", utc(6, 23, 30), False),  # Friday after the close
        ("ES", utc(8, 22, 30), True),  # Sunday 17:30, daylight saving
        ("EUR.USD", utc(7, 15), False),  # Saturday
    ],
)
def test_quotes_come_while_a_market_is_open(name, moment, open_):
    counted = run(lambda gateway, ib: quotes_within(gateway, ib, name, 30), moment)

    assert (counted > 5) is open_


@card("SES-02", "issue: open at any hour unless told otherwise")
@pytest.mark.parametrize("name", ["AAPL", "ES", "EUR.USD"])
def test_without_sessions_a_saturday_is_like_any_day(name):
    async def test(gateway, ib):
        counted = await quotes_within(gateway, ib, name, 30)
        trade = ib.placeOrder(future(gateway, name), MarketOrder("BUY", 1))
        await asyncio.sleep(1)
        return counted, trade.orderStatus.status

    counted, status = run(test, utc(7, 15), Scenario())

    assert counted > 5
    assert status == "Filled"


@card("SES-03", "1.4 R+")
def test_an_order_out_of_hours_is_announced_and_waits_for_the_opening():
    async def test(gateway, ib):
        log = Log(ib)
        trade = ib.placeOrder(future(gateway, "AAPL"), MarketOrder("BUY", 10))
        await until(gateway, utc(6, 14, 29))
        before = trade.orderStatus.status
        await until(gateway, utc(6, 14, 31))
        return log.codes, "2026-03-06 09:30:00 US/Eastern" in log.text(399), before, trade

    codes, told, before, trade = run(test, utc(6, 14, 25))

    assert (codes, told) == ([399], True)
    assert (before, trade.orderStatus.status) == ("PreSubmitted", "Filled")


@card("SES-04", "1.7 C")
def test_the_close_fills_what_waits_for_it_and_ends_the_day_of_the_others():
    async def test(gateway, ib):
        stock = future(gateway, "AAPL")
        closing = Order(action="BUY", totalQuantity=10, orderType="MOC", tif="DAY")
        trades = [
            ib.placeOrder(stock, closing),
            ib.placeOrder(stock, LimitOrder("BUY", 10, 1, tif="DAY")),
            ib.placeOrder(stock, LimitOrder("BUY", 10, 1, tif="GTC")),
            ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 1000, tif="DAY")),
        ]
        await until(gateway, utc(6, 20, 59))
        before = [t.orderStatus.status for t in trades]
        await until(gateway, utc(6, 21, 1))
        at_close = [t.orderStatus.status for t in trades]
        await until(gateway, utc(6, 22, 1))
        return before, at_close, trades[3].orderStatus.status

    before, at_close, future_order = run(test, utc(6, 20, 55))

    assert before == ["PreSubmitted", "Submitted", "Submitted", "Submitted"]
    assert at_close == ["Filled", "Cancelled", "PreSubmitted", "Submitted"]
    assert future_order == "Cancelled"  # 16:00 in Chicago


@card("SES-05", "2.2 R")
def test_history_and_its_schedule_keep_the_same_hours():
    async def test(gateway, ib):
        stock = future(gateway, "AAPL")
        regular = await ib.reqHistoricalDataAsync(stock, "", "1 D", "1 hour", "TRADES", useRTH=True)
        extended = await ib.reqHistoricalDataAsync(
            stock, "", "1 D", "1 hour", "TRADES", useRTH=False
        )
        schedule = await ib.reqHistoricalScheduleAsync(stock, 2)
        return [bar.date.hour for bar in regular], len(extended), schedule.sessions[-1]

    regular, extended, session = run(test, utc(7, 12))

    assert regular == [9, 10, 11, 12, 13, 14, 15]
    assert extended == 16  # 04:00 to 20:00
    assert (session.startDateTime, session.endDateTime) == (
        "20260306-09:30:00",
        "20260306-16:00:00",
    )
