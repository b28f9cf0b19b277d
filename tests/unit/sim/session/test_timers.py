import datetime as dt

from ibkit.sim._session._timers import Timers

START = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)


def at(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


def test_timers_run_in_order_of_time_then_of_creation():
    timers, ran = Timers(), []
    for name, seconds in (("late", 3), ("first", 1), ("second", 1)):
        timers.at(at(seconds), lambda now, name=name: ran.append((name, now)))

    timers.run(at(2))

    assert ran == [("first", at(1)), ("second", at(1))]
    assert timers.next_due() == at(3)


def test_a_cancelled_timer_never_runs_and_is_not_due():
    timers, ran = Timers(), []
    timer = timers.at(at(1), ran.append)

    timer.cancel()
    timer.cancel()
    timers.run(at(5))

    assert ran == []
    assert timers.next_due() is None
    assert len(timers) == 0


def test_a_repeater_goes_on_until_it_cancels_itself():
    timers, ran = Timers(), []

    def act(now):
        ran.append(now)
        if len(ran) == 3:
            repeater.cancel()

    repeater = timers.every(dt.timedelta(seconds=2), START, act)
    timers.run(at(60))

    assert ran == [at(2), at(4), at(6)]
    assert timers.next_due() is None


def test_an_action_may_add_a_timer_that_is_already_due():
    timers, ran = Timers(), []
    timers.at(at(1), lambda now: timers.at(now, ran.append))

    timers.run(at(1))

    assert ran == [at(1)]


def test_cancelled_timers_do_not_pile_up():
    timers = Timers()
    kept = [timers.at(at(3600 * n), lambda now: None) for n in range(5)]
    for _ in range(50_000):
        timers.at(at(86_400), lambda now: None).cancel()

    assert len(timers._heap) < 3_000
    assert len(timers) == len(kept)
