"""Quotes, depth, tick by tick and live bars, as a real ib_async client sees them."""

import asyncio
from decimal import Decimal

import pytest
from ib_async import Contract, Future, Stock

from cards import card
from ibkit.sim import Limits, Scenario
from ibkit.testing import run_virtual
from sim_client import Log, client, connected, data, future


def run(test, **options):
    async def main():
        async with connected(**options) as (gateway, ib):
            return await test(gateway, ib)

    return run_virtual(main())


def limits(**changes):
    return Scenario(limits=Limits(**changes))


@card("MKT-01", "3.2 R+")
def test_the_first_messages_of_a_line_come_in_the_captured_order():
    async def test(gateway, ib):
        seen = []
        gateway._floor.trace = lambda session, way, message: seen.append((way, message))
        ib.reqMktData(future(gateway))
        await asyncio.sleep(0.1)
        return [m for way, m in seen if way == "<"]

    messages = run(test)
    names = [type(m).__name__ for m in messages[:4]]

    assert names == ["MarketDataType", "TickReqParams", "TickString", "TickPrice"]
    ticks = [m.tick_type for m in messages[2:]]
    order = [45, 4, 5, 8, 6, 7, 9, 14, 1, 0, 2, 3]
    assert ticks[: len(order)] == order


@card("MKT-02", "3.2 C")
def test_an_unchanged_price_with_another_size_is_a_size_only():
    async def test(gateway, ib):
        gateway.market.quote("ES", bid=5000, ask=5001, bid_size=5, ask_size=5)
        ib.reqMktData(future(gateway))
        await asyncio.sleep(0.1)
        seen = []
        gateway._floor.trace = lambda session, way, message: seen.append(message)
        gateway.market.quote("ES", bid_size=9)
        gateway.market.quote("ES", bid=5000.25)
        await asyncio.sleep(0.1)
        return seen

    messages = run(test)
    names = [(type(m).__name__, m.tick_type) for m in messages]

    assert names == [("TickSize", 0), ("TickPrice", 1), ("TickSize", 0)]


@card("MKT-03", "3.2 C")
def test_a_side_that_goes_away_is_minus_one():
    async def test(gateway, ib):
        gateway.market.quote("ES", bid=5000, ask=5001)
        ticker = ib.reqMktData(future(gateway))
        await asyncio.sleep(0.1)
        before = ticker.bid
        gateway._floor.deliver(
            [gateway.market.now("ES")._replace(bid=None, bid_size=Decimal(0))], gateway._floor.now
        )
        gateway._flush()
        await asyncio.sleep(0.1)
        return before, ticker.bid

    assert run(test) == (5000, -1)


@card("MKT-04", "3.1 C")
def test_the_line_above_the_limit_is_refused_with_101_and_a_cancel_frees_one():
    async def test(gateway, ib):
        log = Log(ib)
        months = await ib.reqContractDetailsAsync(Future("ES", exchange="CME"))
        first, second, third = (d.contract for d in months[:3])
        for contract in (first, second, third):
            ib.reqMktData(contract)
        await asyncio.sleep(0.1)
        refused = log.codes
        ib.cancelMktData(first)
        ib.reqMktData(months[3].contract)
        await asyncio.sleep(0.1)
        return refused, log.codes, len(data(gateway))

    assert run(test, scenario=limits(lines=2)) == ([101], [101], 2)


@card("MKT-05", "3.1 C")
def test_lines_are_shared_by_all_clients_of_the_user_and_freed_when_one_leaves():
    async def test(gateway, ib):
        log = Log(ib)
        async with client(gateway, 4) as other:
            other.reqMktData(future(gateway))
            await asyncio.sleep(0.1)
            ib.reqMktData(future(gateway, "NQ"))
            await asyncio.sleep(0.1)
            refused = log.codes
        ib.reqMktData(future(gateway, "CL"))
        await asyncio.sleep(0.1)
        return refused, log.codes

    assert run(test, scenario=limits(lines=1)) == ([101], [101])


