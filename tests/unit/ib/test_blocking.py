import asyncio
import inspect
import pydoc

import pytest
from ib_async import util

from ibkit._ib._blocking import blocking, run_blocking
from ibkit.errors import RunningLoopError


class Desk:
    def __init__(self):
        self.begun = []

    async def front_month_async(self, root: str, *, nth: int = 0) -> str:
        """Find the front month."""
        self.begun.append(root)
        await asyncio.sleep(0)
        return f"{root}{nth}"

    front_month = blocking(front_month_async)


def test_the_twin_gives_the_same_result():
    assert Desk().front_month("ES", nth=1) == "ES1"
    assert Desk().front_month(root="ES") == "ES0"


def test_the_twin_takes_the_same_arguments():
    assert inspect.signature(Desk.front_month) == inspect.signature(Desk.front_month_async)
    assert not inspect.iscoroutinefunction(Desk.front_month)


def test_help_shows_the_twin():
    text = pydoc.plain(pydoc.render_doc(Desk))

    assert "front_month(self, root: str, *, nth: int = 0) -> str" in text
    assert "The blocking form of `front_month_async`." in text
    assert Desk.front_month.__qualname__ == "Desk.front_month"


def test_a_desk_of_its_own_for_each_object():
    one, other = Desk(), Desk()
    one.front_month("ES")

    assert (one.begun, other.begun) == (["ES"], [])


async def test_inside_a_running_loop_nothing_is_begun(ib):
    # B32: bare ib_async refuses after the coroutine has started
    begun = []

    async def work():
        begun.append(1)

    with pytest.raises(RuntimeError, match="already running"):
        ib.run(work())
    await asyncio.sleep(0)
    assert begun == [1]

    desk = Desk()
    with pytest.raises(RunningLoopError, match=r"await front_month_async\(...\).*Nothing was sent"):
        desk.front_month("ES")
    await asyncio.sleep(0)
    assert desk.begun == []


def test_it_runs_on_the_loop_of_ib_asyncs_blocking_calls():
    async def which():
        return asyncio.get_running_loop()

    assert run_blocking(which()) is run_blocking(which()) is util.getLoop()
    assert run_blocking(which()) is util.run(which())


def test_the_loss_of_another_connection_does_not_end_the_work():
    # B34: one global error event for all IB objects
    async def work():
        util.globalErrorEvent.emit(ConnectionError("Socket disconnect"))
        await asyncio.sleep(0)
        return "done"

    with pytest.raises(ConnectionError):
        util.run(work())
    assert run_blocking(work()) == "done"


def test_an_interrupt_ends_the_work():
    ended = []

    async def work():
        asyncio.get_running_loop().call_soon(interrupt)
        try:
            await asyncio.sleep(100)
        finally:
            ended.append(1)

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_blocking(work())
    assert ended == [1]
    assert asyncio.all_tasks(util.getLoop()) == set()


def test_an_error_is_raised_as_it_is():
    async def work():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_blocking(work())
