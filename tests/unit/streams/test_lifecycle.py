import asyncio
import datetime as dt

from ibkit._ib._health import HealthRecord
from ibkit.streams._events import Closed, Gap, Started
from ibkit.streams._lifecycle import KEPT, StreamEvents

AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


def events():
    return StreamEvents("quotes ES", HealthRecord())


def test_what_happened_can_be_read_later():
    channel = events()
    channel.emit(Started(AT))
    channel.emit(Gap(AT, "lost"))

    assert list(channel) == [Started(AT), Gap(AT, "lost")]
    assert len(channel) == 2


def test_the_log_is_bounded():
    channel = events()
    for number in range(KEPT + 50):
        channel.emit(Gap(AT, str(number)))

    assert next(gap.reason for gap in channel) == "50"


def test_iteration_begins_with_the_past_and_ends_with_the_stream():
    async def main():
        channel, seen = events(), []

        async def read():
            seen.extend([event async for event in channel])

        channel.emit(Started(AT))
        task = asyncio.ensure_future(read())
        await asyncio.sleep(0)
        channel.emit(Gap(AT, "lost"))
        channel.emit(Closed("done"))
        await task
        return seen

    assert asyncio.run(main()) == [Started(AT), Gap(AT, "lost"), Closed("done")]


def test_each_iteration_sees_everything():
    async def main():
        channel = events()
        channel.emit(Started(AT))
        channel.emit(Closed("done"))
        first = [event async for event in channel]
        return first, [event async for event in channel]

    assert asyncio.run(main()) == ([Started(AT), Closed("done")],) * 2


def test_a_reader_that_is_too_slow_goes_on_with_what_is_left():
    async def main():
        channel, seen = events(), []
        channel.emit(Started(AT))
        async for event in channel:
            seen.append(event)
            if isinstance(event, Started):
                for number in range(KEPT + 10):
                    channel.emit(Gap(AT, str(number)))
                channel.emit(Closed("done"))
        return seen

    seen = asyncio.run(main())
    assert (seen[0], seen[1].reason, seen[-1]) == (Started(AT), "11", Closed("done"))


def test_handlers_are_told_until_they_are_taken_off_and_their_errors_are_recorded():
    health = HealthRecord()
    channel, seen = StreamEvents("quotes ES", health), []

    def broken(_event):
        raise ValueError

    channel -= broken  # one that was never there is no error
    channel += broken
    channel += seen.append
    channel.emit(Started(AT))
    channel -= seen.append
    channel.emit(Closed("done"))

    assert seen == [Started(AT)]
    assert health.current().handler_errors == 2


def test_readers_that_give_up_again_and_again_leave_nothing_behind():
    async def main():
        channel = events()

        async def read():
            return [event async for event in channel]

        for _ in range(100):
            reader = asyncio.ensure_future(read())
            await asyncio.sleep(0)
            reader.cancel()
            await asyncio.sleep(0)
        return len(channel._waiters)

    assert asyncio.run(main()) <= 1


def test_events_show_how_many_there_are_and_the_latest():
    events = StreamEvents("quotes ESZ6", HealthRecord())

    assert repr(events) == "<StreamEvents of quotes ESZ6: 0>"
    events.emit(Closed("closed by its owner"))
    assert repr(events).endswith(f": 1, the latest {Closed('closed by its owner')}>")