@card("MKT-06", "3.2 C")
def test_cancelling_what_is_not_there_is_300():
    async def test(gateway, ib):
        log = Log(ib)
        ib.client.cancelMktData(77)
        await asyncio.sleep(0.1)
        return log.rows[-1]

    assert run(test) == (77, 300, "Can't find EId with tickerId:77")


@card("MKT-07", "3.2 C")
def test_a_snapshot_ends_and_takes_no_line():
    async def test(gateway, ib):
        (ticker,) = await ib.reqTickersAsync(future(gateway))
        return ticker.bid > 0, len(data(gateway))

    assert run(test) == (True, 0)


@card("MKT-08", "3.2 C")
def test_a_snapshot_with_generic_ticks_is_refused():
    async def test(gateway, ib):
        log = Log(ib)
        ib.client.reqMktData(90, future(gateway), "233", True, False, [])
        await asyncio.sleep(0.1)
        return log.codes

    assert run(test) == [321]


@card("MKT-09", "3.2 R")
@pytest.mark.parametrize(
    ("rights", "asked", "codes", "delayed"),
    [
        ("delayed", 3, [10167], True),
        ("delayed", 1, [10089], False),
        ("none", 3, [10168], False),
        ("none", 1, [354], False),
    ],
)
def test_without_rights_data_is_delayed_or_refused(rights, asked, codes, delayed):
    async def test(gateway, ib):
        log = Log(ib)
        ib.reqMarketDataType(asked)
        ticker = ib.reqMktData(future(gateway))
        await asyncio.sleep(0.5)
        return log.codes, ticker.bid > 0, ticker.marketDataType == 3

    assert run(test, scenario=Scenario(market_data=rights)) == (codes, delayed, delayed)


@card("MKT-10", "3.2 C")
def test_rtvolume_comes_with_each_trade():
    async def test(gateway, ib):
        ticker = ib.reqMktData(future(gateway), "233")
        gateway.market.trade("ES", 5000, size=3)
        await asyncio.sleep(0.1)
        return ticker.rtVolume > 0, ticker.last, ticker.lastSize

    assert run(test) == (True, 5000, 3)


@card("MKT-11", "2.1 C")
def test_an_unknown_contract_is_200_and_takes_no_line():
    async def test(gateway, ib):
        log = Log(ib)
        ib.client.reqMktData(
            91, Contract(symbol="ZZZZ", secType="STK", exchange="SMART"), "", False, False, []
        )
        await asyncio.sleep(0.1)
        return log.codes, data(gateway)

    assert run(test) == ([200], [])


@card("TBT-01", "3.3 C")
@pytest.mark.parametrize("kind", ["Last", "AllLast", "BidAsk", "MidPoint"])
def test_every_kind_of_tick_by_tick_sends_every_tick(kind):
    async def test(gateway, ib):
        gateway.market.quote("ES", bid=5000, ask=5001, bid_size=1, ask_size=1)
        ticker = ib.reqTickByTickData(future(gateway), kind)
        await asyncio.sleep(0.1)
        got = []
        ticker.updateEvent += lambda t: got.extend(t.tickByTicks)
        for n in range(3):
            gateway.market.quote("ES", bid=5000 + n + 1, ask=5001 + n + 1)
            gateway.market.trade("ES", 5001 + n, size=n + 1)
            await asyncio.sleep(0.01)
        return len(got)

    assert run(test) == 3


@card("TBT-02", "3.1 C")
def test_tick_by_tick_above_the_limit_is_10190():
    async def test(gateway, ib):
        log = Log(ib)
        for name in ("ES", "NQ", "CL"):
            ib.reqTickByTickData(future(gateway, name), "Last")
        await asyncio.sleep(0.1)
        return log.codes

    assert run(test, scenario=limits(tick_by_tick=2)) == [10190]


@card("TBT-03", "3.3 C")
def test_some_history_comes_first_where_asked_for():
    async def test(gateway, ib):
        ticker = ib.reqTickByTickData(future(gateway), "Last", numberOfTicks=20)
        seen = []
        gateway._floor.trace = lambda session, way, message: seen.append(message)
        await asyncio.sleep(0.05)
        return [len(m.ticks) for m in seen if type(m).__name__ == "HistoricalTicksLast"], ticker

    (count,), _ = run(test)

    assert count >= 20


