"""What a new program makes of the groups that it finds."""

import asyncio
import datetime as dt

import pytest
from ib_async import IB, StopOrder

from ibkit.desk import open_desk
from ibkit.orders import Gtc, LegStatus, Market, bracket, single
from ibkit.sim import Scenario
from ibkit.testing import plug_in
from order_work import another, held, long_bracket, order, run, second_desk, settle
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


# -- positions that nobody looks after


async def recovered(gateway, desk):
    """What a new program finds and is told."""
    told = []
    async with second_desk(gateway, desk) as again:
        again.orders.alerts.connect(told.append)
        found = await again.orders.recover_async()
        await again.orders.recover_async()
        return found, told, await again.orders.unprotected_async()


@pytest.mark.parametrize(
    ("hours", "groups", "rules"),
    [
        (5, 1, ["expired", "unprotected"]),  # in the evening TWS tells of them still
        (14, 0, ["recovery"]),
        (60, 0, ["recovery"]),
    ],
)
def test_a_position_whose_exits_expired_yesterday_is_told(hours, groups, rules, caplog):
    async def test(gateway, desk):
        await desk.orders.place_async(future(gateway), long_bracket(2))
        await settle()
        await asyncio.sleep(hours * 3600)
        return *await recovered(gateway, desk), held(gateway)

    evening = dt.datetime(2026, 3, 2, 18, 30, tzinfo=dt.timezone.utc)
    found, told, bare, size = run(test, start=evening, scenario=Scenario(sessions=True))

    assert (len(found), [alert.rule for alert in told], size) == (groups, rules, 2)
    assert [str(one) for one in bare] == ["DU1000001 holds 2 ESH6, 2 without a stop"]
    if not groups:
        assert told[0].text.startswith("DU1000001 holds 2 ESH6, 2 without a stop, and no group")
        assert "an account holds 2 ESH6, 2 without a stop, and no group" in caplog.text
        assert "DU1000001" not in "".join(
            one.getMessage() for one in caplog.records if one.name.startswith("ibkit")
        )


def test_a_position_that_a_found_group_protects_is_not_told():
    async def test(gateway, desk):
        await desk.orders.place_async(future(gateway), long_bracket(2, exit_tif=Gtc()))
        await settle()
        await asyncio.sleep(14 * 3600)
        return await recovered(gateway, desk)

    found, told, bare = run(test)

    assert (len(found), told, bare) == (1, [], ())


def test_what_a_found_group_does_not_explain_is_told():
    async def test(gateway, desk):
        es = future(gateway)
        await desk.orders.place_async(es, long_bracket(2, exit_tif=Gtc()))
        alone = await desk.orders.place_async(es, single("BUY", 3, Market()))
        await alone.closed_async(timeout=5)
        await settle()
        return await recovered(gateway, desk)

    _, (alert,), bare = run(test)

    assert alert.severity == "warning"
    assert "holds 5 ESH6, 3 without a stop" in alert.text
    assert [(one.size, one.bare) for one in bare] == [(5, 3)]


def test_a_bracket_without_a_stop_is_listed_and_explained_by_its_group():
    async def test(gateway, desk):
        await desk.orders.place_async(future(gateway), long_bracket(2, stop=None))
        await settle()
        return await recovered(gateway, desk)

    _, told, bare = run(test)

    assert (told, [one.bare for one in bare]) == ([], [2])


def test_a_group_on_the_other_side_explains_nothing():
    async def test(gateway, desk):
        es = future(gateway)
        alone = await desk.orders.place_async(es, single("BUY", 5, Market()))
        await alone.closed_async(timeout=5)
        await desk.orders.place_async(
            es, bracket("SELL", 3, entry=5000, stop=5020, take_profit=4980)
        )
        await settle()
        return await recovered(gateway, desk)

    _, told, bare = run(test)

    assert [(one.size, one.bare) for one in bare] == [(2, 2)]
    assert len(told) == 1


def test_the_stop_of_another_client_counts():
    async def test(gateway, desk):
        es = future(gateway)
        alone = await desk.orders.place_async(es, single("BUY", 1, Market()))
        await alone.closed_async(timeout=5)
        async with another(gateway, 9) as other:
            other.placeOrder(es, StopOrder("SELL", 1, 4900, tif="GTC"))
            await settle()
            return await recovered(gateway, desk)

    _, told, bare = run(test)

    assert (told, bare) == ([], ())
