from __future__ import annotations

import datetime as dt

from attrs import evolve

from brokerage import ES, NOW
from ibkit.sim._engine import AlwaysOpen

UTC = dt.timezone.utc


def test_a_world_that_never_closes_is_open_now():
    session = AlwaysOpen().session(ES, NOW, extended=False)

    assert session.opens <= NOW < session.closes
    assert session == AlwaysOpen().session(ES, NOW, extended=True)


def test_the_days_meet_at_five_in_the_instruments_zone():
    tokyo = evolve(ES, zone="Japan")

    assert AlwaysOpen().day_end(ES, NOW) == dt.datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert AlwaysOpen().day_end(tokyo, NOW) == dt.datetime(2026, 3, 3, 8, tzinfo=UTC)


def test_one_day_follows_the_other_without_a_gap():
    first = AlwaysOpen().session(ES, NOW, extended=True)
    second = AlwaysOpen().session(ES, first.closes, extended=True)

    assert second.opens == first.closes
    assert second.closes > second.opens


def test_the_end_of_a_day_follows_daylight_saving():
    spring = dt.datetime(2026, 3, 8, 22, 30, tzinfo=UTC)  # 17:30 in Chicago, after the change

    assert AlwaysOpen().day_end(ES, spring) == dt.datetime(2026, 3, 9, 22, tzinfo=UTC)
