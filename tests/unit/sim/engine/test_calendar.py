from __future__ import annotations

import datetime as dt

from brokerage import AAPL, ES, NOW, RegularHours
from ibkit.sim._engine._calendar import Calendar


class Counting(RegularHours):
    asked = 0

    def session(self, *args, **kwargs):
        Counting.asked += 1
        return super().session(*args, **kwargs)


def test_one_session_is_asked_for_once():
    calendar = Calendar(Counting())
    before = Counting.asked
    for minute in range(30):
        calendar.session(AAPL, NOW + dt.timedelta(minutes=minute), extended=False)

    assert Counting.asked == before + 1


def test_the_next_session_is_asked_for_again():
    calendar = Calendar(RegularHours())
    today = calendar.session(AAPL, NOW, extended=False)

    assert calendar.session(AAPL, today.closes, extended=False).opens > today.closes


def test_a_session_ahead_is_not_taken_for_a_day_before_it():
    calendar = Calendar(RegularHours())
    early = NOW.replace(hour=3)
    ahead = calendar.session(AAPL, early, extended=True)

    assert ahead.opens > early
    assert calendar.session(AAPL, early, extended=True) == ahead


def test_regular_and_extended_hours_are_kept_apart_and_so_are_instruments():
    calendar = Calendar(RegularHours())

    assert calendar.session(AAPL, NOW, extended=True) != calendar.session(AAPL, NOW, extended=False)
    assert calendar.session(ES, NOW, extended=True) == calendar.session(AAPL, NOW, extended=True)


def test_the_end_of_a_day_holds_until_it_is_reached():
    calendar = Calendar(RegularHours())
    end = calendar.day_end(AAPL, NOW)

    assert calendar.day_end(AAPL, end - dt.timedelta(seconds=1)) == end
    assert calendar.day_end(AAPL, end) > end


def test_an_earlier_question_is_not_answered_with_a_later_day():
    calendar = Calendar(RegularHours())
    later = calendar.day_end(AAPL, NOW + dt.timedelta(days=1))

    assert calendar.day_end(AAPL, NOW) < later


def test_an_earlier_moment_is_not_answered_with_a_later_session():
    calendar = Calendar(RegularHours())
    tomorrow = calendar.session(AAPL, NOW + dt.timedelta(days=1), extended=False)

    assert calendar.session(AAPL, NOW, extended=False).closes < tomorrow.opens
