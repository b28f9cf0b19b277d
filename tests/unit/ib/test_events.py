"""For traps B30, B31 and B33 one test in two halves: bare eventkit falls in, ibkit does not."""

import asyncio
import gc
import logging

import pytest
from eventkit import Event
from ib_async import Contract, LimitOrder

from ibkit._ib._events import SafeEvent, Subscriptions, subscribe, watch_errors
from ibkit._ib._health import HealthRecord
from loops import LOOPS


@pytest.fixture
def health():
    return HealthRecord()


def typo(*_):
    raise ZeroDivisionError


class Strategy:
    def __init__(self, seen):
        self.seen = seen

    def on_fill(self, fill):
        self.seen.append(fill)

    def __call__(self, fill):
        self.seen.append(fill)


# --- B30: exceptions vanish --------------------------------------------------------


def test_an_exception_in_a_handler_is_seen(health, caplog):
    bare, event = Event("fill"), Event("fill")
    bare += typo
    bare.emit(1)
    assert caplog.records == []

    subscribe(event, typo, health=health)
    event.emit(1)
    assert health.current().handler_errors == 1
    assert "handler" in caplog.text
    assert "typo of fill" in caplog.text


def test_other_handlers_run_all_the_same(health):
    event, seen = Event("fill"), []
    subscribe(event, typo, health=health)
    subscribe(event, seen.append, health=health)
    event.emit(1)

    assert seen == [1]


async def test_who_awaits_an_event_does_not_get_the_exception_of_another_handler(health):
    async def wait_for(event):
        waiting = asyncio.ensure_future(_next(event))
        await asyncio.sleep(0)
        event.emit(1)
        return (await asyncio.gather(waiting, return_exceptions=True))[0]

    async def _next(event):
        return await event

    bare, safe = Event("fill"), SafeEvent("fill", health)
    bare += typo
    safe += typo

    assert isinstance(await wait_for(bare), ZeroDivisionError)
    assert await wait_for(safe) == 1


def test_handlers_that_users_put_on_ib_async_are_watched(ib, health, caplog):
    caplog.set_level(logging.CRITICAL, "ib_async")
    watching = watch_errors(ib, health)
    ib.execDetailsEvent += typo
    ib.execDetailsEvent.emit(1, 2)
    assert health.current().errors_by_handler == {"a handler of IB.execDetailsEvent": 1}

    watching.close()
    ib.execDetailsEvent.emit(1, 2)
    assert health.current().handler_errors == 1


async def test_handlers_on_trades_are_watched_once(ib, health, connected):
    await connected()
    watching = watch_errors(ib, health)
    trade = ib.placeOrder(Contract(conId=1), LimitOrder("BUY", 1, 5000))
    ib.openOrderEvent.emit(trade)
    trade.filledEvent += typo
    trade.filledEvent.emit(trade)

    assert health.current().errors_by_handler == {"a handler of Trade.filledEvent": 1}
    watching.close()


# --- B31: coroutine handlers may never run ---------------------------------------------


async def emit_and_see(connect):
    """Emit on an event whose handler is a coroutine function."""
    seen = []

    async def handler(value):
        await asyncio.sleep(0)
        seen.append(value)

    event = Event("fill")
    connect(event, handler)
    event.emit(1)
    for _ in range(5):
        await asyncio.sleep(0)
    return seen


def run_without_policy(make_loop, main):
    """As ``Runner(loop_factory=...)`` and ``uvloop.run`` do: the policy has another loop."""
    other = asyncio.new_event_loop()
    asyncio.set_event_loop(other)
    loop = make_loop()
    try:
        return loop.run_until_complete(main)
    finally:
        for task in asyncio.all_tasks(other):
            task.cancel()
        other.run_until_complete(asyncio.sleep(0))
        asyncio.set_event_loop(None)
        loop.close()
        other.close()


@pytest.mark.parametrize("make_loop", LOOPS)
def test_a_coroutine_handler_runs_on_the_running_loop(make_loop, health):
    bare = run_without_policy(make_loop, emit_and_see(lambda event, h: event.connect(h)))
    ours = run_without_policy(
        make_loop, emit_and_see(lambda event, h: subscribe(event, h, health=health))
    )

    assert bare == []
    assert ours == [1]


