"""A stream in the hand of its owner: reading, waiting, ending, in async and in blocking code."""

from __future__ import annotations

import asyncio
import math

import pytest

from ibkit.errors import (
    LimitReached,
    NotSubscribed,
    RequestTimeout,
    RunningLoopError,
    StreamClosed,
)
from ibkit.streams import Buffer, Closed, Gap, Started, StreamLimits, StreamManager

EVERY = Buffer(100, "drop-oldest")


def manager(wire, **limits):
    return StreamManager(
        wire.ib, limits=StreamLimits(**limits), requests=wire.requests, stale_after=None
    )


def bid(wire, req_id, price):
    wire.feed((1, 6, req_id, 1, price, 1, 0))


async def read(stream, count):
    return [int((await stream.__anext__()).bid) for _ in range(count)]


# --- reading --------------------------------------------------------------------------


def test_no_tick_of_a_packet_is_lost_even_if_the_reader_awaits(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es, buffer=EVERY)
        seen = []

        async def consume():
            async for quote in stream:
                await asyncio.sleep(1)
                seen.append(int(quote.bid))

        task = asyncio.ensure_future(consume())
        await asyncio.sleep(0)
        wire.feed(*((1, 6, 1, 1, price, 1, 0) for price in range(100, 105)))
        wire.feed(*((1, 6, 1, 1, price, 1, 0) for price in range(105, 110)))
        await asyncio.sleep(60)
        task.cancel()
        return seen, stream.dropped

    assert on_wire(test) == (list(range(100, 110)), 0)


def test_the_first_value_of_live_bars_is_the_one_that_ib_still_changes(on_wire, es):
    async def test(wire):
        stream = manager(wire).bars(es, "1 min")
        first = asyncio.ensure_future(stream.first_async(timeout=5))
        high = asyncio.ensure_future(stream.first_async(timeout=5, where=lambda bar: bar.high > 2))
        await asyncio.sleep(1)
        wire.feed((17, 1, "", "", 1, 1_772_463_600, 1, 1, 1, 1, 7, 1, 2))
        one = await first
        wire.feed((90, 1, 2, 1_772_463_600, 1, 1, 3, 1, 1, 7))
        return one.high, (await high).high, stream.unread

    assert on_wire(test) == (1, 3, 0)


