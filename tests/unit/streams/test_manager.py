"""What the manager offers: each kind of stream, checks before sending, prices and snapshots."""

from __future__ import annotations

import asyncio

import pytest
from ib_async import IB, ContFuture, Future

from ibkit.errors import (
    NotConnected,
    NotSubscribed,
    NotTradable,
    PlanError,
    RequestTimeout,
    RunningLoopError,
)
from ibkit.streams import Buffer, Pool, StreamLimits, StreamManager

ES = Future(conId=1, symbol="ES", exchange="CME")


def manager(wire, **limits):
    return StreamManager(
        wire.ib, limits=StreamLimits(**limits), requests=wire.requests, stale_after=None
    )


def snapshot(wire, req_id, bid=5000):
    """The answer to a snapshot, whole."""
    wire.quote(req_id, bid=bid)
    wire.feed((57, 1, req_id))


# --- the kinds ----------------------------------------------------------------------------


def test_each_kind_has_its_request_and_its_cancel(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        opened = [
            streams.quotes(es, (233,)),
            streams.ticks(es, "AllLast"),
            streams.depth(es, 7, smart=True),
            streams.bars_5s(es, "MIDPOINT"),
            streams.bars(es, "5 mins", "2 D"),
        ]
        await asyncio.sleep(1)
        sent = wire.news()
        for stream in opened:
            stream.close()
        return sent, wire.words

    kinds = ["quotes", "ticks", "depth", "bars_5s", "bars"]
    sent, cancelled = on_wire(test)
    assert sent == [f"{kind} {n}" for n, kind in enumerate(kinds, 1)]
    assert cancelled == [f"cancel {kind} {n}" for n, kind in enumerate(kinds, 1)]


def test_each_kind_gives_its_values(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        quotes, ticks, depth = streams.quotes(es), streams.ticks(es), streams.depth(es)
        wire.quote(1)
        wire.trade(2)
        wire.row(3, 0, 1, 100)
        return quotes.latest.ask, ticks.latest.price, depth.latest.best_bid.price

    assert on_wire(test) == (5001, 5000, 100)


def test_statistics_count_what_is_used_and_by_whom(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        opened = [streams.bars_5s(es, name="bars"), streams.quotes(es, name="quotes")]
        statistics = streams.statistics()
        return {pool.name: statistics[pool].holders for pool in Pool}, statistics.opened, opened

    holders, opened, _ = on_wire(test)
    assert holders == {
        "LINES": ("bars", "quotes"),
        "TICK_BY_TICK": (),
        "DEPTH": (),
        "REAL_TIME": ("bars",),
        "HISTORY": (),
    }
    assert opened == 2


# --- checks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("open_", "error"),
    [
        (lambda s: s.quotes(Future("ES", "202612", "CME")), NotTradable),
        (lambda s: s.quotes(ContFuture("ES", "CME", conId=1)), NotTradable),
        (lambda s: s.quotes(Future("ES", "20200101", "CME", conId=1)), NotTradable),
        (lambda s: s.quotes("ES"), PlanError),
        (lambda s: s.quotes(Future(conId=1, exchange="CME"), 233), PlanError),
        (lambda s: s.quotes(Future(conId=1, exchange="CME"), keep=-1), PlanError),
        (lambda s: s.quotes(Future(conId=1, exchange="CME"), keep=None), PlanError),
        (lambda s: s.quotes(Future(conId=1, exchange="CME"), priority="high"), PlanError),
        (lambda s: s.quotes(Future(conId=1, exchange="CME"), priority=None), PlanError),
        (lambda s: s.quotes(Future(conId=1, exchange="CME"), when_full="block"), PlanError),
        (lambda s: s.quotes(Future(conId=1, exchange="CME"), buffer=100), PlanError),
        (lambda s: s.quotes(Future(conId=1, exchange="CME"), buffer=Buffer), PlanError),
        (lambda s: s.quotes(Future(conId=1, exchange="CME"), name=5), PlanError),
        (lambda s: s.depth(Future(conId=1, exchange="CME"), smart="x"), PlanError),
        (lambda s: s.bars(Future(conId=1, exchange="CME"), "1 min", rth="no"), PlanError),
        (lambda s: s.names_on("ES"), PlanError),
        (lambda s: s.follow("ES", "NQ"), PlanError),
        (lambda s: s.follow(1, "NQ"), PlanError),
        (lambda s: s.ticks(Future(conId=1, exchange="CME"), "Trades"), PlanError),
        (lambda s: s.depth(Future(conId=1, exchange="CME"), 0), PlanError),
        (lambda s: s.bars_5s(Future(conId=1, exchange="CME"), "BID_ASK"), PlanError),
        (lambda s: s.bars(Future(conId=1, exchange="CME"), "1m"), PlanError),
        (lambda s: s.bars(Future(conId=1, exchange="CME"), "1 min", "1 m"), PlanError),
        (lambda s: s.bars(Future(conId=1, exchange="CME"), "1 min", what="YIELD_BID"), PlanError),
        (lambda s: s.bars(Future(conId=1, exchange="CME"), "1 min", keep=1), PlanError),
    ],
)
def test_what_cannot_work_is_found_before_anything_is_sent(on_wire, open_, error):
    async def test(wire):
        streams = manager(wire)
        with pytest.raises(error):
            open_(streams)
        return wire.sent, streams.statistics()[Pool.LINES].used

    assert on_wire(test) == ([], 0)


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.snapshot_async("ES"),
        lambda s: s.snapshot_async(ES, None, return_errors=True),
        lambda s: s.snapshot_async(ES, timeout="10"),
        lambda s: s.snapshot_async(ES, timeout=0),
        lambda s: s.market_price_async("ES"),
        lambda s: s.market_price_async(ES, timeout=-1),
    ],
)
def test_a_snapshot_of_what_is_none_is_refused_before_anything_is_sent(on_wire, ask):
    async def test(wire):
        with pytest.raises(PlanError):
            await ask(manager(wire))
        return wire.sent

    assert on_wire(test) == []


