import asyncio
from decimal import Decimal

import pytest
from ib_async import Forex, MarketOrder

from ibkit.orders import Limit, Market, bracket, single
from ibkit.orders._whose import key_of
from ibkit.sim import OrderTerms
from order_work import held, long_bracket, run, second_desk, settle
from sim_client import future


def by_hand(action, size):
    return OrderTerms(action=action, quantity=Decimal(size), order_type="MKT")


async def opened(gateway, desk, size=2, **more):
    trade = await desk.orders.place_async(future(gateway), long_bracket(size, **more))
    await settle()
    return trade, desk.orders._keeper.holdings


def test_the_key_is_account_and_contract():
    async def test(gateway, desk):
        trade, _ = await opened(gateway, desk)
        return key_of(trade) == ("DU1000001", gateway.market.instrument("ES").con_id)

    assert run(test) is True


def test_of_what_is_there_nothing_is_lost():
    async def test(gateway, desk):
        trade, holdings = await opened(gateway, desk)
        return holdings.held(trade), holdings.known(trade)

    assert run(test) == (None, None)


def test_a_loss_is_believed_only_after_tws_was_asked():
    async def test(gateway, desk):
        trade, holdings = await opened(gateway, desk)
        gateway.faults.delay_request("ReqExecutions", 3)
        gateway.faults.place_by_hand("ES", by_hand("SELL", 1))
        await asyncio.sleep(2)
        first = holdings.held(trade)
        await settle()
        return first, holdings.held(trade), holdings.known(trade)

    assert run(test) == (None, 1, 1)


def test_a_false_position_message_is_not_believed():
    """Otherwise exits would be cancelled, and the position would stand naked."""

    async def test(gateway, desk):
        trade, holdings = await opened(gateway, desk)
        es = trade.contract
        desk.ib.wrapper.position("DU1000001", es, 0.0, 0.0)
        await settle()
        return holdings.held(trade), trade.status.name, len(gateway.truth.orders)

    assert run(test) == (None, "PROTECTED", 2)


def test_nor_is_it_when_the_position_is_missing_from_the_next_answer_too():
    async def test(gateway, desk):
        trade, _ = await opened(gateway, desk)
        gateway.faults.withhold("Position")
        desk.ib.wrapper.position("DU1000001", trade.contract, 0.0, 0.0)
        await settle()
        return trade.status.name, trade.protected_size, held(gateway)

    assert run(test) == ("PROTECTED", 2, 2)


def test_what_stood_before_on_the_other_side_is_not_the_groups():
    async def test(gateway, desk):
        desk.ib.placeOrder(future(gateway), MarketOrder("SELL", 2))
        await settle()
        trade, holdings = await opened(gateway, desk)
        await settle()
        return held(gateway), holdings.held(trade), trade.status.name

    assert run(test) == (0, None, "PROTECTED")


def test_what_stood_before_is_known_after_a_restart_too():
    async def test(gateway, desk):
        desk.ib.placeOrder(future(gateway), MarketOrder("SELL", 2))
        await settle()
        await opened(gateway, desk)
        desk.orders.close()
        async with second_desk(gateway, desk) as again:
            (trade,) = await again.orders.recover_async()
            await settle()
            return again.orders._keeper.holdings.held(trade), trade.status.name

    assert run(test) == (None, "PROTECTED")


def test_groups_without_exits_trade_as_anybody():
    async def test(gateway, desk):
        es = future(gateway)
        trade, holdings = await opened(gateway, desk)
        out = await desk.orders.place_async(es, single("SELL", 2, Market()))
        await settle(20)
        return holdings.held(out), trade.status.name, len(gateway.truth.orders)

    assert run(test) == (None, "CLOSED", 0)


def test_two_groups_share_a_position_and_the_younger_loses_first():
    async def test(gateway, desk):
        one, holdings = await opened(gateway, desk, 2)
        two, _ = await opened(gateway, desk, 3)
        gateway.faults.place_by_hand("ES", by_hand("SELL", 1))
        await settle(20)
        return [holdings.held(trade) for trade in (one, two)], one.open_size, two.open_size

    assert run(test) == ([None, 2], 2, 2)


@pytest.mark.parametrize("delay", [2, 30])
def test_a_position_message_that_is_late_is_waited_for(delay):
    async def test(gateway, desk):
        alerts = []
        desk.orders.alerts.connect(alerts.append)
        gateway.faults.delay("Position", delay, times=3)
        trade, _ = await opened(gateway, desk)
        await settle(20)
        return [alert.rule for alert in alerts], trade.status.name, len(gateway.truth.orders)

    assert run(test) == ([], "PROTECTED", 2)


def test_a_waiting_group_has_nothing_and_loses_nothing():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(
            future(gateway), long_bracket(entry=Limit(4900), take_profit=4910, stop=4890)
        )
        gateway.faults.place_by_hand("ES", by_hand("SELL", 1))
        await settle(20)
        return desk.orders._keeper.holdings.held(trade), trade.status.name

    assert run(test) == (None, "WORKING")


def short_bracket(size=2):
    return bracket("SELL", size, entry=Limit(5000), take_profit=4990, stop=5010)


def test_of_a_short_position_what_is_bought_back_elsewhere_is_lost():
    async def test(gateway, desk):
        trade = await desk.orders.place_async(future(gateway), short_bracket())
        await settle()
        holdings = desk.orders._keeper.holdings
        before = holdings.held(trade)
        gateway.faults.place_by_hand("ES", by_hand("BUY", 1))
        await settle()
        return before, holdings.held(trade)

    assert run(test) == (None, 1)


def test_what_a_group_held_that_has_just_ended_was_not_there_before_the_next():
    async def test(gateway, desk):
        es = future(gateway)
        first = await desk.orders.place_async(es, short_bracket())
        await settle()
        gateway.faults.delay("Position", 2)
        await first.close_async()
        trade = await desk.orders.place_async(es, long_bracket(2))
        await settle()
        gateway.faults.place_by_hand("ES", by_hand("SELL", 1))
        await settle()
        return desk.orders._keeper.holdings.known(trade)

    assert run(test) == 1


def test_a_pair_of_currencies_has_no_position_to_compare_with():
    async def test(gateway, desk):
        gateway.market.quote("EUR.USD", bid=1.1, ask=1.1001, bid_size=10**6, ask_size=10**6)
        group = bracket("BUY", 20000, entry=1.1001, take_profit=1.2, stop=1.0)
        trade = await desk.orders.place_async(Forex("EURUSD"), group)
        await settle()
        gateway.faults.place_by_hand("EUR.USD", by_hand("SELL", 20000))
        await settle()
        return trade.filled, desk.orders._keeper.holdings.held(trade), trade.status.name

    assert run(test) == (20000, None, "PROTECTED")
