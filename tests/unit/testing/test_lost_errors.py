import asyncio

import pytest
from eventkit import Event

from ibkit.testing import VirtualLoop, VirtualTimeError
from ibkit.testing._lost_errors import lost_errors, report


@pytest.fixture
def loop():
    loop = VirtualLoop()
    yield loop
    loop.close()


def broken(*_):
    raise KeyError("mine")


def test_what_a_handler_raises_is_collected(loop):
    event = Event("fillEvent")
    event += broken
    with lost_errors(loop) as found:
        event.emit(1)
        event.emit(2)
    event.emit(3)

    assert [where for where, _ in found] == ["a handler of fillEvent"] * 2
    assert "raised, and nobody heard of it" in report(found)[0]
    assert report(found)[0].rstrip().endswith("KeyError: 'mine'")


def test_what_somebody_listens_to_is_not_lost(loop):
    event, heard = Event("fillEvent"), []
    event += broken
    event.error_event += lambda *args: heard.append(args)
    with lost_errors(loop) as found:
        event.emit(1)

    assert found == []
    assert len(heard) == 1


def test_events_work_as_ever(loop):
    event, heard = Event("error"), []
    event += lambda *args: heard.append(args)
    with lost_errors(loop) as found:
        event.emit("a", "b")
        event.emit("a", KeyError("heard"))

    assert found == []
    assert len(heard) == 2


async def fail(error):
    raise error


def spawn(loop, error):
    async def main():
        task = asyncio.ensure_future(fail(error))
        await asyncio.sleep(1)
        del task

    loop.run_until_complete(main())


def test_what_a_forgotten_task_raises_is_collected(loop, caplog):
    with lost_errors(loop) as found:
        spawn(loop, KeyError("mine"))
        loop.call_soon(broken)
        loop.advance(1)

    assert [where.rstrip("0123456789") for where, _ in found] == ["the task Task-", "a callback"]
    assert len(caplog.records) == 2


def test_lost_connections_and_virtual_time_are_told_elsewhere(loop, caplog):
    def sleepy():
        raise VirtualTimeError("sleeps", "use await")

    event = Event("fillEvent")
    event += sleepy
    with lost_errors(loop) as found:
        spawn(loop, ConnectionError("gone"))
        spawn(loop, VirtualTimeError("spins", "stop it"))
        event.emit()

    assert found == []
    assert len(caplog.records) == 2


def test_the_handler_of_the_loop_is_put_back(loop):
    def mine(*_):
        pass

    loop.set_exception_handler(mine)
    emit = Event.emit
    with pytest.raises(KeyError), lost_errors(loop):
        raise KeyError

    assert loop.get_exception_handler() is mine
    assert Event.emit is emit
