import asyncio

import pytest
from ib_async import IB

from ibkit.errors import (
    ConnectionLost,
    GatewayError,
    IbkitError,
    PacingViolation,
    RequestTimeout,
)
from ibkit.history import HistoryPacer, HistoryPacing
from ibkit.history._asking import Asking, all_of, pacer_of
from ibkit.history._pacing import Question
from ibkit.testing import run_virtual

PACING = PacingViolation(162, "Historical data request pacing violation")
NO_DATA = GatewayError(162, "HMDS query returned no data: ESM5@CME Trades")
NO_RIGHTS = GatewayError(162, "No market data permissions for CME FUT")


def ask(*outcomes, backoff=(5.0, 15.0), paced=True):
    """Ask while the outcomes come one by one; return the answer, when each was sent, the waits."""

    async def main():
        asking = Asking(HistoryPacer(HistoryPacing(identical=1.0, margin=1e-9)), backoff)
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
    "error", [RequestTimeout("bars", 60.0), ConnectionLost("bars"), PACING], ids=type
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
        asking = Asking(HistoryPacer(), (30.0,))
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
        asking = Asking(HistoryPacer(HistoryPacing(at_once=2)), ())
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

    assert pacer_of(ib) is pacer_of(ib)
    assert pacer_of(ib) is not pacer_of(other)
