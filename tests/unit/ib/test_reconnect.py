import pytest

from ibkit._ib._reconnect import Attempts, Reconnect
from ibkit.errors import PlanError


def test_delays_double_up_to_the_maximum():
    policy = Reconnect(first=0.5, maximum=3, jitter=0)

    assert [policy.delay(n, lambda: 0.0) for n in (1, 2, 3, 4, 100, 10_000)] == [
        *(0.5, 1.0, 2.0, 3.0, 3.0, 3.0)
    ]


@pytest.mark.parametrize(("drawn", "expected"), [(0.0, 8.0), (0.5, 10.0), (1.0, 12.0)])
def test_jitter_shortens_and_lengthens(drawn, expected):
    policy = Reconnect(first=10, maximum=10, jitter=0.2)

    assert policy.delay(1, lambda: drawn) == pytest.approx(expected)


def test_attempts_end():
    policy = Reconnect(attempts=2)

    assert [policy.delay(n, lambda: 0.5) is None for n in (1, 2, 3)] == [False, False, True]
    assert Reconnect(attempts=0).delay(1, lambda: 0.5) is None
    assert Reconnect().delay(10**6, lambda: 0.5) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": -1},
        {"attempts": "x"},
        {"first": 0},
        {"maximum": -1},
        {"jitter": 1},
        {"jitter": -0.1},
        {"jitter": None},
    ],
)
def test_impossible_policies_are_refused(wrong):
    with pytest.raises(PlanError, match=next(iter(wrong))):
        Reconnect(**wrong)


@pytest.fixture
def attempts():
    return Attempts(Reconnect(first=1, maximum=60, jitter=0), lambda: 0.5)


def test_a_first_attempt_is_not_repeated(attempts):
    attempts.begin()

    assert attempts.next_delay() is None


def test_after_it_was_up_a_loss_is_repaired(attempts):
    attempts.begin()
    attempts.up(0.0)
    attempts.lost(10.0)

    assert [attempts.next_delay() for _ in range(3)] == [1, 2, 4]
    assert attempts.number == 3


def test_the_count_begins_again_only_after_a_long_time_up(attempts):
    attempts.up(0.0)
    attempts.lost(1.0)
    attempts.next_delay()
    attempts.up(2.0)
    attempts.lost(3.0)
    assert attempts.next_delay() == 2
    attempts.up(10.0)
    attempts.lost(70.0)

    assert attempts.next_delay() == 1


def test_giving_up_is_for_good_until_asked_again(attempts):
    attempts.up(0.0)
    attempts.give_up()
    assert attempts.next_delay() is None
    attempts.begin()
    attempts.up(0.0)

    assert attempts.next_delay() == 1
