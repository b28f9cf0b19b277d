"""Log-in, several clients, order requests and limits, as real ib_async clients see them."""

import asyncio

import pytest
from ib_async import IB, ExecutionFilter, LimitOrder, MarketOrder

from cards import card
from ibkit.sim import Limits, OrderTerms, Scenario
from ibkit.testing import plug_in, run_virtual
from sim_client import Log, client, connected, future


def run(test, **options):
    async def main():
        async with connected(**options) as (gateway, ib):
            gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
            return await test(gateway, ib)

    return run_virtual(main())


def messages(gateway, names=None):
    """Record what the gateway sends from now on."""
    seen = []

    def trace(session, way, message):
        if way == "<" and (names is None or type(message).__name__ in names):
            seen.append((session.client_id, type(message).__name__, message))

    gateway._floor.trace = trace
    return seen


# -- log-in


@card("CON-60", "4.1 R+")
def test_the_log_in_ends_with_accounts_id_and_farm_notices_in_this_order():
    async def test(gateway, ib):
        seen = messages(gateway)
        async with client(gateway, 8):
            return [(name, getattr(m, "error_code", None)) for _, name, m in seen[:5]]

    assert run(test) == [
        ("ManagedAccounts", None),
        ("NextValidId", None),
        ("ErrMsg", 2104),
        ("ErrMsg", 2106),
        ("ErrMsg", 2158),
    ]


@card("CON-61", "4.1 C")
def test_a_client_id_in_use_is_326_and_the_socket_closes():
    async def test(gateway, ib):
        other = plug_in(IB(), gateway)
        log = Log(other)
        with pytest.raises((ConnectionError, TimeoutError, asyncio.TimeoutError)):
            await other.connectAsync(clientId=3, timeout=2)
        return log.codes, gateway.truth.clients, ib.isConnected()

    assert run(test) == ([326], (3,), True)


@card("CON-62", "4.1 R")
def test_open_orders_may_be_downloaded_before_the_log_in_ends():
    async def test(gateway, ib):
        ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(0.5)
        ib.disconnect()
        await asyncio.sleep(0.1)
        seen = messages(gateway)
        async with client(gateway, 3):
            return [name for _, name, _ in seen[:4]]

    assert run(test, scenario=Scenario(download_open_orders=True)) == [
        "OpenOrder",
        "OrderStatus",
        "OpenOrderEnd",
        "ManagedAccounts",
    ]


@card("CON-63", "4.1 C")
def test_no_more_clients_than_the_limit():
    async def test(gateway, ib):
        other = plug_in(IB(), gateway)
        with pytest.raises((ConnectionError, TimeoutError, asyncio.TimeoutError)):
            await other.connectAsync(clientId=4, timeout=2)
        return gateway.truth.clients

    assert run(test, scenario=Scenario(limits=Limits(clients=1))) == (3,)


@card("LIM-01", "4.4 C")
def test_messages_above_the_rate_wait():
    async def test(gateway, ib):
        ib.client.MaxRequests = 0
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.gather(*(ib.reqContractDetailsAsync(future(gateway)) for _ in range(120)))
        return loop.time() - begun

    assert 1.9 < run(test) < 3.1


@card("LIM-02", "4.4 C")
def test_messages_above_the_rate_are_100_and_the_third_time_ends_the_connection():
    async def test(gateway, ib):
        log = Log(ib)
        ib.client.MaxRequests = 0
        for _ in range(200):
            ib.client.reqMarketRule(26)
        await asyncio.sleep(1)
        return log.codes.count(100), ib.isConnected()

    assert run(test, scenario=Scenario(limits=Limits(message_excess="reject"))) == (3, False)


# -- whose orders


@card("WHO-01", "1.1 C")
def test_a_client_hears_of_its_own_orders_only_and_the_master_of_all():
    async def test(gateway, ib):
        seen = messages(gateway, {"OpenOrder"})
        async with client(gateway, 5), client(gateway, 6):
            ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
            await asyncio.sleep(0.5)
        return {client_id for client_id, _, _ in seen}

    assert run(test, scenario=Scenario(master_client_id=5)) == {3, 5}


