import asyncio

import pytest

from ibkit._ib._health import HealthRecord
from ibkit.streams._buffers import Buffer, unread
from ibkit.streams._consumer import Consumer, End
from ibkit.streams._decisions import Holder
from ibkit.streams._events import Closed
from ibkit.streams._lifecycle import StreamEvents


def consumer(policy="drop-oldest"):
    holder = Holder(number=1, name="h")
    return Consumer(holder, unread(Buffer(10, policy)), StreamEvents("h", HealthRecord()))


def test_every_reader_that_waits_is_woken_by_a_value():
    async def main():
        one = consumer()
        waiting = [one.news() for _ in range(3)]
        one.unread.put("a")
        return [future.done() for future in waiting]

    assert asyncio.run(main()) == [True, True, True]


def test_a_value_that_nobody_waits_for_wakes_nobody():
    async def main():
        one = consumer()
        one.unread.put("a")
        return one.unread.notify

    assert asyncio.run(main()) is None


def test_cancelling_one_reader_leaves_the_other_alone():
    async def main():
        one = consumer()

        async def read():
            await one.news()
            return one.unread.queue.popleft()

        first, second = asyncio.ensure_future(read()), asyncio.ensure_future(read())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        one.unread.put("a")
        return await second

    assert asyncio.run(main()) == "a"


def test_readers_that_give_up_again_and_again_leave_nothing_behind():
    async def main():
        one = consumer()
        for _ in range(1000):
            one.news().cancel()
            one.news().cancel()
        return len(one._others)

    assert asyncio.run(main()) <= 1


@pytest.mark.parametrize(("by_owner", "left"), [(True, []), (False, ["a"])])
def test_the_end_wakes_and_only_the_owner_throws_away_what_is_unread(by_owner, left):
    async def main():
        one = consumer()
        one.unread.put("a")
        waiting = one.news()
        one.finish(End("done", by_owner=by_owner))
        one.finish(End("again"))
        return waiting.done(), list(one.unread.queue), list(one.events)

    assert asyncio.run(main()) == (True, left, [Closed("done")])
