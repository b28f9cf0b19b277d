import datetime as dt

import pytest

from ibkit.sim._session._pacing import HistoryPacing, Pauses, StreamPacing

START = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)


def at(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


def test_an_identical_request_waits_fifteen_seconds():
    pacing = HistoryPacing()

    assert pacing.admits(at(0), "same", "ES", 1)
    assert not pacing.admits(at(14.9), "same", "ES", 1)
    assert pacing.admits(at(15), "same", "ES", 1)


def test_the_sixth_request_of_one_series_within_two_seconds_is_too_many():
    pacing = HistoryPacing()
    answers = [pacing.admits(at(n / 10), n, "ES", 1) for n in range(6)]

    assert answers == [True] * 5 + [False]
    assert pacing.admits(at(0.7), "other", "NQ", 1)
    assert pacing.admits(at(2.0), "later", "ES", 1)


@pytest.mark.parametrize(("weight", "most"), [(1, 60), (2, 30)])
def test_sixty_requests_in_ten_minutes_and_bid_ask_counts_twice(weight, most):
    pacing = HistoryPacing()
    admitted = sum(pacing.admits(at(n), n, n, weight) for n in range(100))

    assert admitted == most
    assert pacing.admits(at(600), "after ten minutes", "x", weight)


def test_what_is_remembered_stays_bounded():
    pacing = HistoryPacing()
    for n in range(5_000):
        pacing.admits(at(n * 11), n, n, 1)

    assert len(pacing._identical) < 200
    assert len(pacing._bursts) < 200
    assert len(pacing._all) <= 60


def test_sixty_new_streams_of_bars_in_ten_minutes():
    pacing = StreamPacing()
    admitted = sum(pacing.admits(at(n)) for n in range(100))

    assert admitted == 60
    assert pacing.admits(at(600))
    assert not pacing.admits(at(600.5))


def test_a_pause_counts_from_the_last_that_was_admitted():
    pauses, pause = Pauses(), dt.timedelta(seconds=2)
    answers = [pauses.admits("a", at(n), pause) for n in range(5)]

    assert answers == [True, False, True, False, True]
    assert pauses.admits("b", at(4), pause)


def test_the_keys_of_pauses_stay_bounded():
    pauses, pause = Pauses(), dt.timedelta(seconds=15)
    for n in range(2_000):
        pauses.admits(n, at(0), pause)

    assert len(pauses._last) == 1_000
    assert not pauses.admits(1_999, at(1), pause)
