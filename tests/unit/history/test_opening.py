import asyncio
import datetime as dt

import pytest

from ibkit._ib._history_asking import Asking, HistoryGate
from ibkit.errors import GatewayError, RequestTimeout
from ibkit.history import Span
from ibkit.history._opening import OpenHours, sessions_of
from past import DAY, HOUR, NOW, Past, contract, weekdays

WEEK = weekdays(dt.date(2026, 3, 2), 5)


def ask_sessions(past, start, end):
    asking = Asking(HistoryGate(), ())
    return asyncio.run(
        sessions_of(past, asking, contract(), Span(start, end), use_rth=False, now=NOW)
    )


def test_schedules_of_more_than_a_year_are_asked_for_in_parts():
    past = Past(weekdays(dt.date(2023, 3, 1), 1108))
    found = ask_sessions(past, past.sessions[0].start, NOW)

    assert found == past.sessions
    assert 2 <= past.schedules <= 4


def test_without_a_schedule_the_hours_are_unknown():
    assert ask_sessions(Past(()), NOW - 9 * DAY, NOW) is None


@pytest.mark.parametrize(
    "error", [GatewayError(321, "not for this contract"), RequestTimeout("schedule", 10.0)]
)
def test_a_schedule_that_cannot_be_had_makes_the_hours_unknown(error):
    past = Past(WEEK)
    past.refuses = error

    assert ask_sessions(past, NOW - 9 * DAY, NOW - HOUR) is None
    assert past.schedules == 1


def test_an_unknown_zone_makes_the_hours_unknown():
    past = Past(WEEK)
    past.zone = "Mars/Olympus"

    assert ask_sessions(past, NOW - 9 * DAY, NOW - HOUR) is None


def test_hours_are_asked_for_once_and_again_only_for_a_longer_span():
    past = Past(WEEK)
    hours = OpenHours(past, Asking(HistoryGate(), ()))

    async def main():
        for days in (3, 2, 5):
            await hours.of(contract(), Span(NOW - days * DAY, NOW), use_rth=False)
        await hours.of(contract(), Span(NOW - DAY, NOW), use_rth=True)

    asyncio.run(main())

    assert past.schedules == 3
