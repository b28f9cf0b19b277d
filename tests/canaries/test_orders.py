"""B1 to B11: what ib_async 2.1.0 makes of orders and fills."""

import asyncio
import dataclasses

import pytest
from ib_async import IB, LimitOrder, MarketOrder, Order, Trade

from ibkit.sim import Scenario
from sim_client import future

# the orders that these tests leave die with their gateway
pytestmark = pytest.mark.filterwarnings("ignore::ibkit.testing.LeftOpen")

PLACE_ORDER, CANCEL_ORDER = 3, 4
"""The numbers of the messages."""

EVENTS = ("statusEvent", "cancelledEvent", "filledEvent", "fillEvent")


def listen(trade: Trade) -> list[tuple[str, str]]:
    """The events of a trade from now on, each with the status of that moment."""
    heard: list[tuple[str, str]] = []
    for name in EVENTS:
        getattr(trade, name).connect(
            lambda *_, name=name: heard.append((name, trade.orderStatus.status)), keep_ref=True
        )
    return heard


async def waiting(ib: IB, contract, price=4000, size=1) -> Trade:
    trade = ib.placeOrder(contract, LimitOrder("BUY", size, price))
    await asyncio.sleep(1)
    return trade


# --- B1 ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", [104, 135, 161, 300, 328, 354, 1102, 10147, 10148, 10149, 10311, 10318, 10349, 98765]
)
async def test_b01_an_error_text_on_an_order_cancels_it_and_it_comes_back(ib, gateway, es, code):
    gateway.faults.notice_next_order(code, "by the way")
    trade = ib.placeOrder(es, LimitOrder("BUY", 1, 4000))
    heard = listen(trade)
    await asyncio.sleep(1)

    assert ("cancelledEvent", "Cancelled") in heard
    (order,) = gateway.truth.orders
    assert order.status == "Submitted"
    gateway.faults.fill_order(order.perm_id, 1, 4000)
    await asyncio.sleep(1)
    assert heard[-1] == ("filledEvent", "Filled")


# --- B2 ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [105, 321, 329, 399, 404, 434, 492, 2109, 10167])
async def test_b02_a_new_order_that_was_refused_with_such_a_code_stays_open(ib, gateway, es, code):
    gateway.faults.refuse_next_order(code, "refused")
    trade = await waiting(ib, es)

    assert gateway.truth.orders == ()
    assert trade.orderStatus.status == "ValidationError"
    assert (trade.isActive(), trade.isWorking(), trade.isDone()) == (True, True, False)
    assert ib.openTrades() == [trade]


async def test_b02_a_refused_change_leaves_the_new_price(ib, gateway, es):
    trade = await waiting(ib, es)
    gateway.faults.refuse_next_modify(110, "The price does not conform")
    trade.order.lmtPrice = 4000.13
    ib.placeOrder(es, trade.order)
    await asyncio.sleep(1)

    assert (trade.order.lmtPrice, trade.orderStatus.status) == (4000.13, "ValidationError")
    assert gateway.truth.orders[0].terms.limit_price == 4000


# --- B3 ------------------------------------------------------------------------------


async def test_b03_a_late_status_undoes_a_fill(ib, gateway, es):
    trade = ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)
    assert (trade.orderStatus.status, trade.orderStatus.filled) == ("Filled", 1)
    gateway.faults.report_status(trade.order.permId, "Submitted")
    await asyncio.sleep(1)

    assert (trade.orderStatus.status, trade.isDone()) == ("Submitted", False)


@pytest.mark.parametrize("status", ["ApiCancelled", "Inactive"])
async def test_b03_ends_that_emit_no_cancelled_event(ib, gateway, es, status):
    trade = await waiting(ib, es)
    heard = listen(trade)
    gateway.faults.report_status(trade.order.permId, status)
    await asyncio.sleep(1)

    assert trade.isDone()
    assert heard == [("statusEvent", status)]


@pytest.mark.parametrize("status", ["PendingCancel", "NeverHeardOf"])
async def test_b03_statuses_that_are_in_no_set(ib, gateway, es, status):
    trade = await waiting(ib, es)
    gateway.faults.report_status(trade.order.permId, status)
    await asyncio.sleep(1)

    questions = trade.isActive(), trade.isWorking(), trade.isWaiting(), trade.isDone()
    assert questions == (False, False, False, False)
    assert ib.openTrades() == [trade]


# --- B4 ------------------------------------------------------------------------------


@pytest.mark.ibkit(scenario=Scenario(skip_market_status=True))
async def test_b04_executions_alone_complete_nothing(ib, gateway, es):
    gateway.faults.withhold("OpenOrder", times=9)
    trade = ib.placeOrder(es, MarketOrder("BUY", 1))
    heard = listen(trade)
    await asyncio.sleep(1)

    assert (trade.filled(), trade.remaining(), trade.isDone()) == (1, 0, False)
    assert trade.orderStatus.status == "PendingSubmit"
    assert [name for name, _ in heard] == ["fillEvent"]


