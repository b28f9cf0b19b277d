from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st
from ib_async.client import Client

from ibkit.errors import PlanError
from ibkit.testing import VirtualLoop, VirtualTimeError


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop(patience=0.2)
    yield loop
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


async def forever() -> None:
    await asyncio.Event().wait()


def test_an_hour_takes_no_time(loop: VirtualLoop) -> None:
    before, real_before = loop.time(), time.perf_counter()
    loop.run_until_complete(asyncio.sleep(3600))

    assert loop.time() - before == pytest.approx(3600, abs=1e-3)
    assert time.perf_counter() - real_before < 0.5  # measured: 0.00004 s


def test_a_year_is_no_longer(loop: VirtualLoop) -> None:
    before = loop.now()
    loop.advance(365 * 86_400)

    assert loop.now() - before == pytest.approx(timedelta(days=365), abs=timedelta(seconds=1))


def test_now_starts_where_it_is_told() -> None:
    start = datetime(2025, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
    loop = VirtualLoop(start=start)
    loop.advance(1)

    assert loop.now().year == 2026
    assert loop.now(ZoneInfo("America/Chicago")).hour == 18
    loop.close()


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(PlanError, match="aware datetime"):
        VirtualLoop(start=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(PlanError, match="aware datetime"):
        VirtualLoop(start="2026-01-01")  # type: ignore[arg-type]  # on purpose


@given(st.lists(st.integers(0, 10_000_000), max_size=30))
def test_timers_fire_in_order_and_never_early(milliseconds: list[int]) -> None:
    loop = VirtualLoop()
    fired: list[tuple[float, float]] = []

    async def sleeper(seconds: float) -> None:
        deadline = loop.time() + seconds
        await asyncio.sleep(seconds)
        fired.append((deadline, loop.time()))

    async def everyone() -> None:
        await asyncio.gather(*(sleeper(ms / 1000) for ms in milliseconds))

    try:
        loop.run_until_complete(everyone())
    finally:
        loop.close()

    assert [at for _, at in fired] == sorted(at for _, at in fired)
    assert all(-1e-6 <= at - deadline < 1e-3 for deadline, at in fired)


def test_a_timeout_fires_at_its_time(loop: VirtualLoop) -> None:
    before = loop.time()
    with pytest.raises(asyncio.TimeoutError):
        loop.run_until_complete(asyncio.wait_for(forever(), 60))

    assert loop.time() - before == pytest.approx(60, abs=1e-3)


def test_what_is_ready_runs_before_time_moves(loop: VirtualLoop) -> None:
    async def work() -> float:
        timer = asyncio.ensure_future(asyncio.sleep(1))
        before = loop.time()
        for _ in range(1000):
            await asyncio.sleep(0)
        timer.cancel()
        return loop.time() - before

    assert loop.run_until_complete(work()) < 0.01


def test_the_throttle_of_ib_async_comes_to_an_end(loop: VirtualLoop) -> None:
    """Its strict `>` re-arms for ever on a clock that stands on the deadline (client.py)."""

    sent: list[float] = []

    async def send() -> None:
        client = Client(wrapper=None)
        client.conn = SimpleNamespace(sendMsg=lambda _: sent.append(loop.time()))
        client.connState = Client.CONNECTED
        for _ in range(200):
            client.send(1)
        while client._msgQ:
            await asyncio.sleep(0.1)

    loop.run_until_complete(send())

    assert len(sent) == 200
    assert sent[-1] - sent[0] == pytest.approx(4, abs=0.01)  # 45 each second


def test_spinning_is_named(loop: VirtualLoop) -> None:
    async def poll() -> None:
        while True:
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(poll(), forever())

    with pytest.raises(VirtualTimeError) as failure:
        loop.run_until_complete(main())

    assert "no time went by" in str(failure.value)
    assert "poll() at " in str(failure.value)
    assert "forever" not in str(failure.value)


def test_a_program_that_never_ends_is_named() -> None:
    loop = VirtualLoop(max_jumps=1000)

    async def heartbeat() -> None:
        while True:
            await asyncio.sleep(1)

    async def main() -> None:
        beating = asyncio.ensure_future(heartbeat())
        await forever()
        await beating

    with pytest.raises(VirtualTimeError, match=r"jumped 1000 times, to 2026-03-02 15:16") as error:
        loop.run_until_complete(main())
    _cancel_all(loop)

    assert "heartbeat() at" in str(error.value)
    assert "main() at" in str(error.value)


def test_a_blocking_call_within_a_coroutine_is_told_its_twin(loop: VirtualLoop) -> None:
    async def main() -> None:
        loop.advance(1)

    with pytest.raises(RuntimeError, match=r"already running.*qualifyContractsAsync") as error:
        loop.run_until_complete(main())
    assert "advance" in {frame.name for frame in error.traceback}


def test_waiting_for_nothing_is_named_at_once(loop: VirtualLoop) -> None:
    before = time.perf_counter()
    with pytest.raises(VirtualTimeError, match="no timer, no thread, no socket") as failure:
        loop.run_until_complete(forever())

    assert f"forever() at {__file__}:" in str(failure.value)
    assert time.perf_counter() - before < 0.1


def test_time_stands_still_while_a_thread_works(loop: VirtualLoop) -> None:
    async def work() -> float:
        before = loop.time()
        deadline = asyncio.ensure_future(asyncio.sleep(60))
        await asyncio.to_thread(time.sleep, 0.05)
        deadline.cancel()
        return loop.time() - before

    assert loop.run_until_complete(work()) < 0.01


def test_a_thread_that_does_not_come_back_is_named(loop: VirtualLoop) -> None:
    release = threading.Event()

    async def work() -> None:
        await asyncio.wait_for(asyncio.to_thread(release.wait, 30), 60)

    with pytest.raises(VirtualTimeError, match=r"1 call\(s\) in threads took more than 0\.2 real"):
        loop.run_until_complete(work())
    release.set()


def test_a_thread_of_ones_own_can_wake_the_loop(loop: VirtualLoop) -> None:
    async def work() -> str:
        answer: asyncio.Future[str] = loop.create_future()
        timer = threading.Timer(0.05, loop.call_soon_threadsafe, [answer.set_result, "here"])
        timer.start()
        return await answer

    assert loop.run_until_complete(work()) == "here"


def test_sockets_are_real(loop: VirtualLoop) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        await asyncio.sleep(60)
        writer.write(line)
        writer.close()

    async def talk() -> bytes:
        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"hello\n")
            answer = await asyncio.wait_for(reader.readline(), 61)
            writer.close()
            await writer.wait_closed()
            return answer

    assert loop.run_until_complete(talk()) == b"hello\n"


def test_a_socket_that_stays_silent_is_named(loop: VirtualLoop) -> None:
    async def serve() -> None:
        async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0):
            await forever()

    with pytest.raises(VirtualTimeError, match=r"no word on a socket for 0\.2 real seconds"):
        loop.run_until_complete(serve())


def test_a_failure_ends_the_run_whoever_swallows_it(loop: VirtualLoop) -> None:
    async def main() -> None:
        loop.fail(RuntimeError("told so"))
        await asyncio.sleep(5)

    with pytest.raises(RuntimeError, match="told so"):
        loop.run_until_complete(main())


def _cancel_all(loop: VirtualLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()


def test_after_giving_up_only_tear_down_is_left() -> None:
    loop = VirtualLoop(max_passes=1_000)

    async def spin() -> None:
        while True:
            await asyncio.sleep(0)

    with pytest.raises(VirtualTimeError, match="no time went by"):
        loop.run_until_complete(spin())
    loop.fail(KeyError("told already"))
    loop.give_up()
    loop.fail(KeyError("too late"))
    loop.run_until_complete(asyncio.sleep(1))
    assert asyncio.all_tasks(loop) == set()
    loop.close()


@pytest.mark.parametrize("seconds", ["5", -5, None, float("nan"), float("inf")])
def test_time_goes_forward_by_seconds(loop: VirtualLoop, seconds: Any) -> None:
    with pytest.raises(ValueError, match=r"seconds: got .*; time goes forward"):
        loop.advance(seconds)
