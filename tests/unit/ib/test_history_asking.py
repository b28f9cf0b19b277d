import asyncio

import pytest
from ib_async import IB, Future

from ibkit._ib._history_asking import Asking, HistoryGate, all_of, gate_of, question_of
from ibkit._ib._history_pacer import Question
from ibkit.errors import (
    ConnectionLost,
    GatewayError,
    IbkitError,
    PacingViolation,
    RequestTimeout,
)
from ibkit.history import HistoryPacer, HistoryPacing
from ibkit.testing import run_virtual

PACING = PacingViolation(162, "Historical data request pacing violation")
NO_DATA = GatewayError(162, "HMDS query returned no data: ESM5@CME Trades")
FARM_LOST = GatewayError(
    162,
    "Historical Market Data Service error message:HMDS server disconnect occurred.  Attempting "
    "reconnection...",
)
NO_RIGHTS = GatewayError(162, "No market data permissions for CME FUT")


def gate(**pacing):
    return HistoryGate(HistoryPacer(HistoryPacing(**pacing)))


def ask(*outcomes, backoff=(5.0, 15.0), paced=True):
    """Ask while the outcomes come one by one; return the answer, when each was sent, the waits."""

    async def main():
        asking = Asking(gate(identical=1.0, margin=1e-9), backoff)
        left, times, waits = list(outcomes), [], []
        loop = asyncio.get_running_loop()
        start = loop.time()

        async def send():
            times.append(round(loop.time() - start, 1))
            outcome = left.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        question = Question("q", "s", 1, paced)
        try:
            return await asking.ask(question, send, waits.append), times, waits
        except IbkitError as error:
            return error, times, waits

    return run_virtual(main())


def test_an_answer_is_handed_on():
    assert ask("bars") == ("bars", [0], [])


@pytest.mark.parametrize(
    "error",
    [RequestTimeout("bars", 60.0), ConnectionLost("bars"), PACING, FARM_LOST],
    ids=lambda error: type(error).__name__,
)
def test_what_may_succeed_later_is_tried_again_later(error):
    answer, times, waits = ask(error, error, "bars")

    assert answer == "bars"
    assert times == [0, 5, 20]
    assert waits == [5, 15]


def test_when_all_attempts_are_used_up_the_error_is_raised():
    answer, times, _ = ask(PACING, PACING, PACING)

    assert answer is PACING
    assert len(times) == 3


def test_no_data_is_an_answer_and_a_refusal_is_not():
    assert ask(NO_DATA) == (None, [0], [])
    assert ask(NO_RIGHTS) == (NO_RIGHTS, [0], [])


def test_a_violation_holds_everybody_back():
    async def main():
        asking = Asking(gate(), (30.0,))
        loop = asyncio.get_running_loop()
        start, sent = loop.time(), []

        async def send(name):
            sent.append((name, round(loop.time() - start)))
            if len(sent) == 1:
                raise PACING

        async def one(name):
            await asking.ask(Question(name, name), lambda: send(name), lambda _: None)

        await one_after_the_other(one("a"), one("b"))
        return sent

    async def one_after_the_other(first, second):
        task = asyncio.ensure_future(first)
        await asyncio.sleep(1)
        await asyncio.gather(task, second)

    assert run_virtual(main()) == [("a", 0), ("a", 30), ("b", 30)]


def test_only_so_many_are_open_at_once():
    async def main():
        asking = Asking(gate(at_once=2), ())
        loop = asyncio.get_running_loop()
        is_open, most = 0, 0

        async def send():
            nonlocal is_open, most
            is_open += 1
            most = max(most, is_open)
            await asyncio.sleep(1)
            is_open -= 1

        start = loop.time()
        await all_of(asking.ask(Question(n, n), send, lambda _: None) for n in range(6))
        return most, round(loop.time() - start)

    assert run_virtual(main()) == (2, 3)


def test_a_failure_withdraws_the_rest():
    async def main():
        ended = []

        async def slow():
            try:
                await asyncio.sleep(100)
            finally:
                ended.append("slow")

        async def bad():
            await asyncio.sleep(1)
            raise NO_RIGHTS

        with pytest.raises(GatewayError):
            await all_of([slow(), bad()])
        return ended

    assert run_virtual(main()) == ["slow"]


def test_one_ib_has_one_count():
    ib, other = IB(), IB()

    assert gate_of(ib) is gate_of(ib)
    assert gate_of(ib) is not gate_of(other)


def test_bid_ask_weighs_twice_and_contracts_are_told_apart_by_value():
    def es(exchange="CME"):
        return Future("ES", "202603", exchange, conId=77)

    assert question_of(es(), "BID_ASK", 1).weight == 2
    assert question_of(es(), "TRADES", 1) == question_of(es(), "TRADES", 1)
    assert question_of(es(), "TRADES", 1).series == question_of(es(), "TRADES", 2).series
    assert question_of(es(), "TRADES", 1).series != question_of(es("QBALGO"), "TRADES", 1).series


def test_live_bars_take_places_from_downloads_and_give_them_back():
    async def main():
        doors = gate(at_once=6)
        doors.pacer.live = 48
        asking, order, release = Asking(doors, ()), [], asyncio.Event()

        async def send(name):
            order.append(name)
            await release.wait()

        work = [
            asyncio.ensure_future(asking.ask(Question(n, n), lambda n=n: send(n), lambda _: None))
            for n in range(4)
        ]
        await asyncio.sleep(1)
        full = list(order)
        doors.pacer.live = 47
        doors.admit()
        await asyncio.sleep(1)
        after = list(order)
        release.set()
        await asyncio.gather(*work)
        return full, after, doors.pacer.open

    assert run_virtual(main()) == ([0, 1], [0, 1, 2], 0)


def test_who_waits_for_the_rules_about_small_bars_holds_up_nobody_else():
    async def main():
        asking, times = Asking(gate(at_once=1), ()), []
        loop = asyncio.get_running_loop()
        start = loop.time()

        async def send(name):
            times.append((name, round(loop.time() - start)))

        def ask(name, *, paced):
            return asking.ask(Question("same", "s", 1, paced), lambda: send(name), lambda _: None)

        await asyncio.gather(
            ask("small", paced=True), ask("small again", paced=True), ask("large", paced=False)
        )
        return times

    assert run_virtual(main()) == [("small", 0), ("large", 0), ("small again", 16)]


def test_one_who_gives_up_leaves_no_place_behind():
    async def main():
        doors = gate(at_once=1)
        asking = Asking(doors, ())

        def ask(name):
            send = lambda: asyncio.sleep(5)  # noqa: E731
            return asyncio.ensure_future(asking.ask(Question(name, name), send, lambda _: None))

        first, second, third = map(ask, "abc")
        await asyncio.sleep(1)
        second.cancel()
        first.cancel()
        await asyncio.wait([first, second, third])
        return second.cancelled(), third.done() and not third.cancelled(), doors.pacer.open

    assert run_virtual(main()) == (True, True, 0)