@pytest.mark.ibkit(scenario=Scenario(execution_before_status=False))
async def test_b04_an_order_is_filled_before_its_fills_are_there(ib, es):
    trade = ib.placeOrder(es, MarketOrder("BUY", 1))
    fills = []
    trade.filledEvent += lambda trade: fills.append(len(trade.fills))
    await asyncio.sleep(1)

    assert fills == [0]
    assert len(trade.fills) == 1


# --- B5 ------------------------------------------------------------------------------


async def foreign_order(ib, own):
    """An order of client 5 that has the number of one of ours."""
    other = IB()
    await other.connectAsync(clientId=5)
    other.placeOrder(own.contract, LimitOrder("BUY", 7, 3000, orderId=own.order.orderId))
    await asyncio.sleep(1)
    other.disconnect()
    trades = await ib.reqAllOpenOrdersAsync()
    (foreign,) = [trade for trade in trades if trade.order.clientId == 5]
    return foreign


async def test_b05_to_cancel_a_foreign_order_cancels_your_own(ib, gateway, es):
    own = await waiting(ib, es)
    foreign = await foreign_order(ib, own)
    ib.cancelOrder(foreign.order)
    await asyncio.sleep(1)

    assert [order.key.client_id for order in gateway.truth.orders] == [5]


async def test_b05_to_change_a_foreign_order_changes_your_own(ib, gateway, es):
    own = await waiting(ib, es)
    foreign = await foreign_order(ib, own)
    foreign.order.permId, foreign.order.lmtPrice = 0, 3100
    ib.placeOrder(es, foreign.order)
    await asyncio.sleep(1)

    terms = {order.key.client_id: order.terms for order in gateway.truth.orders}
    assert terms[5].limit_price == 3000
    assert (terms[1].quantity, terms[1].limit_price) == (7, 3100)


# --- B6 ------------------------------------------------------------------------------


async def test_b06_an_order_object_is_an_identity(ib, gateway, es):
    order = LimitOrder("BUY", 1, 4000)
    first = ib.placeOrder(es, order)
    await asyncio.sleep(1)
    nq = ib.placeOrder(future(gateway, "NQ"), order)

    assert nq is first
    assert (order.orderId, order.clientId) == (first.order.orderId, 1)


async def test_b06_an_order_that_is_done_is_sent_before_it_is_refused(ib, wire, es):
    trade = ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)

    with pytest.raises(AssertionError):
        ib.placeOrder(es, trade.order)
    assert len(wire.requests(PLACE_ORDER)) == 2


async def test_b06_an_order_of_an_earlier_session_changes_a_new_one(ib, gateway, es):
    old = (await waiting(ib, es)).order
    gateway.faults.cancel_order(old.permId)
    gateway.faults.restart(ids_back_by=3)
    await asyncio.sleep(1)
    await ib.connectAsync(clientId=1)
    ib.placeOrder(es, LimitOrder("BUY", 1, 3990, orderId=old.orderId))
    await asyncio.sleep(1)
    old.permId, old.lmtPrice = 0, 3500
    ib.placeOrder(es, old)
    await asyncio.sleep(1)

    assert [order.terms.limit_price for order in gateway.truth.orders] == [3500]


def test_b06_orders_cannot_be_replaced_by_dataclasses():
    with pytest.raises(TypeError, match="orderType"):
        dataclasses.replace(LimitOrder("BUY", 1, 4000), lmtPrice=3900)


async def test_b06_what_the_caller_left_unset_is_set_to_none(ib, es):
    order = LimitOrder("BUY", 1, 4000)
    before = order.volatility
    ib.placeOrder(es, order)

    assert (before, order.volatility) == (Order().volatility, None)


# --- B7 ------------------------------------------------------------------------------


async def test_b07_an_order_keeps_what_was_sent_not_what_tws_shows(ib, gateway, es):
    trade = await waiting(ib, es)
    (true,) = gateway.truth.orders

    assert (true.account, true.terms.tif) == ("DU1000001", "DAY")
    assert (trade.order.account, trade.order.tif) == ("", "")


async def test_b07_a_trailing_limit_goes_back_with_a_limit_and_an_offset(ib, es):
    order = Order(
        action="SELL",
        totalQuantity=1,
        orderType="TRAIL LIMIT",
        auxPrice=10,
        trailStopPrice=4900,
        lmtPriceOffset=2,
    )
    trade = ib.placeOrder(es, order)
    await asyncio.sleep(1)
    await ib.reqOpenOrdersAsync()  # its openOrder has the limit that TWS works out

    assert (order.lmtPrice, order.lmtPriceOffset) == (4898, 2)
    ib.placeOrder(es, order)
    await asyncio.sleep(1)
    assert trade.log[-1].errorCode == 321  # one of the two, TWS says
    assert trade.orderStatus.status == "ValidationError"  # B2 makes it look alive


