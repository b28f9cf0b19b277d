import pytest

from ibkit.errors import PlanError
from ibkit.streams._kinds import Kind
from ibkit.streams._limits import POOLS, Caps, Pool, StreamLimits


def test_every_kind_uses_some_pool():
    assert set(POOLS) == set(Kind)


def test_five_second_bars_use_a_line_as_well():
    assert set(POOLS[Kind.BARS_5S]) == {Pool.LINES, Pool.REAL_TIME}


def test_a_negative_limit_is_refused():
    with pytest.raises(PlanError, match="depth: got -1; a whole number of at least 0"):
        StreamLimits(depth=-1)
    with pytest.raises(PlanError, match="minimum_hold"):
        StreamLimits(minimum_hold=-1)
    with pytest.raises(PlanError, match="lines"):
        StreamLimits(lines="100")


def test_a_rate_of_nothing_is_refused():
    with pytest.raises(PlanError, match="bars_5s_per_10_minutes"):
        StreamLimits(bars_5s_per_10_minutes=0)


def test_a_cap_is_learned_and_tried_again_minute_by_minute():
    caps = Caps(StreamLimits(lines=100))
    caps.learn(Pool.LINES, 40, now=1000.0)

    assert caps.cap(Pool.LINES, 1000.0) == 40
    assert caps.cap(Pool.LINES, 1059.9) == 40
    assert caps.cap(Pool.LINES, 1060.0) == 41
    assert caps.cap(Pool.LINES, 1000.0 + 60 * 59) == 99
    assert caps.cap(Pool.LINES, 1_000_000.0) == 100


def test_an_unknown_cap_stays_learned():
    caps = Caps(StreamLimits())
    caps.learn(Pool.REAL_TIME, 5, now=0.0)

    assert caps.cap(Pool.REAL_TIME, 120.0) == 7


def test_a_new_connection_forgets_what_was_learned():
    caps = Caps(StreamLimits())
    caps.learn(Pool.LINES, 0, now=0.0)
    caps.forget()

    assert caps.cap(Pool.LINES, 0.0) == 100


@pytest.mark.parametrize("since", [0.0, 0.1, 1234.567, 7.3e8 / 7])
def test_the_cap_has_grown_when_its_alarm_rings(since):
    caps = Caps(StreamLimits())
    caps.learn(Pool.LINES, 0, since)
    now = since
    for grown in range(1, 50):
        now = caps.next_growth(Pool.LINES, now)

        assert caps.cap(Pool.LINES, now) == grown


def test_a_cap_that_is_back_to_normal_grows_no_more():
    caps = Caps(StreamLimits(lines=2))
    caps.learn(Pool.LINES, 1, 0.0)

    assert caps.next_growth(Pool.LINES, 0.0) == 60.0
    assert caps.next_growth(Pool.LINES, 61.0) is None
    assert caps.next_growth(Pool.DEPTH, 61.0) is None
