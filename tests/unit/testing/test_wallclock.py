from __future__ import annotations

import ast
import asyncio
import contextlib
import datetime as dt
import importlib
import pkgutil
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import eventkit
import ib_async
import pytest
from ib_async import IB, util, wrapper

from ibkit.testing import VirtualLoop, VirtualTimeError, run_virtual, virtual_time
from ibkit.testing._wallclock import READERS

UTC = dt.timezone.utc
START = dt.datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


async def forever() -> None:
    await asyncio.Event().wait()


# --- running -------------------------------------------------------------------


def test_a_coroutine_returns_its_result() -> None:
    async def answer() -> int:
        await asyncio.sleep(3600)
        return 42

    assert run_virtual(answer()) == 42


def test_a_coroutine_raises_its_error() -> None:
    async def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run_virtual(fail())


def test_blocking_code_of_ib_async_sleeps_virtually() -> None:
    with virtual_time() as loop:
        before = loop.now()
        IB().sleep(3600)

        assert loop.now() - before == pytest.approx(
            dt.timedelta(hours=1), abs=dt.timedelta(seconds=1)
        )


def test_loop_until_times_out_by_virtual_time() -> None:
    ib = IB()
    with virtual_time() as loop:
        loop.call_later(5, ib.updateEvent.emit)
        loop.call_later(50, ib.updateEvent.emit)
        outcomes = list(ib.loopUntil(lambda: False, timeout=30))

    assert outcomes[-1] is False
    assert len(outcomes) == 3


def test_unfinished_tasks_are_cancelled_and_finish_their_business() -> None:
    ended = []

    async def worker() -> None:
        try:
            await forever()
        finally:
            await asyncio.sleep(10)
            ended.append("worker")

    async def main() -> None:
        main.task = asyncio.ensure_future(worker())  # type: ignore[attr-defined]
        await asyncio.sleep(1)

    run_virtual(main())

    assert ended == ["worker"]


def test_an_error_while_ending_is_reported() -> None:
    reported: list[dict[str, object]] = []

    async def worker() -> None:
        try:
            await forever()
        finally:
            raise ValueError("too late")

    with virtual_time() as loop:
        loop.set_exception_handler(lambda _, context: reported.append(context))
        task = loop.create_task(worker())
        loop.advance(1)

    assert task.done()
    assert [str(context["exception"]) for context in reported] == ["too late"]


def test_threads_of_the_executor_end_with_it() -> None:
    async def main() -> str:
        return await asyncio.to_thread(lambda: threading.current_thread().name)

    name = run_virtual(main())

    assert name not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("outcome", ["returns", "raises"])
def test_every_clock_is_restored(outcome: str) -> None:
    before = _clocks()

    async def main() -> None:
        assert _clocks() != before
        if outcome == "raises":
            raise KeyError(outcome)

    with pytest.raises(KeyError) if outcome == "raises" else _nothing():
        run_virtual(main())

    assert _clocks() == before
    assert time.sleep.__module__ == "time"


def _nothing() -> object:
    return pytest.MonkeyPatch.context()


def _clocks() -> dict[str, object]:
    names = ("time", "dt", "datetime", "date", "sleep")
    modules = {name: vars(sys.modules[name]) for name in (*READERS, "time")}
    return {f"{m}.{n}": space[n] for m, space in modules.items() for n in names if n in space}


def test_it_does_not_nest() -> None:
    async def nested() -> None:
        coroutine = forever()
        with pytest.raises(RuntimeError, match="await the coroutine"):
            run_virtual(coroutine)

    asyncio.run(nested())
    with virtual_time(), pytest.raises(RuntimeError, match="await the coroutine"):
        run_virtual(forever())


def test_the_loop_that_is_given_is_used_and_closed() -> None:
    mine = VirtualLoop(start=dt.datetime(2020, 1, 1, tzinfo=UTC))

    async def year() -> int:
        return asyncio.get_running_loop().now().year  # type: ignore[attr-defined]

    assert run_virtual(year(), loop=mine) == 2020
    assert mine.is_closed()


