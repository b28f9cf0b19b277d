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

    assert list(waiting.values) == kept
    assert waiting.dropped == dropped


def test_only_fail_asks_to_break_the_stream():
    answers = {}
    for policy in ("conflate", "drop-oldest", "drop-newest", "fail"):
        waiting = unread(Buffer(1, policy))
        answers[policy] = [waiting.put(value) for value in range(2)]

    assert answers == {
        "conflate": [True, True],
        "drop-oldest": [True, True],
        "drop-newest": [True, True],
        "fail": [True, False],
    }


def test_what_is_read_in_time_is_not_dropped():
    waiting = unread(Buffer(1, "conflate"))
    for value in range(5):
        waiting.put(value)
        assert waiting.values.popleft() == value

    assert waiting.dropped == 0


@pytest.mark.parametrize("arguments", [(0, "conflate"), (-1, "fail"), (1, "drop")])
def test_a_buffer_that_cannot_be_is_refused(arguments):
    with pytest.raises(PlanError):
        Buffer(*arguments)
