"""B21 to B29 in pairs: two clients are sent the same; bare ib_async falls in, ibkit does not.

Every test holds both halves against what is right, so that each of them can fail. B28 is about
profit and loss, which is the live state's: tests/integration/test_state_traps.py has its pair.
"""

import asyncio
import datetime as dt
import struct
from decimal import Decimal

import pytest
from ib_async import IB, ComboLeg, Contract, Future
from ib_async.contract import Bag

from ibkit._ib._health import HealthRecord
from ibkit._ib._requests import Requests
from ibkit.errors import NotSubscribed, NotTradable
from ibkit.streams import Buffer, DataType, StreamLimits, StreamManager
from ibkit.testing import run_virtual

BID, ASK = 1, 2
INSERT, DELETE = 0, 2
EVERY = Buffer(1000, "drop-oldest")
ES = Future("ES", "202603", "CME", conId=7, localSymbol="ESH6", currency="USD")
SECOND = 1_772_461_800


class Client:
    """An ib_async client that has logged in, without a socket: it is told what a test says."""

    def __init__(self):
        self.ib, self.sent = IB(), []
        client = self.ib.client
        client.connState, client._apiReady = client.CONNECTED, True
        client._serverVersion = client.decoder.serverVersion = 178
        client._reqIdSeq, client._accounts = 1, ["DU1"]
        client.conn.sendMsg = lambda data: self.sent.append(data[4:].decode().split("\0")[:-1])

    def say(self, *messages):
        """Let messages arrive in one packet."""
        texts = ("".join(f"{field}\0" for field in one).encode() for one in messages)
        self.ib.client._onSocketHasData(b"".join(struct.pack(">I", len(t)) + t for t in texts))

    def cancels(self):
        return [fields for fields in self.sent if fields[0] in {"2", "11", "98"}]


@pytest.fixture
def side_by_side():
    """Run a coroutine function of a bare client, another one, and the streams on that."""

    def run(test):
        async def main():
            bare, kit = Client(), Client()
            requests = Requests(kit.ib, health=HealthRecord(clock=asyncio.get_running_loop().now))
            limits = StreamLimits(minimum_hold=0)
            streams = StreamManager(kit.ib, limits=limits, requests=requests, stale_after=None)
            try:
                return await test(bare, kit, streams)
            finally:
                streams.close()
                requests.close()

        return run_virtual(main())

    return run


def price(req_id, kind, value, size=3):
    return (1, 6, req_id, kind, value, size, 0)


def row(req_id, position, operation, value=0, size=1):
    return (12, 1, req_id, position, operation, 1, value, size)


def test_b21_a_second_subscription_does_not_lose_the_first(side_by_side):
    async def test(bare, kit, streams):
        bare.ib.reqMktData(ES), bare.ib.reqMktData(ES, "233")
        bare.ib.cancelMktData(ES), bare.ib.cancelMktData(ES)
        first, second = streams.quotes(ES), streams.quotes(ES, [233])
        first.close(), second.close()
        await asyncio.sleep(1)
        opened = [[f[2] for f in one.sent if f[0] == "1"] for one in (bare, kit)]
        ended = [sorted(f[2] for f in one.cancels()) for one in (bare, kit)]
        return opened, ended

    (bare_opened, kit_opened), (bare_ended, kit_ended) = side_by_side(test)

    assert bare_opened == ["1", "2"]
    assert bare_ended == ["2"]  # the first runs on for ever
    assert kit_ended == kit_opened != []


def test_b21_two_exchanges_do_not_mix(side_by_side):
    smart = Contract(conId=7, secType="FUT", exchange="SMART")
    told = (price(1, BID, 5000), price(2, BID, 4000))

    async def test(bare, kit, streams):
        ticker = bare.ib.reqMktData(ES)
        bare.ib.reqMktData(smart)
        bare.say(*told)
        one, other = streams.quotes(ES), streams.quotes(smart)
        kit.say(*told)
        return ticker.bid, one.latest.bid, other.latest.bid

    assert side_by_side(test) == (4000, 5000, 4000)


def test_b22_an_unqualified_contract_is_refused_with_what_to_do(side_by_side):
    unqualified = Future("ES", "202603", "CME")

    async def test(bare, kit, streams):
        with pytest.raises(ValueError, match="can't be hashed"):
            bare.ib.reqMktData(unqualified)
        with pytest.raises(NotTradable, match="resolve it first"):
            streams.quotes(unqualified)
        return bare.ib.client._reqIdSeq, kit.ib.client._reqIdSeq, kit.sent

    assert side_by_side(test) == (2, 1, [])


