"""The door to raw market data, and what it leans on inside of ib_async."""

import asyncio
import math
import struct

import pytest
from ib_async import IB, Future

from ibkit._ib import _market_data as door, _market_requests as requests
from ibkit._ib._health import HealthRecord
from ibkit._ib._market_data import MarketData, Message
from ibkit._ib._sender import Sender
from ibkit.testing import run_virtual

ES = Future("ES", "202612", "CME", conId=7, localSymbol="ESZ6")


class Wire:
    def __init__(self):
        self.ib = ib = IB()
        client = ib.client
        client.connState, client._apiReady = client.CONNECTED, True
        client._serverVersion = client.decoder.serverVersion = 178
        client._reqIdSeq, client._accounts = 1, ["DU1"]
        self.sent = []
        client.conn.sendMsg = lambda data: self.sent.append(data[4:].decode().split("\0")[:-1])
        self.health = HealthRecord()
        self.door = MarketData(ib, Sender(ib), self.health)
        self.notices = []
        self.stop = self.door.listen(lambda *said: self.notices.append(said))
        self.heard, self.errors, self.ids = [], [], []

    def feed(self, *fields):
        text = "".join(f"{field}\0" for field in fields).encode()
        self.ib.client._onSocketHasData(struct.pack(">I", len(text)) + text)

    def open(self, request=None, **routes):
        listen = {Message[name]: listener for name, listener in routes.items()}
        return self.door.open(
            request or requests.quotes(ES, ""),
            listen or {Message.PRICE: lambda fields, _: self.heard.append(fields[3:5])},
            on_error=lambda *said: self.errors.append(said),
            on_sent=lambda subscription: self.ids.append(subscription.req_id),
        )


def run(test):
    async def main():
        return await test(Wire())

    return run_virtual(main())


def test_a_message_goes_to_the_listener_of_its_id_and_not_to_ib_async():
    async def test(wire):
        wire.open()
        wire.feed(1, 6, 1, 1, "5000.25", 3, 0)
        return wire.heard, wire.ib.wrapper.pendingTickers

    assert run(test) == ([["1", "5000.25"]], set())


def test_messages_of_other_ids_reach_ib_async_as_ever():
    async def test(wire):
        wire.open()
        ticker = wire.ib.reqMktData(ES)
        wire.feed(1, 6, 2, 1, "5000.25", 3, 0)
        return wire.heard, ticker.bid

    assert run(test) == ([], 5000.25)


@pytest.mark.parametrize("message", list(Message))
def test_the_decoder_has_a_handler_for_each_message_that_is_taken_over(message):
    assert message in IB().client.decoder.handlers


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (Message.PRICE, (1, 6, 1, 1, 5000, 1, 0)),
        (Message.SIZE, (2, 6, 1, 0, 5)),
        (Message.DEPTH, (12, 1, 1, 0, 0, 1, 5000, 1)),
        (Message.DEPTH_BY_MAKER, (13, 1, 1, 0, "NSDQ", 0, 1, 5000, 1, 1)),
        (Message.HISTORY, (17, 1, "", "", 0)),
        (Message.GREEKS, (21, 1, 13, 0, 1, 1, 1, 1, 1, 1, 1, 1)),
        (Message.GENERIC, (45, 6, 1, 49, 0)),
        (Message.TEXT, (46, 6, 1, 45, "1795185000")),
        (Message.BAR_5S, (50, 3, 1, 1795185000, 1, 1, 1, 1, 1, 1, 1)),
        (Message.SNAPSHOT_END, (57, 1, 1)),
        (Message.DATA_TYPE, (58, 1, 1, 3)),
        (Message.HISTORY_UPDATE, (90, 1, 1, "1795185000", 1, 1, 1, 1, 1, 1)),
        (Message.TICK, (99, 1, 4, 1795185000, 5000)),
    ],
)
def test_the_id_is_found_in_every_message(message, fields):
    async def test(wire):
        heard = []
        wire.open(**{message.name: lambda fields, arrived: heard.append((fields, arrived))})
        wire.feed(*fields)
        return heard, wire.ib.wrapper.lastTime

    ((heard, arrived),), last_time = run(test)
    assert heard == [str(field) for field in fields]
    assert arrived == last_time


