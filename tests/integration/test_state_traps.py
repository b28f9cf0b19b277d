"""Traps of ib_async 2.1 that concern state, each in two halves.

Bare ib_async falls in, so that a release that mends it is noticed; the live state does not.
"""

import asyncio
from decimal import Decimal

import pytest
from ib_async import LimitOrder, MarketOrder

from ibkit.errors import NotConnected
from ibkit.sim import OrderTerms
from ibkit.state import LiveState, Owner, Phase
from ibkit.testing import run_virtual
from sim_client import client, connected, future

BY_HAND = OrderTerms(action="BUY", quantity=Decimal(1), order_type="LMT", limit_price=Decimal(4000))


def run(test, **options):
    async def main():
        async with connected(**options) as (gateway, ib):
            gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=50, ask_size=50)
            state = LiveState(ib)
            await state.link.up_async(timeout=30)
            try:
                return await test(gateway, ib, state)
            finally:
                state.close()
                state.link.release()

    return run_virtual(main())


async def working(gateway, ib, price=4000, size=1):
    """Place an order that waits."""
    trade = ib.placeOrder(future(gateway), LimitOrder("BUY", size, price))
    await asyncio.sleep(1)
    return trade


def events_of(trade):
    names = []
    for name in ("cancelledEvent", "filledEvent", "fillEvent"):
        getattr(trade, name).connect(lambda *_, name=name: names.append(name), keep_ref=True)
    return names


@pytest.mark.parametrize("code", [10349, 10311, 161, 10148, 98765])
def test_b1_an_error_text_does_not_cancel(code):
    async def test(gateway, ib, state):
        gateway.faults.notice_next_order(code, "by the way")
        trade = ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        heard = events_of(trade)
        told = []
        state.order_changed.connect(lambda change: told.append(change.after.is_done))
        await asyncio.sleep(5)
        return heard, told, state.orders.all, gateway.truth.orders

    heard, told, (order,), (true,) = run(test)

    assert "cancelledEvent" in heard  # bare ib_async
    assert told
    assert not any(told)
    assert (order.status, order.certain) == (true.status, True)


def test_b2_a_new_order_that_was_refused_is_not_open():
    async def test(gateway, ib, state):
        gateway.faults.refuse_next_order(321, "Error validating request")
        trade = ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
        await asyncio.sleep(5)
        return trade, state.orders.all, gateway.truth.orders

    trade, (order,), true = run(test)

    assert true == ()
    assert (trade.isActive(), trade.isDone()) == (True, False)  # bare ib_async
    assert (order.status, order.is_done) == ("Rejected", True)


def test_b2_a_refused_change_leaves_the_terms():
    async def test(gateway, ib, state):
        trade = await working(gateway, ib)
        gateway.faults.refuse_next_modify(110, "The price does not conform")
        trade.order.lmtPrice = 4000.13
        ib.placeOrder(trade.contract, trade.order)
        await asyncio.sleep(5)
        return trade.order.lmtPrice, state.orders.all

    price, (order,) = run(test)

    assert price == 4000.13  # bare ib_async
    assert order.order.lmtPrice == 4000
    assert (order.wanted, order.refused.code) == (None, 110)


def test_b3_a_late_status_does_not_undo_a_fill():
    async def test(gateway, ib, state):
        trade = ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(1)
        ib.wrapper.orderStatus(
            trade.order.orderId, "Submitted", 0, 1, 0, trade.order.permId, 0, 0, 3, "", 0
        )
        return trade.orderStatus, state.orders.all

    status, (order,) = run(test)

    assert (status.status, status.filled) == ("Submitted", 0)  # bare ib_async
    assert (order.status, order.filled) == ("Filled", 1)


def test_b4_executions_alone_complete_an_order():
    async def test(gateway, ib, state):
        trade = await working(gateway, ib)
        gateway.faults.withhold("OrderStatus", times=9)
        gateway.faults.withhold("OpenOrder", times=9)
        gateway.faults.fill_order(trade.order.permId, 1, 4000)
        await asyncio.sleep(1)
        return trade, state.orders.all

    trade, (order,) = run(test)

    assert (trade.filled(), trade.isDone()) == (1, False)  # bare ib_async
    assert (order.status, order.filled) == ("Filled", 1)


def test_b5_orders_of_others_are_known_as_such():
    async def test(gateway, ib, state):
        own = (await working(gateway, ib)).order
        async with client(gateway, 9) as other:
            theirs = LimitOrder("BUY", 1, 3990, orderId=own.orderId)
            other.placeOrder(future(gateway), theirs)
            await asyncio.sleep(1)
            gateway.faults.place_by_hand("ES", BY_HAND)
            trades = await ib.reqAllOpenOrdersAsync()
            (foreign,) = [trade for trade in trades if trade.order.clientId == 9]
            ib.cancelOrder(foreign.order)
            await asyncio.sleep(1)
            left = [view.key.client_id for view in gateway.truth.orders]
            return left, {order.owner: order for order in state.orders.all}

    left, orders = run(test)

    assert left == [9, 0]  # bare ib_async: it was our own order that was cancelled
    assert orders[Owner.OURS].status == "Cancelled"
    assert orders[Owner.CLIENT].is_live
    assert orders[Owner.CLIENT].order_id == orders[Owner.OURS].order_id
    assert orders[Owner.MANUAL].is_live


