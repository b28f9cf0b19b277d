import pytest

from ibkit.errors import PlanError
from ibkit.streams._buffers import Buffer, unread


class Reader:
    """Waits like a future."""

    def __init__(self, look):
        self.look, self.is_done = look, False

    def done(self):
        return self.is_done

    def set_result(self, _result):
        self.is_done = True
        self.look()


@pytest.mark.parametrize(
    ("buffer", "kept", "dropped"),
    [
        (Buffer(3, "conflate"), [9], 9),
        (Buffer(3, "drop-oldest"), [7, 8, 9], 7),
        (Buffer(3, "drop-newest"), [0, 1, 2], 7),
        (Buffer(3, "fail"), [0, 1, 2], 7),
    ],
)
def test_ten_values_without_a_reader(buffer, kept, dropped):
    waiting = unread(buffer)
    for value in range(10):
        waiting.put(value)

    assert list(waiting.queue) == kept
    assert waiting.dropped == dropped


def test_only_fail_breaks_the_stream():
    broken = []
    for policy in ("conflate", "drop-oldest", "drop-newest", "fail"):
        waiting = unread(Buffer(1, policy))
        waiting.overflow = lambda policy=policy: broken.append(policy)
        for value in range(2):
            waiting.put(value)

    assert broken == ["fail"]


@pytest.mark.parametrize("policy", ["conflate", "drop-oldest", "drop-newest", "fail"])
def test_every_reader_that_waits_is_woken_once_by_what_it_can_read(policy):
    waiting = unread(Buffer(2, policy))
    told = []
    for _ in range(3):
        waiting.wait(Reader(lambda: told.append(list(waiting.queue))))
    waiting.put("a")
    waiting.put("b")

    assert told == [["a"]] * 3


def test_a_value_wakes_nobody_who_has_given_up():
    waiting = unread(Buffer(2, "drop-oldest"))
    first, second = Reader(pytest.fail), Reader(pytest.fail)
    waiting.wait(first)
    waiting.wait(second)
    first.is_done = second.is_done = True
    waiting.put("a")

    assert (waiting.waiter, waiting.others) == (None, [])


def test_one_who_gives_up_leaves_the_others_alone():
    waiting = unread(Buffer(2, "drop-oldest"))
    told = []
    first = Reader(pytest.fail)
    waiting.wait(first)
    waiting.wait(Reader(lambda: told.append("second")))
    first.is_done = True
    waiting.wait(Reader(lambda: told.append("third")))
    waiting.put("a")

    assert sorted(told) == ["second", "third"]


def test_readers_that_give_up_again_and_again_leave_nothing_behind():
    waiting = unread(Buffer(2, "drop-oldest"))
    for _ in range(1000):
        for _ in range(2):
            reader = Reader(pytest.fail)
            waiting.wait(reader)
            reader.is_done = True

    assert len(waiting.others) <= 1


@pytest.mark.parametrize("policy", ["conflate", "drop-oldest", "drop-newest", "fail"])
def test_the_last_values_are_remembered_whether_they_were_read_or_not(policy):
    waiting = unread(Buffer(2, policy), keep=3)
    for value in range(10):
        waiting.put(value)

    assert list(waiting.past) == [7, 8, 9]


def test_what_is_read_in_time_is_not_dropped():
    waiting = unread(Buffer(1, "conflate"))
    for value in range(5):
        waiting.put(value)
        assert waiting.queue.popleft() == value

    assert waiting.dropped == 0


@pytest.mark.parametrize("arguments", [(0, "conflate"), (-1, "fail"), (1, "drop")])
def test_a_buffer_that_cannot_be_is_refused(arguments):
    with pytest.raises(PlanError):
        Buffer(*arguments)
