"""The board through its manager: sharing, limits, losses, and what is left behind."""

from __future__ import annotations

import asyncio
import gc

import pytest
from ib_async import IB, ContractDetails

from ibkit._ib._requests import Requests
from ibkit.errors import BufferFull, LimitReached, NotConnected, NotSubscribed, StreamBroken
from ibkit.streams import (
    Buffer,
    Closed,
    DataType,
    Delayed,
    Gap,
    Pool,
    Resumed,
    Stale,
    Started,
    StreamLimits,
    StreamManager,
)
from ibkit.streams._recovery import pause_before


def manager(wire, **options):
    limits = StreamLimits(**options.pop("limits", {}))
    options.setdefault("stale_after", None)
    return StreamManager(wire.ib, limits=limits, requests=wire.requests, **options)


def kinds(stream):
    return [type(event) for event in stream.events]


def bids(stream):
    return [int(quote.bid) for quote in stream.history]


# --- sharing -------------------------------------------------------------------------


def test_a_line_that_is_made_wider_keeps_its_place_from_those_who_wait(on_wire, future):
    async def test(wire):
        streams = manager(wire, limits={"lines": 1})
        stream = streams.quotes(future(1))
        wire.quote(1)
        await asyncio.sleep(1)
        first = streams.quotes(future(2), priority=9)
        wider = streams.quotes(future(1), [233])
        wire.quote(wire.req_ids("quotes")[-1], bid=5005)
        return wire.words, stream.latest.bid, wider.latest.bid, first.latest

    words, *seen = on_wire(test)

    assert words == ["quotes 1", "cancel quotes 1", "quotes 2"]
    assert seen == [5005, 5005, None]


@pytest.mark.parametrize("code", [1100, 2110])
def test_a_stream_that_is_opened_while_tws_has_no_ib_starts_when_it_has(on_wire, future, code):
    async def test(wire):
        streams = manager(wire)
        with streams.quotes(future(1)):
            wire.error(-1, code, "Connectivity has been lost")
            stream = streams.quotes(future(2))
            wire.quote(2)
            before = stream.latest, kinds(stream)
            wire.error(-1, 1102, "Connectivity has been restored")
            wire.quote(2)
            await asyncio.sleep(5)
            wire.quote(max(wire.req_ids("quotes")))
        return before, kinds(stream)

    assert on_wire(test) == ((None, []), [Started])