# --- clocks --------------------------------------------------------------------


def test_the_clocks_of_ib_async_agree_with_the_loop() -> None:
    with virtual_time() as loop:
        loop.advance(3600)
        told = wrapper.time.time(), wrapper.datetime.now(UTC), util.dt.datetime.now(UTC)
        now = loop.now()

    assert told == (now.timestamp(), now, now)
    assert now - START == pytest.approx(dt.timedelta(hours=1), abs=dt.timedelta(seconds=1))


def test_schedule_of_ib_async_fires_at_its_date() -> None:
    fired = []
    with virtual_time() as loop:
        util.schedule(START + dt.timedelta(days=3), lambda: fired.append(loop.now()))
        loop.advance(4 * 86_400)

    assert fired[0] == pytest.approx(START + dt.timedelta(days=3), abs=dt.timedelta(seconds=1))


def test_a_stamp_from_the_wrapper_is_virtual() -> None:
    ib = IB()
    with virtual_time() as loop:
        ib.wrapper.tcpDataArrived()

        assert ib.wrapper.lastTime == loop.now()


def test_datetime_stays_datetime() -> None:
    with virtual_time():
        made = wrapper.datetime(2026, 1, 2, tzinfo=UTC)
        parsed = util.parseIBDatetime("20260102 10:00:00 US/Eastern")
        shown = util.formatIBDatetime(dt.datetime(2026, 1, 2, tzinfo=UTC))

        assert type(made) is dt.datetime
        assert isinstance(START, wrapper.datetime)
        assert not isinstance(START.date(), wrapper.datetime)
        assert type(parsed) is dt.datetime
        assert shown == "20260102 00:00:00 UTC"
        assert util.dt.time(9, 30) == dt.time(9, 30)