@card("WHO-02", "1.1 C")
def test_another_clients_order_cannot_be_cancelled_by_its_id():
    async def test(gateway, ib):
        async with client(gateway, 5) as other:
            trade = other.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
            await asyncio.sleep(0.5)
            log = Log(ib)
            ib.client.cancelOrder(trade.order.orderId)
            await asyncio.sleep(0.5)
            return log.codes, len(gateway.truth.orders)

    assert run(test) == ([10147], 1)


@card("WHO-03", "1.9 C")
def test_a_global_cancel_takes_every_order_manual_ones_too():
    async def test(gateway, ib):
        es = future(gateway)
        async with client(gateway, 5) as other:
            ib.placeOrder(es, LimitOrder("BUY", 1, 4000))
            other.placeOrder(es, LimitOrder("BUY", 1, 4001))
            gateway.faults.place_by_hand(
                "ES", OrderTerms(action="BUY", quantity=1, order_type="LMT", limit_price=4002)
            )
            await asyncio.sleep(0.5)
            before = len(gateway.truth.orders)
            ib.reqGlobalCancel()
            await asyncio.sleep(0.5)
            return before, len(gateway.truth.orders)

    assert run(test) == (3, 0)


@card("WHO-04", "1.1 C")
def test_client_0_binds_manual_orders_and_others_may_not():
    async def test(gateway, ib):
        log = Log(ib)
        ib.client.reqAutoOpenOrders(True)
        await asyncio.sleep(0.1)
        async with client(gateway, 0) as zero:
            gateway.faults.place_by_hand(
                "ES", OrderTerms(action="BUY", quantity=1, order_type="LMT", limit_price=4002)
            )
            await asyncio.sleep(0.5)
            return log.codes, [t.order.orderId < 0 for t in zero.openTrades()]

    assert run(test) == ([327], [True])


@card("WHO-05", "1.10 C")
def test_all_open_orders_lists_other_clients_and_manual_ones_unbound():
    async def test(gateway, ib):
        gateway.faults.place_by_hand(
            "ES", OrderTerms(action="BUY", quantity=1, order_type="LMT", limit_price=4002)
        )
        async with client(gateway, 5) as other:
            other.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
            await asyncio.sleep(0.5)
            trades = await ib.reqAllOpenOrdersAsync()
            return sorted((t.order.clientId, t.order.orderId) for t in trades)

    found = run(test)

    assert found[0] == (0, 0)
    assert found[1][0] == 5


@card("WHO-06", "1.10 C")
def test_executions_are_filtered_and_end_also_when_there_are_none():
    async def test(gateway, ib):
        none = await ib.reqExecutionsAsync(ExecutionFilter(symbol="NQ"))
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(0.5)
        return (
            none,
            len(await ib.reqExecutionsAsync(ExecutionFilter(symbol="ES", side="BUY"))),
            len(await ib.reqExecutionsAsync(ExecutionFilter(side="SELL"))),
            len(await ib.reqExecutionsAsync(ExecutionFilter(time="20260302-16:00:00"))),
        )

    assert run(test) == ([], 1, 0, 0)