def test_it_is_cancelled_once():
    async def test(wire):
        subscription = wire.open()
        subscription.cancel()
        subscription.cancel()
        subscription.forget()
        return [fields[0] for fields in wire.sent]

    assert run(test) == ["1", "2"]


def test_what_tws_has_ended_is_not_cancelled():
    async def test(wire):
        subscription = wire.open()
        subscription.forget()
        subscription.cancel()
        return [fields[0] for fields in wire.sent]

    assert run(test) == ["1"]


def test_a_request_that_was_not_sent_yet_is_taken_out_of_the_queue():
    async def test(wire):
        for _ in range(60):  # the pacer lets 35 through
            subscription = wire.open()
        subscription.cancel()
        await asyncio.sleep(5)
        return [fields[0] for fields in wire.sent]

    assert run(test) == ["1"] * 59


def test_late_messages_are_counted_and_kept_from_ib_async(caplog):
    async def test(wire):
        wire.open().cancel()
        wire.feed(1, 6, 1, 1, "5000.25", 3, 0)
        wire.feed(2, 6, 1, 0, 3)
        return wire.heard, wire.door.late

    assert run(test) == ([], 2)
    assert "Unknown reqId" not in caplog.text


def test_the_echo_of_a_cancel_is_no_error_for_anybody():
    async def test(wire):
        seen = []
        wire.ib.errorEvent += lambda req_id, code, *_: seen.append((req_id, code))
        wire.open().cancel()
        wire.feed(4, 2, 1, 300, "Can't find EId with tickerId:1", "")
        wire.feed(4, 2, 1, 162, "API historical data query cancelled: 1", "")
        wire.feed(4, 2, 9, 300, "Can't find EId with tickerId:9", "")
        return seen, wire.errors

    assert run(test) == ([(9, 300)], [])


@pytest.mark.parametrize("code", [300, 310, 366])
def test_what_begins_after_its_cancel_is_cancelled_again(code):
    async def test(wire):
        wire.open().cancel()
        wire.feed(4, 2, 1, code, "Can't find EId with tickerId:1", "")
        wire.feed(1, 6, 1, 1, "5000.25", 3, 0)
        wire.feed(1, 6, 1, 1, "5000.50", 3, 0)
        return [fields[:3] for fields in wire.sent]

    assert run(test) == [["1", "11", "1"], ["2", "2", "1"], ["2", "2", "1"]]


def test_what_was_under_way_when_it_was_cancelled_is_not_cancelled_again():
    async def test(wire):
        wire.open().cancel()
        wire.feed(1, 6, 1, 1, "5000.25", 3, 0)
        wire.feed(4, 2, 1, 162, "API historical data query cancelled: 1", "")
        wire.feed(1, 6, 1, 1, "5000.25", 3, 0)
        return [fields[0] for fields in wire.sent]

    assert run(test) == ["1", "2"]


def test_an_error_reaches_the_request_whose_id_it_carries_and_the_users_of_ib_async():
    async def test(wire):
        seen = []
        wire.ib.errorEvent += lambda req_id, code, *_: seen.append((req_id, code))
        wire.open()
        wire.feed(4, 2, 1, 354, "not subscribed", "")
        wire.feed(4, 2, -1, 2104, "OK:usfarm", "")
        return wire.errors, wire.notices, seen

    assert run(test) == ([(354, "not subscribed")], [(2104, "OK:usfarm")], [(1, 354), (-1, 2104)])


def test_what_a_listener_raises_is_recorded_and_the_packet_goes_on():
    async def test(wire):
        wire.open(PRICE=lambda fields, _: 1 / 0)
        wire.open()
        wire.feed(1, 6, 1, 1, "5000.25", 3, 0)
        wire.feed(1, 6, 2, 1, "5000.25", 3, 0)
        return wire.health.current().handler_errors, wire.heard

    assert run(test) == (1, [["1", "5000.25"]])


