"""Orders of a roll, sent by a real client to a simulated gateway."""

import asyncio
from decimal import Decimal

import pytest
from ib_async import Order

from ibkit.errors import FateUnknown, OrderRejected, RequestTimeout
from roll_world import ACCOUNT, desk_at, long_three, rolling


def order(hands, action="BUY", size=2, limit=4900.0, **more):
    return Order(
        orderId=hands.reserve_ids(1), action=action, totalQuantity=size, orderType="LMT",
        lmtPrice=limit, orderRef="ir/1-2:L0:s", account=ACCOUNT, **more,
    )  # fmt: skip


def with_hands(test, **options):
    async def run(there, desk):
        async with desk.orders.rolling(
            there.old, there.new, account=ACCOUNT, side="BUY", size=2
        ) as hands:
            return await test(there, desk, hands)

    return rolling(run, **options)


def test_what_is_sent_is_answered_changed_and_cancelled():
    async def test(there, desk, hands):
        one = order(hands)
        await hands.send_async(there.old, [one])
        await hands.change_async(one.orderId, limit=Decimal("4901.25"))
        await hands.change_async(one.orderId, remaining=Decimal(5))
        (live,) = there.gateway.truth.orders
        shown = live.terms.limit_price, live.terms.quantity
        await hands.cancel_async(one.orderId)
        await hands.cancel_async(one.orderId)
        return shown, len(there.gateway.truth.orders)

    assert with_hands(test) == ((Decimal("4901.25"), 5), 0)


def test_a_change_of_what_remains_counts_what_is_filled():
    async def test(there, desk, hands):
        one = order(hands, size=4)
        await hands.send_async(there.old, [one])
        (live,) = there.gateway.truth.orders
        there.gateway.faults.fill_order(live.perm_id, quantity=1, price=4900)
        await asyncio.sleep(1)
        filled = there.held()[0]
        await hands.change_async(one.orderId, remaining=Decimal(1))
        (live,) = there.gateway.truth.orders
        return filled, live.terms.quantity

    filled, total = with_hands(test)

    assert (filled, total) == (1, 2)


def test_orders_are_shown_with_all_their_terms_and_those_of_others_too():
    async def test(there, desk, hands):
        await long_three(desk, there)
        async with desk_at(there, 2) as other:
            other.ib.placeOrder(there.old, Order(action="SELL", totalQuantity=1, orderType="TRAIL",
                                                 auxPrice=30.0, trailStopPrice=4960.0))  # fmt: skip
            await asyncio.sleep(1)
            seen = await hands.orders_async()
        return [(t.order.clientId, t.order.orderType, t.order.trailStopPrice) for t in seen
                if not t.isDone() and t.order.clientId == 2], len(seen)  # fmt: skip

    trails, count = with_hands(test)

    assert [(client, kind) for client, kind, _ in trails] == [(2, "TRAIL")]
    assert count >= 7


def test_a_refusal_is_raised_with_the_words_of_tws():
    async def test(there, desk, hands):
        with pytest.raises(OrderRejected) as caught:
            await hands.send_async(there.old, [order(hands, limit=4900.13)])
        return caught.value

    error = with_hands(test)

    assert error.code == 110
    assert "price" in error.text


def test_a_connection_that_is_lost_leaves_the_fate_unknown_until_it_is_asked():
    async def test(there, desk, hands):
        there.gateway.faults.cut_at("PlaceOrder", after=True)
        one = order(hands)
        with pytest.raises(FateUnknown):
            await hands.send_async(there.old, [one])
        await hands.settled_async()
        shown = [t for t in await hands.orders_async() if t.order.orderRef == one.orderRef]
        return [t.isDone() for t in shown], len(there.gateway.truth.orders)

    assert with_hands(test) == ([False], 1)


def test_no_answer_at_all_is_a_fate_unknown_and_settled_by_asking():
    async def test(there, desk, hands):
        there.gateway.faults.ignore("PlaceOrder")
        with pytest.raises(FateUnknown):
            await hands.send_async(there.old, [order(hands)])
        await hands.settled_async()
        shown = await hands.orders_async()
        return [t.isDone() for t in shown], len(there.gateway.truth.orders)

    assert with_hands(test) == ([True], 0)


def test_waiting_ends_with_news_or_with_time():
    async def test(there, desk, hands):
        loop = asyncio.get_running_loop()
        await hands.orders_async()
        began = loop.time()
        await hands.changed_async(5.0)
        quiet = loop.time() - began
        await hands.send_async(there.old, [order(hands)])
        began = loop.time()
        await hands.changed_async(5.0)
        return round(quiet), loop.time() - began < 1

    assert with_hands(test) == (5, True)


def test_what_is_never_certain_is_a_timeout():
    async def test(there, desk, hands):
        hands._doubtful = lambda: [None]
        with pytest.raises(RequestTimeout, match="in doubt"):
            await hands.settled_async(timeout=3)
        del hands._doubtful

    with_hands(test)