def test_a_closed_stream_has_no_first_value(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        stream.close()
        with pytest.raises(StreamClosed):
            await stream.first_async()

    on_wire(test)


def test_one_reader_who_gives_up_leaves_the_other_alone(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es, buffer=EVERY)
        first, second = (asyncio.ensure_future(read(stream, 1)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        bid(wire, 1, 100)
        return await second

    assert on_wire(test) == [100]


def test_several_readers_share_the_values_of_one_stream(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es, buffer=EVERY)
        readers = [asyncio.ensure_future(read(stream, 2)) for _ in range(3)]
        await asyncio.sleep(0)
        for price in range(100, 106):
            bid(wire, 1, price)
            await asyncio.sleep(0)
        return sorted(price for prices in await asyncio.gather(*readers) for price in prices)

    assert on_wire(test) == list(range(100, 106))


def test_conflated_quotes_are_the_newest_and_the_rest_is_counted(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        for price in range(100, 105):
            bid(wire, 1, price)
        return await read(stream, 1), stream.dropped, stream.unread, len(stream.history)

    assert on_wire(test) == ([104], 4, 0, 5)


def test_each_stream_on_a_line_has_its_own_buffer(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        every, newest = streams.quotes(es, buffer=EVERY), streams.quotes(es)
        for price in (100, 101):
            bid(wire, 1, price)
        return await read(every, 2), await read(newest, 1), (every.dropped, newest.dropped)

    assert on_wire(test) == ([100, 101], [101], (0, 1))


def test_two_readers_of_one_stream_share_its_values(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es, buffer=EVERY)
        tasks = [asyncio.ensure_future(read(stream, 1)) for _ in range(2)]
        await asyncio.sleep(0)
        for price in (100, 101):
            bid(wire, 1, price)
        return sorted(await asyncio.gather(*tasks))

    assert on_wire(test) == [[100], [101]]


def test_history_is_bounded_and_independent_of_reading(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es, keep=3)
        for price in range(100, 110):
            bid(wire, 1, price)
        return [int(quote.bid) for quote in stream.history]

    assert on_wire(test) == [107, 108, 109]


def test_bars_remember_no_more_than_was_asked_for_even_on_a_shared_series(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        few, many = (streams.bars(es, "1 min", keep=keep) for keep in (2, 5))
        rows = [field for n in range(9) for field in (1772463600 + 60 * n, *[5] * 4, 1, 5, 1)]
        wire.feed((17, 1, "", "", 9, *rows))
        return len(few.history), len(many.history), few.latest.finished

    assert on_wire(test) == (2, 5, False)


def test_latest_is_not_there_before_the_first_value_and_in_a_gap(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        before = stream.latest
        bid(wire, 1, 100)
        during = stream.latest.bid
        wire.lose()
        return before, during, stream.latest, type(stream.gap)

    assert on_wire(test) == (None, 100, None, Gap)


def test_holders_are_named(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        first, second = streams.quotes(es, name="strategy"), streams.quotes(es)
        return first.holders, second.name, first.contract == es

    assert on_wire(test) == (("strategy", "quotes ES1 #2"), "quotes ES1 #2", True)


def test_it_shows_how_it_stands(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        opening = repr(stream)
        bid(wire, 1, 100)
        live = repr(stream)
        stream.close()
        return opening, live, repr(stream)

    assert on_wire(test) == (
        "Stream(quotes ES1, opening, 0 unread, 0 dropped)",
        "Stream(quotes ES1, live, 1 unread, 0 dropped)",
        "Stream(quotes ES1, closed: closed by its owner, 0 unread, 0 dropped)",
    )


# --- ticker and frame -------------------------------------------------------------------


def test_the_ticker_is_of_this_line_alone(on_wire, future):
    async def test(wire):
        streams = manager(wire)
        smart = streams.quotes(future(1, exchange="SMART"))
        island = streams.quotes(future(1, exchange="ISLAND"))
        tickers = smart.ticker, island.ticker
        bid(wire, 1, 100)
        bid(wire, 2, 200)
        return [ticker.bid for ticker in tickers], smart.ticker is tickers[0], smart.latest.bid

    assert on_wire(test) == ([100.0, 200.0], True, 100)


def test_the_ticker_forgets_what_was_before_a_gap_and_goes_on_after_it(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        ticker = stream.ticker
        bid(wire, 1, 100)
        wire.lose()
        during = ticker.bid
        wire.come_back()
        bid(wire, 1, 101)
        return during, ticker.bid

    during, after = on_wire(test)
    assert math.isnan(during)
    assert after == 101.0


def test_bars_have_no_ticker(on_wire, es):
    async def test(wire):
        return manager(wire).bars_5s(es).ticker

    assert on_wire(test) is None


def test_the_history_as_a_table(on_wire, es):
    pytest.importorskip("pandas")

    async def test(wire):
        stream = manager(wire).quotes(es)
        for price in (100, 101):
            bid(wire, 1, price)
        return list(stream.to_frame().bid)

    assert on_wire(test) == [100.0, 101.0]


# --- the first value ------------------------------------------------------------------------


def test_a_first_quote_has_both_sides_and_stays_to_be_read(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es, buffer=EVERY)
        task = asyncio.ensure_future(stream.first_async())
        await asyncio.sleep(1)
        bid(wire, 1, 100)
        await asyncio.sleep(1)
        early = task.done()
        wire.feed((1, 6, 1, 2, 101, 1, 0))
        quote = await task
        return early, quote.ask, stream.unread

    assert on_wire(test) == (False, 101, 2)


def test_what_is_there_already_is_given_at_once(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        return (await stream.first_async(timeout=0.001)).bid

    assert on_wire(test) == 5000


def test_what_counts_as_first_may_be_said(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        bid(wire, 1, 100)
        return (await stream.first_async(where=lambda quote: quote.bid is not None)).bid

    assert on_wire(test) == 100


def test_no_first_value_in_time_says_how_far_it_got(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        bid(wire, 1, 100)
        with pytest.raises(RequestTimeout) as caught:
            await stream.first_async(timeout=5)
        return str(caught.value)

    text = on_wire(test)
    assert "a first value of quotes ES1 within 5 s" in text
    assert "it is live, the latest is Quote(bid 100 x 1" in text


def test_a_stream_that_waits_for_a_place_says_so(on_wire, future):
    async def test(wire):
        streams = manager(wire, lines=1)
        first, second = streams.quotes(future(1)), streams.quotes(future(2))
        with pytest.raises(RequestTimeout, match="it is waiting"):
            await second.first_async(timeout=5)
        return first.is_closed

    assert on_wire(test) is False


@pytest.mark.parametrize(("code", "error"), [(354, NotSubscribed), (101, LimitReached)])
def test_an_end_before_the_first_value_is_raised(on_wire, es, code, error):
    async def test(wire):
        stream = manager(wire).quotes(es, when_full="refuse")
        task = asyncio.ensure_future(stream.first_async())
        await asyncio.sleep(1)
        wire.error(1, code, "text")
        with pytest.raises(error):
            await task

    on_wire(test)


# --- the end -------------------------------------------------------------------------------------


def test_a_stream_that_was_closed_can_be_read_no_more(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        stream.close()
        for attempt in (stream.__anext__, stream.first_async):
            stream._line.feed.latest = None
            with pytest.raises(StreamClosed, match="quotes ES1 is closed"):
                await attempt()
        return stream.is_closed

    assert on_wire(test) is True


def test_closing_ends_a_reader_that_waits(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        task = asyncio.ensure_future(stream.__anext__())
        await asyncio.sleep(1)
        stream.close()
        with pytest.raises(StreamClosed):
            await task

    on_wire(test)


def test_what_came_before_ib_ended_it_can_still_be_read(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es, buffer=EVERY)
        bid(wire, 1, 100)
        wire.error(1, 10227, "not allowed for API")
        seen = await read(stream, 1)
        for _ in range(2):
            with pytest.raises(NotSubscribed):
                await stream.__anext__()
        return seen

    assert on_wire(test) == [100]


def test_iteration_just_ends_when_the_market_closes_the_contract_for_good(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es, buffer=EVERY)
        bid(wire, 1, 100)
        wire.error(-1, 1101)
        wire.error(2, 200, "No security definition has been found for the request")
        return [int(quote.bid) async for quote in stream], list(stream.events)[-1]

    seen, closed = on_wire(test)
    assert seen == [100]
    assert "the market closed it for good" in closed.reason


def test_a_with_block_closes(on_wire, es):
    async def test(wire):
        async with manager(wire).quotes(es) as first:
            await asyncio.sleep(1)
        with manager(wire).quotes(es) as second:
            await asyncio.sleep(1)
        return first.is_closed, second.is_closed, wire.words

    first, second, words = on_wire(test)
    assert (first, second) == (True, True)
    assert words == ["quotes 1", "cancel quotes 1", "quotes 2", "cancel quotes 2"]


def test_a_reader_that_gives_up_leaves_the_stream_as_it_is(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es, buffer=EVERY)
        for _ in range(100):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stream.__anext__(), 0.1)
        bid(wire, 1, 100)
        return await read(stream, 1), list(stream.events)

    seen, events = on_wire(test)
    assert seen == [100]
    assert [type(event) for event in events] == [Started]


def test_events_can_be_followed_beside_the_data(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)

        async def follow():
            return [type(event) async for event in stream.events]

        task = asyncio.ensure_future(follow())
        wire.quote(1)
        wire.lose()
        stream.close()
        return await task

    assert on_wire(test) == [Started, Gap, Closed]


# --- blocking ----------------------------------------------------------------------------------


def test_blocking_reading_inside_a_loop_is_refused(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        with pytest.raises(RunningLoopError):
            next(stream)
        with pytest.raises(RunningLoopError):
            stream.first()
        return stream.unread

    assert on_wire(test) == 1


def test_blocking_code_reads_the_same_stream(blocking_wire, es):
    wire = blocking_wire
    with manager(wire) as streams, streams.quotes(es, buffer=EVERY) as stream:
        wire.later(1.0, lambda: wire.quote(1))
        first = stream.first(timeout=5)
        wire.later(1.0, lambda: bid(wire, 1, 101))
        seen = [int(next(stream).bid) for _ in range(3)]

    assert (first.ask, seen) == (5001, [5000, 5000, 101])
    assert wire.words == ["quotes 1", "cancel quotes 1"]


def test_blocking_iteration_ends_like_the_other(blocking_wire, es):
    wire = blocking_wire
    stream = manager(wire).quotes(es, buffer=EVERY)
    wire.later(1.0, lambda: wire.quote(1))
    wire.later(2.0, lambda: wire.error(1, 10180, "contract expired"))

    assert [int(quote.bid) for quote in stream] == [5000, 5000]
    stream = manager(wire).quotes(es)
    wire.later(1.0, stream.close)
    with pytest.raises(StreamClosed):
        next(stream)