# --- B8 ------------------------------------------------------------------------------


def test_b08_a_bracket_cannot_be_made_offline():
    with pytest.raises(ConnectionError):
        IB().bracketOrder("BUY", 1, 5000, 5010, 4990)


async def test_b08_an_oca_group_takes_the_entry_in(ib):
    orders = ib.bracketOrder("BUY", 1, 5000, 5010, 4990, ocaGroup="exits")

    assert [order.ocaGroup for order in orders] == ["exits"] * 3


@pytest.mark.parametrize("name", ["transmit", "parentId", "orderId", "orderType"])
async def test_b08_arguments_that_a_bracket_does_not_take(ib, name):
    with pytest.raises(TypeError, match=name):
        ib.bracketOrder("BUY", 1, 5000, 5010, 4990, **{name: True})


async def test_b08_the_children_of_a_rejected_entry_stay_open(ib, gateway, es):
    gateway.faults.refuse_next_order(201, "Order rejected")
    trades = [ib.placeOrder(es, order) for order in ib.bracketOrder("BUY", 1, 4000, 4010, 3990)]
    await asyncio.sleep(1)

    assert gateway.truth.orders == ()
    assert trades[0].isDone()
    assert [trade.isDone() for trade in trades[1:]] == [False, False]


# --- B9 ------------------------------------------------------------------------------


async def test_b09_a_cancel_waits_behind_requests_for_data(ib, gateway, wire, es):
    trade = await waiting(ib, es)
    began = asyncio.get_running_loop().time()
    for _ in range(150):
        ib.client.reqContractDetails(ib.client.getReqId(), es)
    ib.cancelOrder(trade.order)
    while not wire.requests(CANCEL_ORDER):
        await asyncio.sleep(0.1)

    assert asyncio.get_running_loop().time() - began == pytest.approx(3, abs=0.2)


async def test_b09_what_waits_to_be_sent_is_dropped_without_a_word(ib, gateway, wire, es):
    for _ in range(60):
        ib.client.reqContractDetails(ib.client.getReqId(), es)
    trade = ib.placeOrder(es, LimitOrder("BUY", 1, 4000))
    heard = listen(trade)
    ib.disconnect()
    await asyncio.sleep(5)

    assert (wire.requests(PLACE_ORDER), gateway.truth.orders) == ([], ())
    assert (heard, trade.orderStatus.status) == ([], "PendingSubmit")


# --- B10 -----------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "fills"), [("US/Eastern", 1), ("JST", 0), ("MSK", 0), ("IST", 0)])
async def test_b10_a_fill_in_a_zone_that_is_unknown_is_dropped(ib, gateway, es, zone, fills):
    gateway.faults.write_times(zone)
    ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)

    assert len(gateway.truth.fills) == 1
    assert len(ib.fills()) == fills


async def test_b10_a_correction_is_added(ib, gateway, es):
    trade = ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)
    gateway.faults.correct_fill(gateway.truth.fills[0].exec_id, 5001)
    await asyncio.sleep(1)

    assert trade.filled() == 2


async def test_b10_a_recovered_fill_emits_nothing_then_or_later(ib, gateway, es):
    heard = []
    ib.execDetailsEvent += lambda *_: heard.append(1)
    gateway.faults.delay("ExecDetails", 60)
    trade = ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)
    assert len(await ib.reqExecutionsAsync()) == 1
    await asyncio.sleep(120)

    assert (heard, trade.filled()) == ([], 1)


@pytest.mark.ibkit(scenario=Scenario(commission_before_execution=True))
async def test_b10_a_commission_that_comes_first_is_lost(ib, es):
    heard = []
    ib.commissionReportEvent += lambda *_: heard.append(1)
    trade = ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)

    assert heard == []
    assert trade.fills[0].commissionReport.commission == 0


async def test_b10_a_profit_that_is_unset_reads_as_zero(ib, es):
    trade = ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(1)

    assert trade.fills[0].commissionReport.realizedPNL == 0


# --- B11 -----------------------------------------------------------------------------


async def test_b11_a_list_of_open_orders_closes_nothing_that_is_not_in_it(ib, gateway, es):
    trade = await waiting(ib, es)
    for name in ("OrderStatus", "OpenOrder", "ErrMsg"):
        gateway.faults.withhold(name, times=3)
    gateway.faults.cancel_order(trade.order.permId)
    await asyncio.sleep(1)
    gateway.faults.clear()

    assert await ib.reqOpenOrdersAsync() == []
    assert [one.orderStatus.status for one in await ib.reqCompletedOrdersAsync(False)] == [
        "Cancelled"
    ]
    assert trade.orderStatus.status == "Submitted"
