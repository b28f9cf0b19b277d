import datetime as dt

import pytest

from ibkit.sim._session import TradingHours


def at(*parts):
    return dt.datetime(2026, 3, *parts, tzinfo=dt.timezone.utc)


@pytest.fixture
def hours(talk_with):
    talk = talk_with(sessions=True)
    return TradingHours(talk.market), talk.market.named("AAPL", talk.now)


def test_a_moment_inside_of_a_session_has_that_session(hours):
    calendar, aapl = hours

    session = calendar.session(aapl, at(2, 15), extended=False)

    assert (session.opens, session.closes) == (at(2, 14, 30), at(2, 21))


@pytest.mark.parametrize("moment", [at(2, 21), at(7, 12), at(2, 14, 29)])
def test_outside_it_is_the_next_one(hours, moment):
    calendar, aapl = hours

    session = calendar.session(aapl, moment, extended=False)

    assert session.opens > moment
    assert session.opens - moment < dt.timedelta(days=4)


def test_extended_hours_are_longer(hours):
    calendar, aapl = hours

    assert calendar.session(aapl, at(2, 12), extended=True).opens < at(2, 12)


def test_a_day_ends_with_its_close(hours):
    calendar, aapl = hours

    assert calendar.day_end(aapl, at(2, 15)) >= at(2, 21)
