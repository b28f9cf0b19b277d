"""B12 to B20: what ib_async 2.1.0 makes of requests, errors and connections."""

import asyncio
import types

import pytest
from ib_async import IB, Future, LimitOrder, MarketOrder, StartupFetch

from ibkit.sim import Account, Limits, Scenario

LONG = 3600
"""Virtual seconds after which nothing will come any more."""

NQ = Future("NQ", "202603", "CME")


async def hangs(waiting):
    """Whether a request never ends."""
    request = asyncio.ensure_future(waiting)
    done, _ = await asyncio.wait({request}, timeout=LONG)
    request.cancel()
    return not done


# --- B12 -----------------------------------------------------------------------------


@pytest.mark.parametrize("raises", [False, True])
@pytest.mark.parametrize("code", [321, 399, 165, 434, 10167, 2109])
async def test_b12_a_request_that_is_answered_with_a_warning_code_hangs(ib, gateway, code, raises):
    ib.RaiseRequestErrors = raises
    gateway.faults.refuse("ReqContractDetails", code, "validation failed")

    assert await hangs(ib.reqContractDetailsAsync(NQ))


# --- B13 -----------------------------------------------------------------------------


async def test_b13_a_disconnect_leaves_what_is_pending_hanging(ib, gateway):
    gateway.faults.ignore("ReqContractDetails")
    pending = asyncio.ensure_future(ib.reqContractDetailsAsync(NQ))
    await asyncio.sleep(1)
    ib.disconnect()

    assert await hangs(pending)


async def test_b13_a_cut_does_not(ib, gateway):
    gateway.faults.ignore("ReqContractDetails")
    pending = asyncio.ensure_future(ib.reqContractDetailsAsync(NQ))
    await asyncio.sleep(1)
    gateway.faults.cut()

    with pytest.raises(ConnectionError, match="Socket disconnect"):
        await pending


async def test_b13_a_wanted_disconnect_looks_like_a_lost_connection(ib):
    heard = []
    ib.disconnectedEvent += lambda: heard.append("disconnected")
    ib.disconnect()

    assert heard == ["disconnected"]


# --- B14 -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (IB.reqCurrentTimeAsync, IB.reqCurrentTimeAsync),
        (IB.reqPositionsAsync, IB.reqPositionsAsync),
        (IB.reqOpenOrdersAsync, IB.reqAllOpenOrdersAsync),
    ],
)
async def test_b14_two_that_ask_at_once_share_a_slot_and_one_hangs(ib, first, second):
    one, other = asyncio.ensure_future(first(ib)), asyncio.ensure_future(second(ib))
    await asyncio.sleep(10)

    assert other.done()
    assert await hangs(one)


async def test_b14_a_market_rule_is_none_for_the_first_who_asks(ib):
    rules = await asyncio.gather(ib.reqMarketRuleAsync(67), ib.reqMarketRuleAsync(67))

    assert [rule is None for rule in rules] == [True, False]


# --- B15 -----------------------------------------------------------------------------


async def test_b15_after_a_timeout_open_orders_are_not_told_any_more(ib, gateway, es):
    gateway.faults.ignore("ReqOpenOrders")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(ib.reqOpenOrdersAsync(), 4)
    heard = []
    ib.openOrderEvent += heard.append
    trade = ib.placeOrder(es, LimitOrder("BUY", 1, 4000))
    await asyncio.sleep(1)

    assert trade.orderStatus.status == "Submitted"
    assert heard == []
    ib.cancelOrder(trade.order)
    await asyncio.sleep(1)


async def test_b15_after_a_timeout_positions_go_to_a_list_that_nobody_reads(ib, gateway, es):
    gateway.faults.ignore("ReqPositions")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(ib.reqPositionsAsync(), 4)
    before = len(ib.wrapper._results["positions"])
    ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)

    assert len(ib.wrapper._results["positions"]) > before


# --- B16 -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["API historical data query cancelled", "pacing violation"])
async def test_b16_an_error_is_an_empty_list(ib, gateway, es, text):
    gateway.faults.refuse("ReqHistoricalData", 162, text)

    assert list(await ib.reqHistoricalDataAsync(es, "", "1 D", "1 min", "TRADES", False)) == []


async def test_b16_an_error_is_an_empty_list_whatever_was_asked_for(ib, gateway, es):
    gateway.faults.refuse("ReqHeadTimeStamp", 162, "no data")

    assert await ib.reqHeadTimeStampAsync(es, "TRADES", useRTH=False, formatDate=1) == []


async def test_b16_a_search_that_gets_no_answer_finds_none(ib, gateway):
    gateway.faults.ignore("ReqMatchingSymbols")

    assert await ib.reqMatchingSymbolsAsync("ES") is None


async def test_b16_with_errors_raised_one_bad_contract_spoils_all(ib):
    ib.RaiseRequestErrors = True

    with pytest.raises(Exception, match="No security definition"):
        await ib.qualifyContractsAsync(NQ, Future("NOPE", "202603", "CME"))
    await asyncio.sleep(1)
    assert len(ib.wrapper._results) == 1  # and its list stays for ever


# --- B17 -----------------------------------------------------------------------------