@pytest.mark.parametrize(
    "settings",
    [{"limits": 100}, {"data_type": 3}, {"data_type": "DELAYED"}, {"stale_after": -1}],
)
def test_settings_that_cannot_be_meant_are_refused(settings):
    with pytest.raises(PlanError, match=next(iter(settings))):
        StreamManager(IB(), **settings)


def test_what_was_refused_does_no_harm_to_those_that_come_after(on_wire):
    async def test(wire):
        streams = manager(wire, lines=1)
        for wrong in ("high", None):
            with pytest.raises(PlanError):
                streams.quotes(ES, priority=wrong)
        streams.quotes(ES)
        return len(streams.names_on(ES.conId))

    assert on_wire(test) == 1


# --- one value --------------------------------------------------------------------------------


def test_the_market_price_is_waited_for_and_its_line_given_up(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        task = asyncio.ensure_future(streams.market_price_async(es))
        await asyncio.sleep(1)
        wire.feed((1, 6, 1, 9, 4990, 0, 0))  # the close of yesterday is no price
        await asyncio.sleep(1)
        early = task.done()
        wire.quote(1)
        price = await task
        await asyncio.sleep(1)
        return early, price, wire.words

    assert on_wire(test) == (False, 5000.5, ["quotes 1", "cancel quotes 1"])


def test_no_market_price_in_time(on_wire, es):
    async def test(wire):
        with pytest.raises(RequestTimeout):
            await manager(wire).market_price_async(es, timeout=3)

    on_wire(test)


def test_snapshots_come_by_con_id_and_take_turns_on_the_lines(on_wire, future):
    async def test(wire):
        streams = manager(wire, lines=2)
        task = asyncio.ensure_future(streams.snapshot_async(*map(future, (11, 12, 13))))
        await asyncio.sleep(1)
        first = wire.news()
        snapshot(wire, 1, bid=100)
        await asyncio.sleep(1)
        then = wire.news()
        snapshot(wire, 2, bid=200)
        snapshot(wire, 3, bid=300)
        quotes = await task
        await asyncio.sleep(1)
        return first, then, wire.words, {key: int(quote.bid) for key, quote in quotes.items()}

    first, then, rest, quotes = on_wire(test)
    assert (first, then, rest) == (["quotes 1", "quotes 2"], ["quotes 3"], [])  # no cancels
    assert quotes == {11: 100, 12: 200, 13: 300}


def test_a_snapshot_is_never_an_old_quote(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        with streams.quotes(es):
            wire.quote(1, bid=100)
            await asyncio.sleep(1)
        task = asyncio.ensure_future(streams.snapshot_async(es))
        await asyncio.sleep(1)
        early = task.done()
        snapshot(wire, 2, bid=200)
        return early, (await task)[1].bid

    assert on_wire(test) == (False, 200)


def test_a_stream_that_delivers_now_is_a_snapshot_and_takes_no_line(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        stream = streams.quotes(es)
        wire.quote(1)
        quotes = await streams.snapshot_async(es)
        return quotes[1] == stream.latest, wire.words

    assert on_wire(test) == (True, ["quotes 1"])


def test_a_snapshot_that_fails_raises_or_stands_in_its_place(on_wire, future):
    async def test(wire, return_errors):
        streams = manager(wire)
        task = asyncio.ensure_future(
            streams.snapshot_async(future(1), future(2), return_errors=return_errors)
        )
        await asyncio.sleep(1)
        wire.error(1, 354, "Requested market data is not subscribed.")
        snapshot(wire, 2)
        return await task

    with pytest.raises(NotSubscribed):
        on_wire(lambda wire: test(wire, False))
    results = on_wire(lambda wire: test(wire, True))
    assert isinstance(results[1], NotSubscribed)
    assert results[2].bid == 5000


def test_a_snapshot_has_an_end_even_if_tws_is_silent(on_wire, future):
    async def test(wire):
        with pytest.raises(RequestTimeout):
            await manager(wire).snapshot_async(future(1), future(2))
        await asyncio.sleep(1)
        return wire.words

    words = on_wire(test)

    assert words[:2] == ["quotes 1", "quotes 2"]
    assert sorted(words[2:]) == ["cancel quotes 1", "cancel quotes 2"]


def test_two_who_want_a_snapshot_at_once_share_it(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        tasks = [asyncio.ensure_future(streams.snapshot_async(es)) for _ in range(2)]
        await asyncio.sleep(1)
        snapshot(wire, 1)
        return [int((await task)[1].bid) for task in tasks], wire.words

    assert on_wire(test) == ([5000, 5000], ["quotes 1"])


def test_blocking_forms(blocking_wire, es):
    wire = blocking_wire
    with manager(wire) as streams:
        wire.later(1, lambda: wire.quote(1))
        assert streams.market_price(es) == 5000.5
        wire.later(5, lambda: snapshot(wire, 2))
        assert streams.snapshot(es)[1].bid == 5000


def test_blocking_forms_are_refused_inside_a_loop(on_wire, es):
    async def test(wire):
        with pytest.raises(RunningLoopError):
            manager(wire).market_price(es)
        return wire.sent

    assert on_wire(test) == []


# --- the end ---------------------------------------------------------------------------------


def test_the_end_of_the_block_closes_every_stream(on_wire, future):
    async def test(wire):
        async with manager(wire) as streams:
            opened = [streams.quotes(future(con_id)) for con_id in (1, 2)]
            await asyncio.sleep(1)
        return [stream.is_closed for stream in opened], wire.words[2:]

    assert on_wire(test) == ([True, True], ["cancel quotes 1", "cancel quotes 2"])


def test_a_manager_of_its_own_leaves_nothing_in_the_ib(on_wire, es):
    async def test(wire):
        counts = [len(event) for event in (wire.ib.errorEvent, wire.ib.disconnectedEvent)]
        async with StreamManager(wire.ib) as streams:
            streams.quotes(es).close()
        return counts == [len(event) for event in (wire.ib.errorEvent, wire.ib.disconnectedEvent)]

    assert on_wire(test) is True


# --- rolls --------------------------------------------------------------------------------


def next_month(es):
    return Future(conId=es.conId + 1, symbol="ES", localSymbol="ES2", exchange=es.exchange)


def test_streams_follow_a_roll_with_a_gap_in_their_events(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        quotes, again = streams.quotes(es, name="mine"), streams.quotes(es, name="yours")
        other = streams.quotes(Future(conId=77, symbol="NQ", exchange="CME"), name="another")
        wire.quote(1)
        await asyncio.sleep(1)
        names = streams.names_on(es.conId)
        followed = streams.follow(es.conId, next_month(es))
        await asyncio.sleep(1)
        between = quotes.latest
        wire.quote(3, bid=5050)
        events = [type(event).__name__ for event in quotes.events]
        return (names, followed, between, quotes.latest.bid, again.latest.bid,
                quotes.contract.localSymbol, other.contract.conId, events, wire.words)  # fmt: skip

    names, followed, between, bid, same, symbol, other, events, words = on_wire(test)

    assert names == followed == ["mine", "yours"]
    assert (between, bid, same, symbol, other) == (None, 5050, 5050, "ES2", 77)
    assert events == ["Started", "Gap", "Resumed"]
    assert words == ["quotes 1", "quotes 2", "cancel quotes 1", "quotes 3"]


def test_every_kind_of_stream_follows_with_its_options(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        opened = [streams.ticks(es, "AllLast"), streams.depth(es, 7), streams.bars(es, "5 mins")]
        await asyncio.sleep(1)
        streams.follow(es.conId, next_month(es))
        await asyncio.sleep(5)
        return [stream.contract.localSymbol for stream in opened], sorted(wire.words)

    symbols, words = on_wire(test)

    assert symbols == ["ES2"] * 3
    assert words == sorted(
        f"{verb}{kind} {number + first}"
        for verb, first in (("", 1), ("cancel ", 1), ("", 4))
        for number, kind in enumerate(["ticks", "depth", "bars"])
    )


def test_a_roll_to_what_cannot_be_streamed_changes_nothing(on_wire, es):
    async def test(wire):
        streams = manager(wire)
        quotes = streams.quotes(es)
        with pytest.raises(NotTradable):
            streams.follow(es.conId, ContFuture("ES", "CME"))
        return quotes.contract.localSymbol, streams.follow(1234, next_month(es))

    assert on_wire(test) == (es.localSymbol, [])


def test_a_stream_that_finds_no_place_there_ends_with_the_reason(on_wire, es):
    async def test(wire):
        streams = manager(wire, lines=2)
        quotes = streams.quotes(es, when_full="refuse")
        await asyncio.sleep(1)
        wire.lose()
        streams.follow(es.conId, next_month(es))
        with pytest.raises(NotConnected):
            await quotes.first_async()

    on_wire(test)