def test_a_new_connection_knows_nothing_of_the_outage_before_it(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        wire.error(-1, 1100, "Connectivity has been lost")
        wire.lose()
        wire.come_back()
        await asyncio.sleep(5)
        wire.quote(1)
        return kinds(stream)

    assert on_wire(test) == [Started, Gap, Resumed]


def test_two_streams_share_a_line_and_the_last_one_cancels_it(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        first, second = streams.quotes(es), streams.quotes(es)
        wire.quote(1)
        await asyncio.sleep(1)
        first.close()
        wire.quote(1, bid=4999)
        still = wire.words
        second.close()
        second.close()
        return still, wire.words, bids(first), bids(second)[-1]

    still, words, first, last = on_wire(test)
    assert (still, words) == (["quotes 1"], ["quotes 1", "cancel quotes 1"])
    assert (first, last) == ([5000, 5000], 4999)


def test_one_stock_on_two_exchanges_is_two_lines_that_do_not_mix(on_wire, future):
    async def test(wire):
        streams = manager(wire)
        smart, island = (streams.quotes(future(1, exchange=name)) for name in ("SMART", "ISLAND"))
        wire.quote(1, bid=100)
        wire.quote(2, bid=200)
        return smart.latest.bid, island.latest.bid

    assert on_wire(test) == (100, 200)


def test_generic_ticks_of_both_are_asked_for_without_a_gap(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        first = streams.quotes(es, (233,))
        wire.quote(1)
        await asyncio.sleep(1)
        second = streams.quotes(es, (236,))
        wire.quote(2, bid=4999)
        assert second.latest == first.latest
        return wire.words, wire.sent[1][-4], kinds(first), first.latest.bid

    words, generic, events, bid = on_wire(test)
    assert words == ["quotes 1", "quotes 2", "cancel quotes 1"]
    assert (generic, events, bid) == ("233,236", [Started], 4999)


def test_a_request_is_not_cancelled_before_it_has_been_held(on_wire, es):
    async def test(wire):
        streams = manager(wire, limits={"minimum_hold": 0.5})
        streams.quotes(es).close()
        at_once = wire.news()
        await asyncio.sleep(0.4)
        later = wire.news()
        await asyncio.sleep(0.2)
        return at_once, later, wire.news()

    assert on_wire(test) == (["quotes 1"], [], ["cancel quotes 1"])


def test_closing_and_opening_again_at_once_keeps_the_line(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        first = streams.quotes(es)
        wire.quote(1)
        first.close()
        second = streams.quotes(es)
        await asyncio.sleep(1)
        return wire.words, second.latest.bid, kinds(second)

    assert on_wire(test) == (["quotes 1"], 5000, [Started])


def test_a_line_that_died_while_it_was_given_up_is_not_taken_over(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        streams.quotes(es).close()
        wire.error(-1, 1101)
        second = streams.quotes(es)
        await asyncio.sleep(1)
        wire.quote(2)
        return wire.words, second.latest.bid

    assert on_wire(test) == (["quotes 1", "quotes 2", "cancel quotes 1"], 5000)


# --- limits -------------------------------------------------------------------------------


def test_over_the_limit_it_is_refused_with_nothing_sent(on_wire, future):
    async def test(wire):
        streams = manager(wire, limits={"lines": 1})
        first = streams.quotes(future(1), name="first")
        with pytest.raises(LimitReached) as caught:
            streams.quotes(future(2), when_full="refuse")
        return caught.value, wire.words, first

    error, words, _ = on_wire(test)
    assert (error.kind, error.limit, error.holders) == ("market data lines", 1, ("first",))
    assert words == ["quotes 1"]


def test_over_the_limit_it_waits_and_is_served_when_a_place_is_free(on_wire, future):
    async def test(wire):
        streams = manager(wire, limits={"lines": 1})
        first = streams.quotes(future(1))
        second = streams.quotes(future(2))
        await asyncio.sleep(1)
        waiting = streams.statistics()[Pool.LINES].waiting
        first.close()
        wire.quote(2)
        return waiting, wire.words, second.latest.bid

    assert on_wire(test) == (1, ["quotes 1", "cancel quotes 1", "quotes 2"], 5000)


def test_an_evicted_stream_has_a_gap_and_comes_back(on_wire, future):
    async def test(wire):
        streams = manager(wire, limits={"lines": 1})
        victim = streams.quotes(future(1))
        wire.quote(1)
        await asyncio.sleep(1)
        taker = streams.quotes(future(2), when_full="evict")
        gap = victim.gap
        await asyncio.sleep(1)
        taker.close()
        wire.quote(3, bid=4999)
        return gap.reason, victim.latest.bid, kinds(victim), wire.words

    reason, bid, events, words = on_wire(test)
    assert "given to quotes 2@CME" in reason
    assert (bid, events) == (4999, [Started, Gap, Resumed])
    assert words == ["quotes 1", "cancel quotes 1", "quotes 2", "cancel quotes 2", "quotes 3"]


def test_a_contract_with_a_position_is_not_evicted(on_wire, future):
    async def test(wire):
        streams = manager(wire, limits={"lines": 1})
        wire.ib.wrapper.position("DU1", future(1), 3.0, 5000.0)
        both = [streams.quotes(future(1))]
        await asyncio.sleep(1)
        both.append(streams.quotes(future(2), when_full="evict"))
        return wire.words

    assert on_wire(test) == ["quotes 1"]


def test_whom_to_protect_may_be_said_by_the_user(on_wire, future):
    async def test(wire):
        streams = manager(wire, limits={"lines": 1}, protected=list)
        wire.ib.wrapper.position("DU1", future(1), 3.0, 5000.0)
        both = [streams.quotes(future(1))]
        await asyncio.sleep(1)
        both.append(streams.quotes(future(2), when_full="evict"))
        return wire.words

    assert on_wire(test) == ["quotes 1", "cancel quotes 1", "quotes 2"]


def test_error_101_teaches_the_limit_and_the_stream_waits(on_wire, future):
    async def test(wire):
        streams = manager(wire)
        first, second = streams.quotes(future(1)), streams.quotes(future(2))
        wire.error(2, 101, "Max number of tickers has been reached")
        lines = streams.statistics()[Pool.LINES]
        await asyncio.sleep(1)
        first.close()
        wire.quote(3)
        return lines.limit, lines.waiting, second.latest.bid, wire.words

    limit, waiting, bid, words = on_wire(test)
    assert (limit, waiting, bid) == (1, 1, 5000)
    assert words == ["quotes 1", "quotes 2", "cancel quotes 1", "quotes 3"]


def test_error_101_reaches_the_one_who_did_not_want_to_wait(on_wire, future):
    async def test(wire):
        streams = manager(wire)
        stream = streams.quotes(future(1), when_full="refuse")
        wire.error(1, 101, "Max number of tickers has been reached")
        with pytest.raises(LimitReached):
            await stream.__anext__()
        return kinds(stream)[-1]

    assert on_wire(test) is Closed


def test_tick_by_tick_of_one_instrument_starts_fifteen_seconds_apart(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        both = streams.ticks(es, "Last"), streams.ticks(es, "BidAsk")
        await asyncio.sleep(14)
        before = wire.words
        await asyncio.sleep(2)
        return before, wire.words, len(both)

    assert on_wire(test) == (["ticks 1"], ["ticks 1", "ticks 2"], 2)


# --- losses -----------------------------------------------------------------------------------


def test_a_lost_socket_is_a_gap_and_everything_is_asked_for_again(on_wire, future):
    async def test(wire):
        streams = manager(wire)
        quotes = [streams.quotes(future(con_id)) for con_id in (1, 2)]
        for req_id in (1, 2):
            wire.quote(req_id)
        wire.news()
        wire.lose()
        during = [stream.latest for stream in quotes]
        await asyncio.sleep(5)
        wire.come_back()
        words = wire.news()
        for req_id in (1, 2):
            wire.quote(req_id, bid=4999)
        return during, words, [kinds(stream) for stream in quotes], quotes[0].latest.bid

    during, words, events, bid = on_wire(test)
    assert (during, words) == ([None, None], ["quotes 1", "quotes 2"])
    assert (events, bid) == ([[Started, Gap, Resumed]] * 2, 4999)


def test_a_stream_closed_while_there_is_no_connection_is_not_asked_for_again(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        stream = streams.quotes(es)
        wire.lose()
        stream.close()
        wire.news()
        wire.come_back()
        await asyncio.sleep(1)
        return wire.words, streams.statistics()[Pool.LINES].used

    assert on_wire(test) == ([], 0)


def test_without_a_connection_nothing_can_be_opened(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        wire.lose()
        with pytest.raises(NotConnected, match="quotes ES1"):
            streams.quotes(es)
        return streams.statistics()[Pool.LINES].waiting

    assert on_wire(test) == 0


def test_lost_subscriptions_are_cancelled_and_asked_for_under_a_new_id(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        await asyncio.sleep(1)
        wire.error(-1, 1100, "Connectivity has been lost")
        wire.error(-1, 1101, "restored - data lost")
        wire.quote(1, bid=1)
        wire.quote(2, bid=4999)
        return wire.words, kinds(stream), stream.gap, stream.latest.bid

    words, events, gap, bid = on_wire(test)
    assert words == ["quotes 1", "quotes 2", "cancel quotes 1"]
    assert (events, gap, bid) == ([Started, Gap, Resumed], None, 4999)


def test_a_farm_that_comes_back_dead_is_noticed(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        await asyncio.sleep(1)
        wire.error(-1, 2103, "Market data farm connection is broken:usfarm")
        wire.error(-1, 2104, "Market data farm connection is OK:usfarm")
        await asyncio.sleep(9)
        before = wire.words
        await asyncio.sleep(3)
        asked = [word for word in wire.words if "details" in word]
        await asyncio.sleep(10)  # nobody knows the hours: the market may be open
        wire.quote(3)
        return before, len(asked), wire.words, kinds(stream)

    before, asked, words, events = on_wire(test)
    assert (before, asked) == (["quotes 1"], 1)
    assert words[-2:] == ["quotes 3", "cancel quotes 1"]
    assert events == [Started, Gap, Resumed]


def test_a_farm_that_breaks_elsewhere_disturbs_nobody(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        wire.error(-1, 2103)
        await asyncio.sleep(5)  # not under way then any more
        wire.quote(1, bid=4998)
        wire.error(-1, 2104)
        await asyncio.sleep(5)
        wire.quote(1, bid=4999)
        await asyncio.sleep(60)
        return wire.words, kinds(stream), stream.latest.bid

    assert on_wire(test) == (["quotes 1"], [Started], 4999)


def test_a_stream_that_was_opened_while_a_farm_was_broken_is_watched_when_it_is_back(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        first = streams.quotes(es, name="listens")
        wire.error(-1, 2103, "Market data farm connection is broken:usfarm")
        second = streams.depth(es)
        wire.row(2, 0, 1, 100)
        wire.error(-1, 2104, "Market data farm connection is OK:usfarm")
        await asyncio.sleep(30)
        wire.row(5, 0, 1, 100)
        return first.is_closed, kinds(second), [word for word in wire.words if "depth" in word]

    closed, events, words = on_wire(test)
    assert (closed, events) == (False, [Started, Gap, Resumed])
    assert words == ["depth 2", "depth 5", "cancel depth 2"]


def test_live_bars_that_lose_their_farm_are_asked_for_again_and_have_no_hole(on_wire, es):
    second = 1_772_463_600  # 15:00, when virtual time begins

    def bars(wire, req_id, *minutes):
        rows = [field for n in minutes for field in (second + 60 * n, *[5] * 4, 1, 5, 1)]
        wire.feed((17, req_id, "", "", len(minutes), *rows))

    async def test(wire):
        stream = manager(wire).bars(es, "1 min", "1800 S")
        bars(wire, 1, -2, -1, 0)
        await asyncio.sleep(61)
        wire.error(1, 10182, "Failed to request live updates (disconnected)")
        await asyncio.sleep(1)
        bars(wire, 2, -1, 0, 1, 2, 3)
        times = [int(bar.time.timestamp() - second) // 60 for bar in stream.history]
        seen = [int((await stream.__anext__()).time.timestamp() - second) // 60 for _ in range(3)]
        return times, seen, kinds(stream)[:2], kinds(stream)[-1], wire.words

    times, seen, first, last, words = on_wire(test)
    assert (times, seen) == ([-2, -1, 0, 1, 2, 3], [0, 1, 2])
    assert (first[0], last) == (Started, Resumed)
    assert words == ["bars 1", "bars 2", "cancel bars 1"]


def test_five_second_bars_of_a_gap_come_from_history(on_wire, es):
    second = 1_772_463_600

    async def test(wire):
        stream = manager(wire).bars_5s(es)
        wire.bar(1, second)
        await asyncio.sleep(20)
        wire.lose()
        wire.come_back()
        wire.bar(1, second + 20)
        await asyncio.sleep(0.1)
        (ask,) = [fields for fields in wire.sent if fields[0] == "20"]
        rows = [field for n in range(-1, 4) for field in (second + 5 * n, *[9] * 4, 1, 9, 1)]
        wire.feed((17, ask[1], "", "", 5, *rows))
        await asyncio.sleep(0.1)
        seen = [await stream.__anext__() for _ in range(5)]
        return [int(bar.time.timestamp()) - second for bar in seen], kinds(stream), ask[16:18]

    times, events, asked = on_wire(test)
    assert times == [0, 5, 10, 15, 20]
    assert events == [Started, Gap, Resumed]
    assert asked == ["5 secs", "60 S"]


def test_bars_go_on_when_those_of_the_gap_cannot_be_fetched(on_wire, es):
    second = 1_772_463_600

    async def test(wire):
        stream = manager(wire).bars_5s(es)
        wire.bar(1, second)
        wire.lose()
        wire.come_back()
        wire.bar(1, second + 20)
        await asyncio.sleep(0.1)
        (ask,) = [fields for fields in wire.sent if fields[0] == "20"]
        wire.error(ask[1], 162, "Historical Market Data Service error message: no data")
        await asyncio.sleep(0.1)
        return [bar.time.timestamp() - second for bar in stream.history], list(stream.events)[-2:]

    times, (notice, resumed) = on_wire(test)
    assert times == [0, 20]
    assert (notice.code, type(resumed)) == (162, Resumed)
    assert "could not be fetched" in notice.text


def test_a_reset_book_is_built_anew(on_wire, es):
    async def test(wire):
        stream = manager(wire).depth(es)
        wire.row(1, 0, 1, 100)
        wire.error(1, 317, "Market depth data has been RESET")
        during = stream.latest
        wire.row(1, 0, 1, 99)
        return during, [int(row.price) for row in stream.latest.bids], kinds(stream), wire.words

    during, rows, events, words = on_wire(test)
    assert (during, rows, words) == (None, [99], ["depth 1"])
    assert [event for event in events if event in {Started, Gap, Resumed}] == [
        *(Started, Gap),
        Resumed,
    ]


# --- errors -----------------------------------------------------------------------------------


def test_an_error_ends_the_one_stream_it_concerns(on_wire, future):
    async def test(wire):
        streams = manager(wire)
        broken, other = streams.quotes(future(1)), streams.quotes(future(2))
        wire.error(1, 354, "Requested market data is not subscribed.")
        wire.quote(2)
        with pytest.raises(NotSubscribed) as caught:
            await broken.first_async()
        await asyncio.sleep(1)
        return (
            caught.value.code,
            other.latest.bid,
            streams.statistics()[Pool.LINES].used,
            wire.words,
        )

    code, bid, used, words = on_wire(test)
    assert (code, bid, used) == (354, 5000, 1)
    assert words == ["quotes 1", "quotes 2"]  # what TWS has ended is not cancelled


def test_everyone_on_a_broken_line_is_told(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        both = [streams.depth(es), streams.depth(es)]
        wire.error(1, 10092, "Deep market data is not supported")
        errors = []
        for stream in both:
            with pytest.raises(StreamBroken) as caught:
                await stream.__anext__()
            errors.append(caught.value.code)
        return errors

    assert on_wire(test) == [10092, 10092]


def test_delayed_data_is_said_and_shown(on_wire, es):
    async def test(wire):
        streams = manager(wire, data_type=DataType.DELAYED)
        stream = streams.quotes(es)
        wire.error(1, 10167, "Displaying delayed market data.")
        wire.feed((58, 1, 1, 3), (1, 6, 1, 66, 5000, 3, 0))
        wire.lose()
        wire.come_back()
        return wire.words, kinds(stream), stream.history[-1].data_type

    words, events, data_type = on_wire(test)
    assert words == ["data type 3", "quotes 1", "data type 3", "quotes 1"]
    assert events == [Delayed, Started, Gap]
    assert data_type is DataType.DELAYED


def test_a_competing_session_is_waited_out(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        for req_id in range(1, 12):
            wire.error(req_id, 10197, "No market data during competing live session")
            await asyncio.sleep(pause_before(req_id, later=True) + 1)
        wire.quote(12)
        return stream.latest.bid, kinds(stream)[-1], len(wire.words)

    assert on_wire(test) == (5000, Resumed, 12)


def test_a_request_that_fails_again_and_again_is_given_up(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        for attempt in range(1, 12):
            wire.error(wire.req_ids("quotes")[-1], 322, "Duplicate ticker id")
            await asyncio.sleep(pause_before(attempt) + 1)
        with pytest.raises(StreamBroken):
            await stream.__anext__()
        return len(wire.words)

    assert on_wire(test) < 12


def test_a_consumer_that_is_too_slow_breaks_alone(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        slow = streams.quotes(es, buffer=Buffer(2, "fail"), name="slow")
        other = streams.quotes(es)
        for bid in range(100, 105):
            wire.feed((1, 6, 1, 1, bid, 1, 0))
        read = [int((await slow.__anext__()).bid) for _ in range(2)]
        with pytest.raises(BufferFull, match="slow: the buffer of 2 values is full"):
            await slow.__anext__()
        return read, slow.dropped, other.latest.bid

    assert on_wire(test) == ([100, 101], 1, 104)


# --- requests that TWS loses -------------------------------------------------------------------


def test_what_is_not_answered_after_an_outage_is_asked_for_until_it_is(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        wire.error(-1, 1101, "restored - data lost")
        await asyncio.sleep(600)
        asked = wire.req_ids("quotes")
        wire.quote(asked[-1])
        return len(asked), len(wire.req_ids("cancel quotes")), kinds(stream)

    asked, cancelled, events = on_wire(test)

    assert 5 <= asked <= 8, "less and less often"
    assert cancelled == asked - 1
    assert events == [Started, Gap, Resumed]


def test_what_was_dead_with_a_farm_that_sleeps_now_is_asked_for_again(on_wire, es):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        wire.error(-1, 2103, "Market data farm connection is broken:usfarm")
        await asyncio.sleep(1)
        inactive = "Market data farm connection is inactive but should be available upon demand."
        wire.error(-1, 2108, inactive + "usfarm")
        await asyncio.sleep(25)
        wire.quote(wire.req_ids("quotes")[-1])
        return kinds(stream)

    assert on_wire(test) == [Started, Gap, Resumed]


def test_one_that_went_on_with_one_farm_and_died_with_another_is_asked_for_again(on_wire, es):
    async def test(wire):
        stream = manager(wire).ticks(es)
        wire.trade(1)
        for farm in ("usfarm", "eufarm"):
            wire.error(-1, 2103, f"Market data farm connection is broken:{farm}")
        wire.error(-1, 2104, "Market data farm connection is OK:eufarm")
        await asyncio.sleep(1)
        wire.trade(1)
        await asyncio.sleep(60)
        wire.error(-1, 2104, "Market data farm connection is OK:usfarm")
        await asyncio.sleep(25)
        wire.trade(wire.req_ids("ticks")[-1])
        return len(wire.req_ids("ticks")), kinds(stream)[-1]

    assert on_wire(test) == (2, Resumed)


@pytest.mark.parametrize(("seconds", "has_gap"), [(0.1, True), (5, False)])
def test_what_was_under_way_when_a_farm_broke_does_not_hide_the_gap(on_wire, es, seconds, has_gap):
    async def test(wire):
        stream = manager(wire).quotes(es)
        wire.quote(1)
        wire.error(-1, 2103, "Market data farm connection is broken:usfarm")
        await asyncio.sleep(seconds)
        wire.quote(1, bid=5002)
        bid = stream.latest.bid
        await asyncio.sleep(60)
        wire.error(-1, 2104, "Market data farm connection is OK:usfarm")
        await asyncio.sleep(1)
        wire.quote(1)
        await asyncio.sleep(1)
        wire.quote(wire.req_ids("quotes")[-1])
        return bid, Gap in kinds(stream), Resumed in kinds(stream)

    assert on_wire(test) == (5002, has_gap, has_gap)


def test_one_that_begins_in_the_midst_of_outages_says_so(on_wire, es):
    async def test(wire):
        stream = manager(wire).ticks(es)
        wire.error(-1, 1100, "Connectivity has been lost")
        wire.error(-1, 1102, "restored - data maintained")
        wire.error(-1, 2103, "Market data farm connection is broken:usfarm")
        wire.trade(1)
        before = kinds(stream), stream.unread
        wire.error(-1, 1101, "restored - data lost")
        return before, kinds(stream)

    assert on_wire(test) == (([Started], 1), [Started, Gap])


# --- silence ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "events"),
    [
        ("20260302:0930-20260302:1600", [Started, Stale]),
        ("20260302:CLOSED", [Started]),
    ],
)
def test_silence_is_stale_only_in_an_open_market(on_wire, es, monkeypatch, hours, events):
    async def details(_requests, contract):
        return [ContractDetails(contract, tradingHours=hours, timeZoneId="US/Eastern")]

    monkeypatch.setattr(Requests, "contract_details_async", details)

    async def test(wire):
        stream = manager(wire, stale_after=60.0).quotes(es)
        wire.quote(1)
        await asyncio.sleep(300)
        return kinds(stream)

    assert on_wire(test) == events


# --- what is left behind --------------------------------------------------------------------------


def test_an_abandoned_stream_gives_its_line_up_and_says_so(on_wire, es, caplog):
    async def test(wire):
        streams = manager(wire)
        streams.quotes(es, name="forgotten")
        await asyncio.sleep(1)
        gc.collect()
        await asyncio.sleep(1)
        return wire.words, streams.statistics().abandoned

    assert on_wire(test) == (["quotes 1", "cancel quotes 1"], 1)
    assert "forgotten was dropped without being closed" in caplog.text


def test_a_stream_that_is_only_iterated_over_is_not_abandoned(on_wire, es):
    async def test(wire):
        streams, seen = manager(wire), []

        async def read():
            async for quote in streams.quotes(es, buffer=Buffer(10, "drop-oldest")):
                seen.append(quote)  # noqa: PERF401 - the loop is what is tested

        task = asyncio.ensure_future(read())
        await asyncio.sleep(1)
        gc.collect()
        wire.quote(1)
        await asyncio.sleep(1)
        task.cancel()
        return len(seen), streams.statistics().abandoned

    assert on_wire(test) == (2, 0)


def test_closing_everything_leaves_nothing_of_ours_in_the_ib(on_wire, future):
    async def test(wire):
        ib = wire.ib
        before = (len(ib.errorEvent), len(ib.connectedEvent), len(ib.disconnectedEvent))
        handlers = dict(ib.client.decoder.handlers)
        streams = manager(wire)
        opened = [streams.quotes(future(con_id)) for con_id in range(1, 4)]
        during = ib.client.decoder.handlers[1] == handlers[1]
        streams.close_all()
        after = (len(ib.errorEvent), len(ib.connectedEvent), len(ib.disconnectedEvent))
        same = all(ib.client.decoder.handlers[key] == handlers[key] for key in handlers)
        tables = (ib.wrapper.reqId2Ticker, ib.wrapper.tickers, ib.wrapper._reqId2Contract)
        again = streams.quotes(future(9))
        assert all(stream.is_closed for stream in opened)
        wire.quote(4)
        return before == after, during, same, tables, again.latest.bid, wire.words

    unchanged, during, same, tables, bid, words = on_wire(test)
    assert (unchanged, during, same) == (True, False, True)
    assert tables == ({}, {}, {})
    assert bid == 5000
    assert sorted(words[:6]) == sorted(
        f"{do}quotes {n}" for do in ("", "cancel ") for n in (1, 2, 3)
    )


def test_a_while_after_the_last_stream_the_ib_is_let_go_of(on_wire, es):
    async def test(wire):
        handlers = dict(wire.ib.client.decoder.handlers)
        streams = manager(wire)
        streams.quotes(es).close()
        await asyncio.sleep(5)
        soon = wire.ib.client.decoder.handlers == handlers
        await asyncio.sleep(10)
        return soon, wire.ib.client.decoder.handlers == handlers

    assert on_wire(test) == (False, True)


def test_thousands_of_streams_leave_no_trace(on_wire, future):
    async def test(wire):
        streams = manager(wire, limits={"minimum_hold": 0.0})
        for number in range(2_000):
            streams.quotes(future(number % 50 + 1)).close()
            if number % 20 == 0:
                await asyncio.sleep(2)
        board = streams._board
        ledger = board._ledger
        return [
            len(table)
            for table in (
                *(board._lines, board._line_of, board._wires, ledger._entries, ledger._live),
                *(ledger._doomed, ledger._entry_of, board._door._errors, board._patrol._watches),
            )
        ]

    assert on_wire(test) == [0] * 9


def test_two_managers_on_one_ib_do_not_disturb_each_other(on_wire, es):
    async def test(wire):
        one, other = manager(wire), manager(wire)
        first, second = one.quotes(es), other.quotes(es)
        wire.quote(1, bid=100)
        wire.quote(2, bid=200)
        one.close_all()
        wire.quote(2, bid=201)
        return first.history[-1].bid, second.latest.bid

    assert on_wire(test) == (100, 201)


def test_a_manager_needs_no_connection_to_be_made():
    assert StreamManager(IB()).statistics()[Pool.LINES].limit == 100