def test_the_decoder_is_as_it_was_when_nobody_listens():
    async def test(wire):
        handlers = wire.ib.client.decoder.handlers
        during = dict(handlers)
        wire.stop()
        wire.stop()
        return during, dict(handlers)

    during, after = run(test)
    fresh = IB().client.decoder.handlers
    assert {
        key for key in after if getattr(after[key], "__name__", 0) != fresh[key].__name__
    } == set()
    assert all(during[message] != after[message] for message in Message)


def test_somebody_elses_hook_above_ours_stays():
    async def test(wire):
        handlers = wire.ib.client.decoder.handlers
        ours = handlers[1]

        def theirs(fields):
            ours(fields)

        handlers[1] = theirs
        wire.stop()
        ticker = wire.ib.reqMktData(ES)
        wire.feed(1, 6, 1, 1, "5000.25", 3, 0)
        return handlers[1] is theirs, ticker.bid

    assert run(test) == (True, 5000.25)


def test_a_mirrored_ticker_is_kept_up_to_date_by_ib_async_and_is_nobody_elses():
    async def test(wire):
        subscription = wire.open()
        ticker = wire.door.new_ticker(ES)
        subscription.mirror(ticker)
        wire.feed(1, 6, 1, 1, "5000.25", 3, 0)
        bid, heard = ticker.bid, list(wire.heard)
        wire.door.blank(ticker)
        blank = ticker.bid
        subscription.cancel()
        wire.feed(1, 6, 1, 1, "5000.50", 3, 0)
        return (
            bid,
            heard,
            math.isnan(blank),
            ticker.bid,
            wire.ib.tickers(),
            wire.ib.wrapper.reqId2Ticker,
        )

    bid, heard, is_blank, after, tickers, table = run(test)
    assert (bid, heard, is_blank) == (5000.25, [["1", "5000.25"]], True)
    assert math.isnan(after)
    assert (tickers, table) == ([], {})


def test_a_blank_ticker_keeps_its_listeners_and_its_contract():
    async def test(wire):
        ticker = wire.door.new_ticker(ES)
        seen = []
        ticker.updateEvent += seen.append
        wire.door.blank(ticker)
        ticker.updateEvent.emit(ticker)
        return ticker.contract, len(seen)

    assert run(test) == (ES, 1)


def test_an_id_that_is_given_out_again_after_a_reconnect_is_not_late():
    async def test(wire):
        wire.open().cancel()
        wire.ib.client._onSocketDisconnected("")
        wire.ib.client.connState, wire.ib.client._apiReady = wire.ib.client.CONNECTED, True
        wire.ib.client._reqIdSeq = 1
        ticker = wire.ib.reqMktData(ES)
        wire.feed(1, 6, 1, 1, "5000.25", 3, 0)
        return ticker.bid, wire.door.late

    assert run(test) == (5000.25, 0)


def test_tables_do_not_grow_with_subscriptions():
    async def test(wire):
        for number in range(3000):
            wire.open().cancel()
            wire.feed(4, 2, number + 1, 300, "Can't find EId", "")
            await asyncio.sleep(0.2)
        door = wire.door
        past = len(door._gone), len(door._overtaken)
        return max(map(len, door._routes.values())), past, door._errors

    assert run(test) == (0, (1000, 1000), {})


def test_a_request_needs_no_running_loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        wire = Wire()
        wire.open().cancel()
    finally:
        asyncio.set_event_loop(None)
        loop.close()

    assert [fields[0] for fields in wire.sent] == ["1", "2"]


def test_all_users_of_one_ib_share_one_door():
    ib, health = IB(), HealthRecord()
    sender = Sender(ib)
    first = door.market_data(ib, sender, health)

    assert door.market_data(ib, sender, health) is first
    assert door.market_data(IB(), sender, health) is not first


def test_the_data_type_is_asked_for():
    async def test(wire):
        wire.door.set_data_type(3)
        return wire.sent

    assert run(test) == [["59", "1", "3"]]