async def test_an_exception_in_a_coroutine_handler_is_seen(health):
    async def late_typo(_):
        await asyncio.sleep(1)
        raise ZeroDivisionError

    event = SafeEvent("fill", health)
    event += late_typo
    event.emit(1)
    assert health.current().running_tasks == 1
    await asyncio.sleep(2)

    assert health.current().handler_errors == 1


def test_a_coroutine_handler_called_outside_of_a_loop_runs_with_the_next_blocking_call(ib, health):
    seen = []

    async def handler(value):
        seen.append(value)

    subscribe(ib.newOrderEvent, handler, health=health)
    ib.newOrderEvent.emit("a trade")
    assert seen == []
    ib.sleep(0)
    ib.sleep(0)

    assert seen == ["a trade"]


# --- B33: handlers are weak ------------------------------------------------------------------


@pytest.mark.parametrize("handler_of", [lambda s: s.on_fill, lambda s: s])
def test_the_handler_of_a_temporary_stays(health, handler_of):
    bare, ours = [], []
    event = Event("fill")
    event += handler_of(Strategy(bare))
    subscribe(event, handler_of(Strategy(ours)), health=health)
    gc.collect()
    event.emit(1)

    assert bare == []
    assert ours == [1]


# --- handles ----------------------------------------------------------------------------------


def test_a_closed_subscription_hears_nothing(health):
    event, seen = Event("fill"), []
    subscription = subscribe(event, seen.append, health=health)
    with subscription:
        event.emit(1)
    event.emit(2)
    subscription.close()

    assert seen == [1]
    assert len(event) == 0


def test_the_same_handler_twice_is_two_subscriptions(health):
    event, seen = Event("fill"), []
    first = subscribe(event, seen.append, health=health)
    subscribe(event, seen.append, health=health)
    first.close()
    event.emit(1)

    assert seen == [1]


def test_subscriptions_are_closed_together(health):
    event, seen, closed = Event("fill"), [], []
    several = Subscriptions(health)
    several.add(event, seen.append)
    several.add(event, typo)
    several.on_close(lambda: closed.append(1))
    several.close()
    several.close()
    event.emit(1)

    assert seen == []
    assert closed == [1]
    assert len(event) == 0


# --- our own events ------------------------------------------------------------------------------


def test_listeners_come_and_go_as_on_an_event_of_ib_async(health):
    event, seen = SafeEvent("fill", health), []
    event += seen.append
    event.emit(1)
    event(2)
    event -= seen.append
    event -= seen.append
    event.emit(3)

    assert seen == [1, 2]
    assert len(event) == 0


def test_a_listener_that_fails_is_recorded_under_its_name(health):
    event = SafeEvent("fill", health)
    event += typo
    event.emit(1)

    assert "typo of fill" in health.current().last_error.context


async def test_an_event_can_be_iterated(health):
    event = SafeEvent("fill", health)
    asyncio.get_running_loop().call_later(1, event.emit, 1)
    asyncio.get_running_loop().call_later(2, event.emit, 2)
    asyncio.get_running_loop().call_later(3, event.set_done)
    seen = [value async for value in event]

    assert seen == [1, 2]
    assert len(event) == 0


def test_the_operators_of_eventkit_work(health):
    event, seen = SafeEvent("fill", health), []
    doubled = event.map(lambda value: 2 * value)
    doubled += seen.append
    event.emit(1)

    assert seen == [2]


def test_an_event_knows_whether_it_is_heard_and_what_it_said_last(health):
    event, seen = SafeEvent("numbers", health), []
    event.emit(1)
    unheard = event.is_heard, event.value()
    event += seen.append
    event.emit(2)

    assert unheard == (False, 1)
    assert (event.is_heard, event.value(), seen) == (True, 2, [2])
    event -= seen.append
    assert not event.is_heard


def test_a_temporary_listener_of_our_event_stays(health):
    event, seen = SafeEvent("fill", health), []
    event += Strategy(seen).on_fill
    gc.collect()
    event.emit(1)

    assert seen == [1]