async def test_b17_the_contract_of_a_position_has_no_exchange_and_its_order_looks_alive(
    ib, gateway, es
):
    ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)
    (position,) = ib.positions()
    closing = ib.placeOrder(position.contract, MarketOrder("SELL", 1))
    await asyncio.sleep(1)

    assert position.contract.exchange == ib.portfolio()[0].contract.exchange == ""
    assert closing.log[-1].errorCode == 321
    assert (closing.orderStatus.status, closing.isDone()) == ("ValidationError", False)
    assert gateway.truth.orders == ()
    assert set(gateway.truth.positions.values()) == {1}


# --- B18 -----------------------------------------------------------------------------


async def test_b18_a_what_if_without_a_margin_hangs(ib, wire, es):
    answer = ib.whatIfOrderAsync(es, LimitOrder("BUY", 1, 4000, tif="DAY"))
    unset = types.SimpleNamespace(initMarginChange="1.7976931348623157E308")
    (order_id,) = ib.wrapper._futures
    ib.wrapper.openOrder(order_id, es, LimitOrder("BUY", 1, 4000, whatIf=True), unset)

    assert not answer.done()
    unset.initMarginChange = ""
    with pytest.raises(ValueError, match="could not convert"):
        ib.wrapper.openOrder(order_id, es, LimitOrder("BUY", 1, 4000, whatIf=True), unset)


async def test_b18_a_what_if_that_is_refused_is_an_empty_list(ib, gateway, es):
    gateway.faults.refuse("PlaceOrder", 201, "Order rejected")

    assert await ib.whatIfOrderAsync(es, LimitOrder("BUY", 1, 4000)) == []


# --- B19 -----------------------------------------------------------------------------


async def test_b19_a_client_id_in_use_is_a_timeout(ib):
    loop = asyncio.get_running_loop()
    began, second = loop.time(), IB()

    with pytest.raises(asyncio.TimeoutError):
        await second.connectAsync(clientId=1, timeout=30)
    assert loop.time() - began == pytest.approx(30, abs=0.1)
    assert await hangs(IB().connectAsync(clientId=1, timeout=0))


async def test_b19_a_start_that_fails_looks_like_an_empty_account(gateway, ib, es):
    ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)
    second = IB()
    gateway.faults.ignore("ReqPositions", client_id=2)
    await second.connectAsync(clientId=2)

    assert (second.isConnected(), second.positions()) == (True, [])
    second.disconnect()
    await asyncio.sleep(0.1)
    gateway.faults.ignore("ReqPositions", client_id=2)
    with pytest.raises(ConnectionError, match="positions request timed out"):
        await second.connectAsync(clientId=2, raiseSyncErrors=True)


async def test_b19_positions_are_asked_for_even_when_nothing_is(gateway, ib, wire):
    ib.disconnect()
    await asyncio.sleep(0.1)
    gateway.faults.cut_at("ReqPositions")

    with pytest.raises(ConnectionError):
        await ib.connectAsync(fetchFields=StartupFetch(0))


@pytest.mark.ibkit(scenario=Scenario(accounts=(Account(name="DU1"), Account(name="DU2"))))
async def test_b19_with_several_accounts_the_portfolio_stays_empty(ib, es):
    ib.placeOrder(es, MarketOrder("BUY", 1, account="DU2"))
    await asyncio.sleep(LONG)

    assert len(ib.positions()) == 1
    assert ib.portfolio() == []


# --- B20 -----------------------------------------------------------------------------


async def test_b20_a_disconnect_throws_everything_away(ib, gateway, es):
    trade = ib.placeOrder(es, LimitOrder("BUY", 1, 4000))
    ticker = ib.reqMktData(es)
    ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)
    gateway.faults.cut()
    await asyncio.sleep(1)

    empty = ib.trades(), ib.fills(), ib.positions(), ib.portfolio(), ib.tickers()
    assert empty == ([], [], [], [], [])
    assert (trade.orderStatus.status, ticker.bid) == ("Submitted", 5000)  # as they were
    await ib.connectAsync(clientId=1)
    (again,) = ib.openTrades()
    assert again is not trade
    assert [line.kind for line in gateway.truth.subscriptions if line.kind == "quotes"] == []
    ib.cancelOrder(again.order)
    await asyncio.sleep(1)


async def test_b20_an_event_of_an_old_trade_cannot_be_awaited(ib, gateway, es):
    trade = ib.placeOrder(es, LimitOrder("BUY", 1, 4000))
    await asyncio.sleep(1)
    gateway.faults.cancel_order(trade.order.permId)
    gateway.faults.cut()
    await asyncio.sleep(1)

    with pytest.raises(ValueError, match="done"):
        await trade.statusEvent


@pytest.mark.ibkit(scenario=Scenario(limits=Limits(account_summaries=2)))
async def test_b20_each_1102_adds_an_account_summary(ib, gateway):
    codes = []
    ib.errorEvent += lambda _req_id, code, *_: codes.append(code)
    await ib.accountSummaryAsync()
    for _ in range(3):
        gateway.faults.lose_connectivity()
        gateway.faults.restore()
        await asyncio.sleep(10)

    assert codes.count(322) == 2