def test_b6_an_id_handed_out_again_names_another_order():
    async def test(gateway, ib, state):
        old = (await working(gateway, ib)).order
        gateway.faults.cancel_order(old.permId)
        gateway.faults.restart(ids_back_by=3)
        await asyncio.sleep(1)
        await ib.connectAsync(clientId=3)
        await state.link.up_async(timeout=30)
        new = LimitOrder("BUY", 1, 3990, orderId=old.orderId)
        ib.placeOrder(future(gateway), new)
        await asyncio.sleep(1)
        old.lmtPrice = 3500
        ib.placeOrder(future(gateway), old)
        await asyncio.sleep(1)
        changed = [view.terms.limit_price for view in gateway.truth.orders]
        return old, new, changed, state.orders[old.permId], state.orders[new.permId]

    old, new, changed, first, second = run(test)

    assert old.orderId == new.orderId
    assert changed == [3500]  # bare ib_async: the old object changed the new order
    assert first.perm_id != second.perm_id
    assert (first.is_done, first.order.lmtPrice) == (True, 4000)
    assert (second.phase, second.order.lmtPrice) == (Phase.WORKING, 3500)


def test_b7_what_openorder_shows_is_what_stands():
    async def test(gateway, ib, state):
        order = LimitOrder("BUY", 1, 4000, tif="")
        trade = ib.placeOrder(future(gateway), order)
        await asyncio.sleep(1)
        return trade.order, state.orders.all[0].order, gateway.truth.orders[0]

    bare, shown, true = run(test)

    assert (bare.account, bare.tif) == ("", "")  # bare ib_async keeps what was sent
    assert (shown.account, shown.tif) == (true.account, true.terms.tif)


def test_b10_a_correction_replaces_the_trade():
    async def test(gateway, ib, state):
        trade = ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(1)
        gateway.faults.correct_fill(gateway.truth.fills[0].exec_id, 5001)
        await asyncio.sleep(1)
        return trade.filled(), list(state.fills.values()), state.orders.all

    filled, (fill,), (order,) = run(test)

    assert filled == 2  # bare ib_async
    assert (fill.size, fill.price) == (1, 5001)
    assert (order.filled, order.average_price) == (1, 5001)


def test_b10_a_recovered_fill_is_told():
    async def test(gateway, ib, state):
        bare, told = [], []
        ib.execDetailsEvent += lambda *_: bare.append(1)
        state.fill_changed.connect(told.append)
        gateway.faults.withhold("ExecDetails")
        ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(1)
        await ib.reqExecutionsAsync()
        return bare, [change for change in told if change.before is None]

    bare, told = run(test)

    assert bare == []  # bare ib_async
    assert [change.after.recovered for change in told] == [True]


def test_b10_a_commission_that_comes_first_is_kept_and_unset_is_not_zero():
    async def test(gateway, ib, state):
        gateway.faults.delay("ExecDetails", 1)
        trade = ib.placeOrder(future(gateway), MarketOrder("BUY", 1))
        await asyncio.sleep(5)
        return trade.fills[0].commissionReport, next(iter(state.fills.values()))

    report, fill = run(test)

    assert (report.commission, report.realizedPNL) == (0, 0)  # bare ib_async: lost
    assert (fill.commission, fill.realized_pnl) == (Decimal("2.25"), None)


def test_b11_an_order_that_tws_does_not_list_any_more_is_closed():
    async def test(gateway, ib, state):
        trade = await working(gateway, ib)
        for name in ("OrderStatus", "OpenOrder", "ErrMsg"):
            gateway.faults.withhold(name, times=3)
        gateway.faults.cancel_order(trade.order.permId)
        await asyncio.sleep(1)
        gateway.faults.clear()
        await ib.reqOpenOrdersAsync()
        await ib.reqCompletedOrdersAsync(False)
        bare = trade.isDone()
        state.doubt(state.orders[trade.order.permId])
        await state.ask_async()
        return bare, state.orders.all

    bare, (order,) = run(test)

    assert not bare  # bare ib_async
    assert (order.status, order.certain) == ("Cancelled", True)


def test_b17_the_contract_of_a_position_has_no_exchange_and_the_ledger_knows_the_refusal():
    async def test(gateway, ib, state):
        es = future(gateway)
        ib.placeOrder(es, MarketOrder("BUY", 1))
        await asyncio.sleep(1)
        close = ib.placeOrder(ib.positions()[0].contract, MarketOrder("SELL", 1))
        await asyncio.sleep(1)
        return close, state.orders.all[-1], state.positions.total(es)

    close, order, held = run(test)

    assert close.contract.exchange == ""
    assert not close.isDone()  # bare ib_async believes that it is closing
    assert order.status == "Rejected"
    assert held == 1


def test_b20_orders_survive_a_disconnect_and_nothing_old_is_shown():
    async def test(gateway, ib, state):
        trade = await working(gateway, ib)
        perm_id, before = trade.order.permId, state.orders[trade.order.permId]
        gateway.faults.cut()
        await asyncio.sleep(1)
        bare = ib.trades(), ib.positions(), trade.orderStatus.status
        with pytest.raises(NotConnected):
            len(state.orders)
        gateway.faults.cancel_order(perm_id)
        await ib.connectAsync(clientId=3)
        await state.link.up_async(timeout=30)
        return bare, trade.orderStatus.status, before, state.orders[perm_id]

    bare, frozen, before, after = run(test)

    assert bare == ([], [], "Submitted")  # bare ib_async: empty, and the object stays as it was
    assert frozen == "Submitted"
    assert before.perm_id == after.perm_id
    assert after.status == "Cancelled"


def test_b28_profit_and_loss_that_is_not_known_is_none():
    async def test(gateway, ib, state):
        figures = await state.pnl.first_async(timeout=5)
        bare = ib.pnl()[0]
        ib.wrapper.pnl(next(iter(ib.wrapper.reqId2PnL)), 1.7976931348623157e308, 0.0, 0.0)
        return figures, bare.dailyPnL, state.pnl.latest

    figures, bare, latest = run(test)

    assert figures.daily == 0
    assert bare > 1e300  # bare ib_async
    assert (latest.daily, latest.realized) == (None, 0)
