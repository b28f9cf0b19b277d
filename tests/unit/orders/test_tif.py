import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from ibkit.errors import PlanError
from ibkit.orders._tif import PLAIN_FORMS, Day, Gtc, Gtd, read_time, time_in_force, write_time

CHICAGO = dt.datetime(2026, 12, 18, 15, 0, tzinfo=ZoneInfo("US/Central"))


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(PlanError, match="zone"):
        Gtd(dt.datetime(2026, 12, 18, 15))  # noqa: DTZ001


def test_a_date_is_no_moment():
    with pytest.raises(PlanError):
        Gtd(dt.date(2026, 12, 18))


def test_a_moment_is_written_in_utc():
    assert write_time(CHICAGO) == "20261218-21:00:00"
    assert write_time(None) == ""


@pytest.mark.parametrize(
    "text", ["20261218-21:00:00", "20261218 15:00:00 US/Central", "20261218 21:00:00 UTC"]
)
def test_what_tws_echoes_is_the_same_moment(text):
    assert read_time(text) == CHICAGO


@pytest.mark.parametrize("text", ["", "tomorrow", "20261218 15:00:00 Nowhere/Here", "20261218"])
def test_a_form_that_nobody_knows_is_unknown(text):
    assert read_time(text) is None


def test_every_plain_form_stands_under_its_word():
    assert PLAIN_FORMS["DAY"] == Day()
    assert PLAIN_FORMS["GTC"] == Gtc()
    assert set(PLAIN_FORMS) == {"DAY", "GTC", "IOC", "FOK", "OPG"}


@pytest.mark.parametrize("word", PLAIN_FORMS)
def test_the_word_of_a_form_stands_for_it_in_any_case(word):
    assert time_in_force(word) == time_in_force(word.lower()) == PLAIN_FORMS[word]


@pytest.mark.parametrize("value", ["GTD", "daily", "", None, Gtc])
def test_what_is_no_time_in_force_is_refused_with_those_that_are(value):
    with pytest.raises(PlanError, match="'DAY', 'GTC'") as refused:
        time_in_force(value)

    assert refused.value.field == "tif"
