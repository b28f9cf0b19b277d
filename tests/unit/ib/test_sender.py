import asyncio

import pytest
from ib_async import Future, LimitOrder

from ibkit._ib._pacer import Lane, Pacing
from ibkit._ib._requests import Requests
from ibkit._ib._sender import Sender

ES = Future("ES", "202603", "CME")


def contracts(count):
    return [Future("ES", str(202600 + index), "CME") for index in range(count)]


async def test_with_200_requests_waiting_a_cancel_is_on_the_wire_at_once(ib, connected):
    tws = await connected()
    loop = asyncio.get_running_loop()
    order = LimitOrder("BUY", 1, 5000, orderId=77)

    bare = [tws.ib.reqContractDetailsAsync(contract) for contract in contracts(200)]
    asked = loop.time()
    tws.ib.cancelOrder(order)
    await asyncio.sleep(10)
    waited = tws.times[tws.numbers().index(4)] - asked
    assert waited > 3.9
    assert len(bare) == 200

    tws.sent.clear()
    tws.times.clear()
    requests = Requests(ib)
    asking = [
        asyncio.ensure_future(requests.contract_details_async(contract))
        for contract in contracts(200)
    ]
    await asyncio.sleep(0)
    asked = loop.time()
    requests.sender.order(lambda: tws.ib.cancelOrder(order))
    assert tws.numbers()[-1] == 4
    assert tws.times[-1] - asked < 0.001
    assert requests.sender.held_back == 0
    await asyncio.sleep(8)
    assert tws.numbers().count(9) == 200
    requests.close()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_data_never_fill_the_queue_of_ib_async(ib, connected):
    tws = await connected()
    throttled = []
    tws.ib.client.throttleStart += lambda: throttled.append(True)
    sender = Sender(ib)
    for index in range(200):
        sender.submit(Lane.DATA, lambda: tws.ib.client.reqMarketDataType(1))
        if index % 10 == 0:
            sender.order(lambda: tws.ib.client.reqMarketDataType(2))
            await asyncio.sleep(0.3)
    await asyncio.sleep(10)

    assert throttled == []
    assert len(tws.asked(59)) == 220


async def test_data_wait_while_ib_async_holds_something_back(ib, connected):
    tws = await connected()
    sender = Sender(ib)
    for _ in range(60):
        tws.ib.client.reqMarketDataType(1)
    assert sender.held_back == 16  # with the login
    sender.submit(Lane.DATA, lambda: tws.ib.client.reqMarketDataType(3))
    assert sender.held_back == 16
    await asyncio.sleep(0.5)
    assert ["59", "1", "3"] not in tws.sent
    await asyncio.sleep(2)

    assert tws.sent[-1] == ["59", "1", "3"]


async def test_an_order_gives_back_what_it_made(ib, connected):
    await connected()
    sender = Sender(ib)

    assert sender.order(lambda: "a trade") == "a trade"
    assert sender.statistics().sent["ORDER"] == 1


async def test_who_left_does_not_send(ib, connected):
    await connected()
    sender = Sender(ib, Pacing(limit=1, reserve=0))
    sent = []
    sender.submit(Lane.DATA, lambda: sent.append(1))
    ticket = sender.submit(Lane.DATA, lambda: sent.append(2))
    sender.submit(Lane.DATA, lambda: sent.append(3))
    sender.leave(ticket)
    await asyncio.sleep(5)

    assert sent == [1, 3]


def test_an_order_needs_no_running_loop(ib):
    assert Sender(ib).order(lambda: 5) == 5


def test_a_second_loop_does_not_wait_for_the_timer_of_the_first(ib):
    sender = Sender(ib, Pacing(limit=1, reserve=0, period=0.01))
    sent = []

    async def submit(count):
        for _ in range(count):
            sender.submit(Lane.DATA, lambda: sent.append(1))
        await asyncio.sleep(0)

    async def wait():
        await submit(1)
        while len(sent) < 4:
            await asyncio.sleep(0.005)

    asyncio.run(submit(3))
    asyncio.run(asyncio.wait_for(wait(), 10))

    assert len(sent) == 4


@pytest.mark.parametrize("lane", [Lane.STATE, Lane.DATA, Lane.HISTORY])
async def test_a_single_message_never_waits(ib, connected, lane):
    await connected()
    sent = []
    Sender(ib).submit(lane, lambda: sent.append(1))

    assert sent == [1]
