"""What SECURITY.md promises."""

import asyncio
import datetime as dt
import logging

import pytest
from ib_async import LimitOrder

import ibkit
from ibkit.errors import FateUnknown, GateRefused, OrderRejected
from ibkit.orders import Limit, Market, bracket, single
from ibkit.sim import Account, Scenario, SimGateway

ACCOUNT = "DU7654321"
PLAN = bracket("BUY", 1, entry=Limit(5001), take_profit=5010, stop=4990)


async def a_bad_day(gateway):
    """Rejections, a lost connection, an order by hand, an exit that is gone, a recovery."""
    gateway.market.quote("ES", bid=5000, ask=5000.25)
    async with ibkit.open_desk() as desk:
        es = await desk.contracts.front_month_async("ES")
        gateway.faults.reject_next_order("insufficient margin")
        with pytest.raises(OrderRejected):
            await desk.orders.place_async(es, single("BUY", 1, Limit(5000)))
        desk.ib.placeOrder(es, LimitOrder("BUY", 1, 4000))
        trade = await desk.orders.place_async(es, PLAN)
        await trade.entered_async(timeout=10)
        (stop,) = [one for one in gateway.truth.orders if one.terms.order_type == "STP"]
        gateway.faults.reject_order(stop.perm_id, "not today")
        await asyncio.sleep(5)
        gateway.faults.cut_at("PlaceOrder", after=True)
        with pytest.raises(FateUnknown):
            await desk.orders.place_async(es, single("BUY", 1, Limit(4990)))
        await desk.link.up_async(timeout=60)
        await desk.orders.recover_async()
        await desk.state.reconcile_async()
        await desk.orders.cancel_all_async("everything", timeout=30)


@pytest.mark.ibkit(scenario=Scenario(accounts=(Account(name=ACCOUNT),)), lost_errors="allow")
def test_no_account_number_is_logged_by_ibkit_at_info_or_above(gateway, virtual_time, caplog):
    with caplog.at_level(logging.INFO, logger="ibkit"):
        virtual_time.run_until_complete(a_bad_day(gateway))
    ours = [one for one in caplog.records if one.name.startswith("ibkit")]

    assert ours
    assert [one.getMessage() for one in ours if ACCOUNT in one.getMessage()] == []


FOUR_DAYS_LEFT = dt.datetime(2026, 3, 16, 15, tzinfo=dt.timezone.utc)


@pytest.mark.ibkit(scenario=Scenario(accounts=(Account(name=ACCOUNT),)), start=FOUR_DAYS_LEFT)
def test_the_warning_of_a_deadline_names_no_account(gateway, virtual_time, caplog):
    async def hold_too_long():
        async with ibkit.open_desk() as desk:
            march = (await desk.contracts.resolve_async("ESH6")).contract
            bought = await desk.orders.place_async(march, single("BUY", 1, Market()))
            await bought.closed_async(timeout=10)
            return await desk.roller.due_async()

    with caplog.at_level(logging.INFO, logger="ibkit"):
        (plan,) = virtual_time.run_until_complete(hold_too_long())

    assert plan.account == ACCOUNT
    assert "2026-03-20" in caplog.text
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("ibkit")]
    assert [text for text in ours if ACCOUNT in text] == []


@pytest.mark.ibkit(scenario=Scenario(accounts=(Account(name="U7654321"),)))
def test_a_live_account_trades_only_when_asked_for(gateway, virtual_time):
    async def attempt(**options):
        async with ibkit.open_desk(**options) as desk:
            es = await desk.contracts.front_month_async("ES")
            trade = await desk.orders.place_async(es, single("BUY", 1, Limit(1000)))
            await trade.cancel_async()

    with pytest.raises(GateRefused, match="PaperOnly"):
        virtual_time.run_until_complete(attempt())
    assert gateway.truth.completed_orders == ()
    virtual_time.run_until_complete(attempt(allow_live=True))


@pytest.mark.tcp
def test_the_gateway_listens_on_loopback_only():
    async def where():
        async with SimGateway() as gateway:
            _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            peer = writer.get_extra_info("peername")[0]
            writer.close()
            # another address of the loopback: one who listens everywhere would answer there
            with pytest.raises(OSError, match="Connect call failed"):
                await asyncio.open_connection("127.0.0.2", gateway.port)
            return gateway.host, peer

    assert asyncio.run(where()) == ("127.0.0.1", "127.0.0.1")