def test_b22_two_combos_with_the_common_con_id_are_two_lines(side_by_side):
    def combo(*con_ids):
        legs = [ComboLeg(conId=con_id, ratio=1, action="BUY", exchange="CME") for con_id in con_ids]
        return Bag(symbol="ES", exchange="CME", currency="USD", comboLegs=legs, conId=28812380)

    async def test(bare, kit, streams):
        one, other = streams.quotes(combo(1, 2)), streams.quotes(combo(3, 4))
        kit.say(price(1, BID, 5), price(2, BID, 6))
        return combo(1, 2) == combo(3, 4), one.latest.bid, other.latest.bid

    assert side_by_side(test) == (True, 5, 6)


def test_b23_an_old_quote_does_not_look_fresh(side_by_side):
    async def test(bare, kit, streams):
        bare.ib.reqMktData(ES)
        stream = streams.quotes(ES)
        for one in (bare, kit):
            one.say(price(1, BID, 5000))
        bare.ib.cancelMktData(ES)
        stream.close()
        await asyncio.sleep(3600)
        again, stream = bare.ib.reqMktData(ES), streams.quotes(ES)
        for one in (bare, kit):
            one.say(price(1, BID, 4900))  # a late tick of the first subscription
        return again.bid, stream.latest

    assert side_by_side(test) == (4900, None)


def test_b23_a_snapshot_that_is_refused_is_an_error(side_by_side):
    async def test(bare, kit, streams):
        bare.ib.reqMktData(ES)
        bare.say(price(1, BID, 5000))
        theirs = asyncio.ensure_future(bare.ib.reqTickersAsync(ES))
        streams.quotes(ES).close()
        ours = asyncio.ensure_future(streams.snapshot_async(ES))
        await asyncio.sleep(1)
        bare.say((4, 2, 2, 354, "not subscribed", ""))
        kit.say((4, 2, 2, 354, "not subscribed", ""))
        with pytest.raises(NotSubscribed):
            await ours
        return (await theirs)[0].bid

    assert side_by_side(test) == 5000


def test_b23_the_type_of_data_is_unknown_until_tws_tells_it(side_by_side):
    async def test(bare, kit, streams):
        ticker, stream = bare.ib.reqMktData(ES), streams.quotes(ES)
        before = ticker.marketDataType
        kit.say(price(1, BID, 5000))
        first = stream.latest.data_type
        kit.say((58, 1, 1, 3), price(1, BID, 5001))
        return before, first, stream.latest.data_type

    assert side_by_side(test) == (1, None, DataType.DELAYED)


def test_b24_no_tick_is_lost_to_one_who_reads_late(side_by_side):
    packets = [[price(1, BID, 5000), price(1, BID, 5001)], [price(1, BID, 5002)]]

    async def test(bare, kit, streams):
        ticker, theirs, ours = bare.ib.reqMktData(ES), [], []

        async def read_later(ticker):
            await asyncio.sleep(1)
            theirs.extend(tick.price for tick in ticker.ticks)

        ticker.updateEvent += read_later
        stream = streams.quotes(ES, buffer=EVERY)

        async def read():
            async for quote in stream:
                await asyncio.sleep(1)
                ours.append(quote.bid)

        reader = asyncio.ensure_future(read())
        for packet in packets:
            bare.say(*packet)
            kit.say(*packet)
        await asyncio.sleep(10)
        reader.cancel()
        return theirs, ours

    assert side_by_side(test) == ([5002, 5002], [5000, 5001, 5002])


def test_b24_the_time_of_the_exchange_is_kept(side_by_side):
    tick = (99, 1, 1, SECOND, 5000, 1, 0, "CME", "")

    async def test(bare, kit, streams):
        ticker, stream = bare.ib.reqTickByTickData(ES, "Last"), streams.ticks(ES)
        bare.say(tick)
        kit.say(tick)
        return ticker.tickByTicks[0].time, stream.latest.time

    theirs, ours = side_by_side(test)
    exchange = dt.datetime.fromtimestamp(SECOND, dt.timezone.utc)

    assert theirs != exchange
    assert ours == exchange


@pytest.mark.parametrize(
    ("message", "name", "theirs", "ours"),
    [
        (price(1, BID, 5000, 0), "bid", -1.0, Decimal(5000)),
        (price(1, BID, -1, 0), "bid", -1.0, None),
        ((45, 6, 1, 49, -1), "halted", 0.0, None),
    ],
    ids=["no size", "no quote", "unknown"],
)
def test_b25_what_is_not_there_is_none_and_what_is_there_stays(
    side_by_side, message, name, theirs, ours
):
    async def test(bare, kit, streams):
        ticker, stream = bare.ib.reqMktData(ES), streams.quotes(ES)
        bare.say(message)
        kit.say(message)
        return getattr(ticker, name), getattr(stream.latest, name)

    assert side_by_side(test) == (theirs, ours)