@card("WHO-07", "1.10 C")
def test_completed_orders_tell_what_became_of_them():
    async def test(gateway, ib):
        es = future(gateway)
        ib.placeOrder(es, MarketOrder("BUY", 1))
        trade = ib.placeOrder(es, LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(0.5)
        ib.cancelOrder(trade.order)
        await asyncio.sleep(0.5)
        done = await ib.reqCompletedOrdersAsync(False)
        return sorted(t.orderStatus.status for t in done)

    assert run(test) == ["Cancelled", "Filled"]


@card("WHO-08", "4.4 R")
def test_a_read_only_gateway_refuses_orders_with_321():
    async def test(gateway, ib):
        log = Log(ib)
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(0.5)
        return log.codes, "Read-Only" in log.text(321), gateway.truth.orders

    assert run(test, scenario=Scenario(read_only=True)) == ([321], True, ())


@card("WIF-01", "1.11 R+")
def test_a_what_if_answers_margins_and_leaves_no_order():
    async def test(gateway, ib):
        state = await ib.whatIfOrderAsync(future(gateway), LimitOrder("BUY", 1, 5000))
        return float(state.initMarginChange) > 0, state.commission, gateway.truth.orders

    positive, commission, orders = run(test)

    assert positive
    assert commission == 2.25
    assert orders == ()


# -- accounts


@card("ACC-60", "3.6 R")
def test_account_updates_begin_with_readiness_and_end():
    async def test(gateway, ib):
        seen = messages(gateway)
        async with client(gateway, 8):
            names = [(n, getattr(m, "key", "")) for c, n, m in seen if c == 8]
        values = [key for name, key in names if name == "UpdateAccountValue"]
        return values[:3], len(values) > 80, ("AccountDownloadEnd", "") in names

    assert run(test) == (["AccountCode", "AccountOrGroup", "AccountReady"], True, True)


@card("ACC-61", "3.1 C")
def test_the_third_account_summary_is_322():
    async def test(gateway, ib):
        log = Log(ib)
        for n in range(3):
            ib.client.reqAccountSummary(500 + n, "All", "NetLiquidation")
        await asyncio.sleep(0.5)
        return log.codes, "Maximum number of account summary" in log.text(322)

    assert run(test) == ([322], True)


@card("ACC-62", "3.6 C")
def test_a_summary_repeats_what_changed_every_three_minutes():
    async def test(gateway, ib):
        seen = messages(gateway, {"AccountSummary", "AccountSummaryEnd"})
        ib.client.reqAccountSummary(500, "All", "NetLiquidation,TotalCashValue")
        await asyncio.sleep(1)
        first = [name for _, name, _ in seen]
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(185)
        return first, [name for _, name, _ in seen][len(first) :]

    first, later = run(test)

    assert first == ["AccountSummary", "AccountSummary", "AccountSummaryEnd"]
    assert later[-1] == "AccountSummaryEnd"
    assert 2 <= len(later) <= 3


@card("ACC-63", "3.6 C")
def test_a_position_is_told_at_once_to_all_who_ask():
    async def test(gateway, ib):
        async with client(gateway, 5) as other:
            ib.placeOrder(future(gateway), MarketOrder("BUY", 3))
            await asyncio.sleep(0.5)
            return [p.position for p in ib.positions()], [p.position for p in other.positions()]

    assert run(test) == ([3], [3])


@card("ACC-64", "3.6 C")
def test_profit_and_loss_is_told_at_once_and_every_second():
    async def test(gateway, ib):
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(0.5)
        pnl = ib.reqPnL("DU1000001")
        single = ib.reqPnLSingle("DU1000001", "", future(gateway).conId)
        await asyncio.sleep(0.1)
        first = pnl.unrealizedPnL
        gateway.market.quote("ES", bid=5010, ask=5010.25)
        await asyncio.sleep(2)
        return first, pnl.unrealizedPnL, single.position, single.unrealizedPnL

    first, later, size, unrealized = run(test)

    assert later > first + 400
    assert size == 1
    assert unrealized == later


@card("ACC-65", "3.6 C")
def test_pnl_of_a_position_that_never_was_has_no_answer():
    async def test(gateway, ib):
        seen = messages(gateway)
        ib.reqPnLSingle("DU1000001", "", 265598)
        await asyncio.sleep(3)
        return seen

    assert run(test) == []


@card("ACC-66", "2.2 R")
def test_the_contract_of_a_held_future_has_no_exchange():
    async def test(gateway, ib):
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(0.5)
        (position,) = ib.positions()
        return position.contract.exchange, position.contract.localSymbol

    exchange, symbol = run(test)

    assert exchange == ""
    assert symbol.startswith("ES")