@pytest.fixture
def strategy(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A user's module that reads every clock by every name."""
    module = ModuleType("a_strategy")
    source = """
        import datetime, time
        from datetime import date, datetime as moment
        from time import monotonic, perf_counter, sleep, time as now
        """
    exec("\n".join(line.strip() for line in source.splitlines()), vars(module))
    monkeypatch.setitem(sys.modules, "a_strategy", module)
    return module


def test_modules_of_ones_own_can_follow(strategy: ModuleType) -> None:
    with virtual_time(modules=["a_strategy"]) as loop:
        stamp = loop.now().timestamp()
        local = loop.now().astimezone().replace(tzinfo=None)

        assert strategy.now() == strategy.time.time() == stamp
        assert strategy.time.time_ns() == pytest.approx(stamp * 1e9)
        assert strategy.monotonic() == strategy.perf_counter() == loop.time()
        assert strategy.time.monotonic_ns() == int(loop.time() * 1e9)
        assert strategy.moment.now() == strategy.moment.today() == local
        assert strategy.datetime.datetime.utcnow().replace(tzinfo=UTC) == loop.now()
        assert strategy.date.today() == strategy.datetime.date.today() == local.date()
        assert strategy.time.strftime is time.strftime
    assert strategy.now is time.time


def test_other_modules_are_left_alone() -> None:
    with virtual_time():
        assert dt.datetime.now(UTC).year >= 2026
        assert type(dt.datetime) is type
        assert time.time.__module__ == "time"


# --- real sleeps -----------------------------------------------------------------


def test_a_real_sleep_is_refused() -> None:
    async def main() -> None:
        time.sleep(0.5)  # noqa: ASYNC251

    with pytest.raises(VirtualTimeError, match=r"time\.sleep\(0\.5\) was called"):
        run_virtual(main())


def test_a_real_sleep_in_an_event_handler_is_not_swallowed() -> None:
    async def main() -> None:
        event = eventkit.Event("update")
        event += lambda: time.sleep(0.5)
        event.emit()  # logs what its handlers raise, and goes on
        await asyncio.sleep(1)

    with pytest.raises(VirtualTimeError, match=r"time\.sleep"):
        run_virtual(main())


def test_a_swallowed_sleep_at_the_very_end_is_not_lost() -> None:
    async def main() -> None:
        try:
            time.sleep(0.5)  # noqa: ASYNC251
        except VirtualTimeError:
            return

    with pytest.raises(VirtualTimeError, match=r"time\.sleep"):
        run_virtual(main())


def test_a_swallowed_sleep_in_blocking_code_is_not_lost() -> None:
    with (
        pytest.raises(VirtualTimeError, match=r"time\.sleep"),
        virtual_time(),
        contextlib.suppress(VirtualTimeError),
    ):
        time.sleep(0.5)


def test_a_sleep_imported_by_name_is_refused_in_modules_of_ones_own(strategy: ModuleType) -> None:
    async def main() -> None:
        strategy.sleep(1)

    with pytest.raises(VirtualTimeError):
        run_virtual(main(), modules=["a_strategy"])


def test_other_threads_may_sleep() -> None:
    async def main() -> None:
        await asyncio.to_thread(lambda: time.sleep(0.001))

    run_virtual(main())


# --- the canary ------------------------------------------------------------------

READINGS = {
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
}


def test_every_module_that_reads_a_clock_is_known() -> None:
    reading = {
        name
        for package in (ib_async, eventkit)
        for name in _modules(package)
        if _reads_a_clock(name)
    }

    assert reading == set(READERS)


def _modules(package: ModuleType) -> list[str]:
    walked = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    return [module.name for module in walked]


def _reads_a_clock(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text())
    return any(
        isinstance(node, ast.Attribute)
        and (ast.unparse(node.value).split(".")[-1], node.attr) in READINGS
        for node in ast.walk(tree)
    )


# --- whole programs --------------------------------------------------------------


async def linger() -> str:
    asyncio.get_running_loop().create_task(forever())
    await asyncio.sleep(3600)
    return "done"


def test_asyncio_run_runs_in_virtual_time_and_ends_its_own_tasks_only() -> None:
    with virtual_time() as loop:
        mine = loop.create_task(forever())
        assert asyncio.run(linger()) == "done"
        assert asyncio.run(linger(), debug=None) == "done"
        assert asyncio.all_tasks(loop) == {mine}
        assert loop.now() - START > dt.timedelta(hours=2)


def test_asyncio_run_is_refused_inside_a_running_loop_as_ever() -> None:
    async def inside() -> None:
        late = linger()
        try:
            asyncio.run(late)
        finally:
            late.close()

    with pytest.raises(RuntimeError, match="already running"):
        run_virtual(inside())


def test_asyncio_run_of_another_thread_is_real() -> None:
    async def loop_class() -> type:
        return type(asyncio.get_running_loop())

    classes: list[type] = []
    with virtual_time():
        thread = threading.Thread(target=lambda: classes.append(asyncio.run(loop_class())))
        thread.start()
        thread.join()

    assert classes != [VirtualLoop]
    assert asyncio.run(loop_class()) is not VirtualLoop


def test_a_module_may_be_given_itself() -> None:
    module = ModuleType("mine")
    vars(module)["datetime"] = dt.datetime
    with virtual_time(modules=[module]):
        assert vars(module)["datetime"].now(UTC) == pytest.approx(
            START, abs=dt.timedelta(seconds=1)
        )


@pytest.mark.parametrize("main", [asyncio.sleep, None, "x"])
def test_what_is_no_coroutine_is_refused(main: object) -> None:
    with pytest.raises(ValueError, match=r"main: got .*; a coroutine, as in run_virtual"):
        run_virtual(main)  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("wrong", [{"modules": "time"}, {"loop": 5}])
def test_what_is_no_list_of_modules_and_no_virtual_loop_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: got"), virtual_time(**wrong):
        pass
