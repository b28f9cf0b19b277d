import asyncio
from types import SimpleNamespace

import pytest

from ibkit.testing import VirtualLoop
from ibkit.testing._async_fixtures import blocking_fixture


class Request(SimpleNamespace):
    def __init__(self, instance=None):
        super().__init__(instance=instance, ended=[])

    def addfinalizer(self, end):
        self.ended.append(end)

    def end(self):
        while self.ended:
            self.ended.pop()()


@pytest.fixture
def loop():
    loop = VirtualLoop()
    yield loop
    loop.close()


def test_a_coroutine_function_gives_its_result(loop):
    async def number(start):
        await asyncio.sleep(60)
        return start + 1

    assert blocking_fixture(number, loop, Request())(start=41) == 42


def test_a_generator_lives_in_one_task_from_set_up_to_tear_down(loop):
    tasks = []

    async def resource():
        tasks.append(asyncio.current_task())
        yield "value"
        await asyncio.sleep(1)
        tasks.append(asyncio.current_task())

    request = Request()
    assert blocking_fixture(resource, loop, request)() == "value"
    assert len(tasks) == 1
    request.end()

    assert tasks[0] is tasks[1]
    assert tasks[0].done()


def test_what_goes_wrong_before_the_yield_is_raised_in_set_up(loop):
    async def resource():
        raise KeyError("mine")
        yield

    request = Request()
    with pytest.raises(KeyError, match="mine"):
        blocking_fixture(resource, loop, request)()
    assert request.ended == []


def test_what_goes_wrong_after_it_is_raised_in_tear_down(loop):
    async def resource():
        yield 1
        raise KeyError("mine")

    request = Request()
    blocking_fixture(resource, loop, request)()
    with pytest.raises(KeyError, match="mine"):
        request.end()


def test_a_generator_yields_exactly_once(loop):
    async def never():
        for nothing in ():
            yield nothing

    async def twice():
        yield 1
        yield 2

    with pytest.raises(RuntimeError, match="must yield"):
        blocking_fixture(never, loop, Request())()
    request = Request()
    blocking_fixture(twice, loop, request)()
    with pytest.raises(RuntimeError, match="yields once"):
        request.end()


class Group:
    async def me(self):
        return self


def test_a_method_is_of_the_instance_of_the_test(loop):
    collected, running = Group(), Group()

    assert blocking_fixture(collected.me, loop, Request(running))() is running
    assert blocking_fixture(collected.me, loop, Request())() is collected