@card("DOM-01", "3.4 C")
def test_depth_follows_the_quote_with_inserts_and_deletes():
    async def test(gateway, ib):
        gateway.market.quote("ES", bid=5000, ask=5000.25, bid_size=5, ask_size=6)
        ticker = ib.reqMktDepth(future(gateway), numRows=5)
        await asyncio.sleep(0.1)
        first = [level.price for level in ticker.domBids]
        seen = []
        gateway._floor.trace = lambda session, way, message: seen.append(message)
        gateway.market.quote("ES", bid=5000.25, ask=5000.5)
        await asyncio.sleep(0.1)
        return first, [(m.side, m.operation) for m in seen if hasattr(m, "operation")]

    first, operations = run(test)

    assert first == [5000, 4999.75, 4999.5, 4999.25, 4999]
    assert operations[:2] == [(1, 2), (1, 0)]


@card("DOM-02", "3.1 C")
def test_the_book_above_the_limit_is_309():
    async def test(gateway, ib):
        log = Log(ib)
        for name in ("ES", "NQ", "CL", "GC"):
            ib.reqMktDepth(future(gateway, name))
        await asyncio.sleep(0.1)
        return log.codes, log.text(309)

    assert run(test) == ([309], "Max number (3) of market depth requests has been reached")


@card("DOM-03", "3.4 C")
def test_a_cancel_without_the_smart_flag_of_the_request_is_310():
    async def test(gateway, ib):
        log = Log(ib)
        ib.reqMktDepth(future(gateway), 5, isSmartDepth=True)
        await asyncio.sleep(0.1)
        ((_, _, req_id),) = data(gateway)
        ib.client.cancelMktDepth(req_id, False)
        await asyncio.sleep(0.1)
        first = log.codes
        ib.client.cancelMktDepth(req_id, True)
        await asyncio.sleep(0.1)
        return first, log.codes, data(gateway)

    assert run(test) == ([310], [310], [])


@card("RTB-01", "3.5 C")
def test_five_second_bars_begin_on_the_five_seconds_and_agree_with_the_tape():
    async def test(gateway, ib):
        bars = ib.reqRealTimeBars(future(gateway), 5, "TRADES", False)
        await asyncio.sleep(21)
        got = list(bars)
        history = await ib.reqHistoricalDataAsync(
            future(gateway), "", "60 S", "5 secs", "TRADES", False, 2
        )
        return got, history

    got, history = run(test)
    by_time = {bar.date: bar for bar in history}

    assert len(got) == 4
    assert all(bar.time.timestamp() % 5 == 0 for bar in got)
    for bar in got:
        same = by_time[bar.time]
        assert (bar.open_, bar.high, bar.low, bar.close) == (
            same.open,
            same.high,
            same.low,
            same.close,
        )
        assert bar.volume == same.volume


@card("RTB-02", "3.1 C")
def test_five_second_bars_take_lines():
    async def test(gateway, ib):
        log = Log(ib)
        ib.reqRealTimeBars(future(gateway), 5, "TRADES", False)
        ib.reqMktData(future(gateway, "NQ"))
        await asyncio.sleep(0.1)
        return log.codes

    assert run(test, scenario=limits(lines=1)) == [101]


def test_the_quotes_of_a_walk_move_and_never_cross():
    async def test(gateway, ib):
        ticker = ib.reqMktData(future(gateway))
        seen = []
        ticker.updateEvent += lambda t: seen.append((t.bid, t.ask))
        await asyncio.sleep(60)
        return seen

    seen = run(test)

    assert len(set(seen)) > 10
    assert all(bid < ask for bid, ask in seen if bid > 0 and ask > 0)


def test_a_stock_is_quoted_too():
    async def test(gateway, ib):
        ticker = ib.reqMktData(Stock("AAPL", "SMART", "USD", conId=265598))
        await asyncio.sleep(1)
        return ticker.bid, ticker.ask

    bid, ask = run(test)

    assert 0 < bid < ask
