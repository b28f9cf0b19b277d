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


@pytest.mark.parametrize(("by_owner", "left"), [(True, []), (False, ["a"])])
def test_the_end_wakes_and_only_the_owner_throws_away_what_is_unread(by_owner, left):
    async def main():
        one = consumer()
        one.unread.put("a")
        waiting = asyncio.get_running_loop().create_future()
        one.unread.wait(waiting)
        one.finish(End("done", by_owner=by_owner))
        one.finish(End("again"))
        return waiting.done(), list(one.unread.queue), list(one.events)

    assert asyncio.run(main()) == (True, left, [Closed("done")])
