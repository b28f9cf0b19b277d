import pytest

from ibkit._ib._history_pacer import Question
from ibkit.errors import PlanError
from ibkit.history import HistoryPacer, HistoryPacing

EXACT = HistoryPacing(margin=1e-9)


def question(n=0, series="ES", weight=1, *, is_paced=True):
    return Question((series, n), series, weight, is_paced)


def send_all(pacer, questions, now=0.0):
    """Send each as soon as it may be sent; return when."""
    times = []
    for each in questions:
        now = pacer.next_time(each, now)
        pacer.sent(each, now)
        times.append(round(now, 3))
    return times


def test_an_identical_request_waits_fifteen_seconds():
    assert send_all(HistoryPacer(EXACT), [question()] * 3) == [0, 15, 30]


def test_five_requests_for_a_series_go_at_once_and_the_sixth_two_seconds_later():
    assert send_all(HistoryPacer(EXACT), map(question, range(6))) == [0, 0, 0, 0, 0, 2]


def test_other_series_do_not_wait_for_each_other():
    questions = [question(n, series=f"S{n % 2}") for n in range(10)]

    assert send_all(HistoryPacer(EXACT), questions) == [0] * 10


def test_the_sixty_first_request_waits_for_the_end_of_ten_minutes():
    questions = [question(n, series=n) for n in range(61)]

    assert send_all(HistoryPacer(EXACT), questions)[-2:] == [0, 600]


def test_bid_ask_counts_twice():
    questions = [question(n, series=n, weight=2) for n in range(31)]

    assert send_all(HistoryPacer(EXACT), questions)[-2:] == [0, 600]
    assert send_all(HistoryPacer(EXACT), [question(n, weight=2) for n in range(3)]) == [0, 0, 2]


def test_larger_bars_neither_wait_nor_count():
    pacer = HistoryPacer(EXACT)
    send_all(pacer, [question(is_paced=False)] * 100)

    assert pacer.next_time(question(), 0.0) == 0


def test_after_a_violation_nothing_paced_goes_out_for_a_while():
    pacer = HistoryPacer(EXACT)
    pacer.violated(10.0, 30.0)
    pacer.violated(11.0, 5.0)

    assert pacer.next_time(question(), 12.0) == 40
    assert pacer.next_time(question(is_paced=False), 12.0) == 12


def test_what_is_remembered_is_bounded():
    pacer = HistoryPacer(HistoryPacing(most=10**6))
    for n in range(5000):
        pacer.sent(question(n, series=n), n)

    assert len(pacer._identical) < 20
    assert len(pacer._bursts) < 5
    assert len(pacer._all) < 605


@pytest.mark.parametrize("name", ["most", "window", "burst", "at_once"])
def test_a_limit_is_above_zero(name):
    with pytest.raises(PlanError) as caught:
        HistoryPacing(**{name: 0})

    assert caught.value.field == name


@pytest.mark.parametrize(("at_once", "left"), [(10, 40), (50, 0)])
def test_live_bars_leave_room_for_downloads(at_once, left):
    assert HistoryPacer(HistoryPacing(at_once=at_once)).most_live == left
