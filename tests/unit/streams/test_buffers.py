import pytest

from ibkit.errors import PlanError
from ibkit.streams._buffers import Buffer, unread


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
def test_a_reader_is_told_of_what_it_can_read(policy):
    waiting = unread(Buffer(2, policy))
    told = []
    waiting.notify = lambda: told.append(list(waiting.queue))
    waiting.put("a")

    assert told == [["a"]]


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
