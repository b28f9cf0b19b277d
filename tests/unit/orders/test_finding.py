"""What a new program makes of the groups that it finds."""

import asyncio
import datetime as dt

import pytest
from ib_async import IB

from ibkit.desk import open_desk
from ibkit.orders import Gtc, LegStatus
from ibkit.testing import plug_in
from order_work import long_bracket, order, run, second_desk, settle
from sim_client import future

HALF_AN_HOUR_BEFORE_THE_CLOSE = dt.datetime(2026, 3, 2, 21, 30, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(
    ("options", "minutes", "status"),
    [
        ({}, 5, LegStatus.WORKING),  # it was lost, and is sent again
        ({}, 35, LegStatus.EXPIRED),
        ({"exit_tif": Gtc()}, 35, LegStatus.WORKING),
    ],
)
def test_a_day_order_that_is_found_done_has_expired_where_its_day_is_over(options, minutes, status):
    async def test(gateway, desk):
        await desk.orders.place_async(future(gateway), long_bracket(take_profit=None, **options))
        await settle()
        desk.close()
        gateway.faults.cancel_order(order(gateway, "stop-1").perm_id)
        await asyncio.sleep(minutes * 60)
        async with second_desk(gateway, desk) as again:
            (trade,) = await again.orders.recover_async()
            await settle()
            return trade.facts.leg("stop-1").status

    assert run(test, start=HALF_AN_HOUR_BEFORE_THE_CLOSE) is status


def test_a_group_of_another_client_is_left_to_it_and_the_log_says_whose_it_is(caplog):
    async def test(gateway, desk):
        await desk.orders.place_async(future(gateway), long_bracket())
        await settle()

        async with open_desk(ib=plug_in(IB(), gateway), client_id=9) as other:
            await other.ib.reqAllOpenOrdersAsync()
            return await other.orders.recover_async()

    assert run(test) == []
    assert "belongs to client 3 and is left to it" in caplog.text