def test_b25_a_spread_at_minus_one_is_a_quote(side_by_side):
    told = (price(1, BID, -1.0, 5), price(1, ASK, -0.5, 5))

    async def test(bare, kit, streams):
        ticker, stream = bare.ib.reqMktData(ES), streams.quotes(ES)
        bare.say(*told)
        kit.say(*told)
        return ticker.hasBidAsk(), stream.latest.mid

    assert side_by_side(test) == (False, Decimal("-0.75"))


def test_b26_rows_are_pushed_down_and_the_best_stands_first(side_by_side):
    told = (
        *(row(1, 0, INSERT, 101), row(1, 1, INSERT, 99), row(1, 1, INSERT, 100)),
        *(row(1, 0, DELETE), row(1, 0, INSERT, 102)),
    )

    async def test(bare, kit, streams):
        ticker, stream = bare.ib.reqMktDepth(ES), streams.depth(ES)
        bare.say(*told)
        kit.say(*told)
        return [int(one.price) for one in ticker.domBids], [
            int(r.price) for r in stream.latest.bids
        ]

    theirs, ours = side_by_side(test)

    assert ours == [102, 100, 99]
    assert theirs == [100, 102]


def test_b26_the_cancel_repeats_that_the_book_was_smart(side_by_side):
    async def test(bare, kit, streams):
        bare.ib.reqMktDepth(ES, isSmartDepth=True)
        bare.ib.cancelMktDepth(ES)
        streams.depth(ES, smart=True).close()
        await asyncio.sleep(1)
        return [one.cancels()[0][-1] for one in (bare, kit)]

    assert side_by_side(test) == ["0", "1"]


def test_b27_after_an_empty_answer_the_updates_come(side_by_side):
    def update(start, close):
        return (90, 1, 3, start, 5000, close, 5001, 4999, 5000, 10)

    async def test(bare, kit, streams):
        asked = bare.ib.reqHistoricalDataAsync(
            ES, "", "1 D", "1 min", "TRADES", useRTH=False, keepUpToDate=True
        )
        waiting = asyncio.ensure_future(asked)
        stream = streams.bars(ES, "1 min")
        await asyncio.sleep(0)
        for one in (bare, kit):
            one.say((17, 1, "", "", 0))
        theirs = await waiting
        for one in (bare, kit):
            one.say(update(SECOND, 5000.5), update(SECOND + 60, 5001))
        return list(theirs), [bar.close for bar in stream.history]

    assert side_by_side(test) == ([], [Decimal("5000.5"), Decimal(5001)])


def test_b27_live_bars_that_were_refused_leave_nothing_behind(side_by_side):
    async def test(bare, kit, streams):
        asked = bare.ib.reqHistoricalDataAsync(
            ES, "", "1 D", "1 min", "TRADES", useRTH=False, keepUpToDate=True
        )
        waiting = asyncio.ensure_future(asked)
        stream = streams.bars(ES, "1 min")
        await asyncio.sleep(0)
        for one in (bare, kit):
            one.say((4, 2, 1, 162, "No market data permissions for CME FUT", ""))
        await waiting
        with pytest.raises(NotSubscribed):
            await stream.first_async()
        return len(bare.ib.wrapper.reqId2Subscriber), len(kit.ib.wrapper.reqId2Subscriber)

    assert side_by_side(test) == (1, 0)


def test_b29_what_is_closed_is_forgotten(side_by_side):
    def entries(ib):
        tables = [value for value in vars(ib.wrapper).values() if isinstance(value, (dict, list))]
        return sum(map(len, tables))

    async def test(bare, kit, streams):
        before = entries(bare.ib), entries(kit.ib)
        for con_id in range(1, 101):
            es = Future("ES", "202603", "CME", conId=con_id)
            bare.ib.reqMktData(es)
            bare.ib.cancelMktData(es)
            stream = streams.quotes(es)
            assert stream.ticker is not None  # ib_async's tables are used, too
            stream.close()
            await asyncio.sleep(1)
        return entries(bare.ib) - before[0], entries(kit.ib) - before[1]

    theirs, ours = side_by_side(test)

    assert theirs >= 200
    assert ours == 0
