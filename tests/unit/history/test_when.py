import datetime as dt

import pytest

from ibkit.errors import PlanError
from ibkit.history._when import check_when, date_of, last_date, midnight, moment_at, trading_days
from past import UTC, at

CHICAGO = dt.timezone(dt.timedelta(hours=-6))
DAY = dt.date(2026, 3, 2)
NAIVE = at("03-02 00:00").replace(tzinfo=None)


@pytest.mark.parametrize(
    ("when", "is_small", "whole", "moment"),
    [
        (at("03-02 14:30"), True, False, at("03-02 14:30")),
        (dt.datetime(2026, 3, 2, 8, 30, tzinfo=CHICAGO), True, True, at("03-02 14:30")),
        (DAY, False, False, at("03-02 00:00")),
        (DAY, False, True, at("03-03 00:00")),
        (dt.datetime(2026, 3, 2, 19, tzinfo=CHICAGO), False, False, at("03-02 00:00")),
        (dt.datetime(2026, 3, 3, tzinfo=CHICAGO), False, True, at("03-03 00:00")),
    ],
)
def test_what_a_time_or_a_date_stands_for(when, is_small, whole, moment):
    found = moment_at(when, "start", is_small=is_small, whole=whole)

    assert (found, found.tzinfo) == (moment, UTC)


@pytest.mark.parametrize(("when", "is_small"), [(NAIVE, False), (DAY, True)])
def test_what_says_too_little_is_refused(when, is_small):
    with pytest.raises(PlanError) as caught:
        moment_at(when, "end", is_small=is_small, whole=True)

    assert caught.value.field == "end"


def test_dates_of_times():
    assert (midnight(DAY), date_of(DAY), date_of(at("03-02 14:30"))) == (
        at("03-02 00:00"),
        DAY,
        DAY,
    )
    assert last_date(None, at("03-02 14:30")) == DAY
    assert last_date(at("03-03 00:00"), at("03-09 00:00")) == DAY
    assert last_date(DAY, at("03-09 00:00")) == DAY


def test_a_time_touches_the_trading_days_beside_its_date():
    days = trading_days(at("03-02 14:30"), at("03-04 00:00"), at("03-09 00:00"), is_small=True)

    assert days == (dt.date(2026, 3, 1), dt.date(2026, 3, 4))
    assert trading_days(DAY, None, at("03-09 12:00"), is_small=False) == (DAY, dt.date(2026, 3, 9))
    with pytest.raises(PlanError):
        trading_days(DAY, dt.date(2026, 3, 1), at("03-09 00:00"), is_small=False)


@pytest.mark.parametrize("when", ["2026-03-02", "20260302 15:00:00", "", 0, dt.timedelta(days=1)])
def test_what_is_no_time_is_named(when):
    for read in (
        lambda: moment_at(when, "start", is_small=False, whole=False),
        lambda: moment_at(when, "start", is_small=True, whole=False),
        lambda: trading_days(when, None, at("03-09 00:00"), is_small=False),
        lambda: check_when(when, "start", dates=False),
    ):
        with pytest.raises(PlanError, match=r"start: got .*a datetime with a zone"):
            read()


def test_an_end_is_named_as_such():
    with pytest.raises(PlanError, match="end: got"):
        trading_days(DAY, NAIVE, at("03-09 00:00"), is_small=False)
