import datetime as dt

import pytest

from ibkit.sim._session._texts import NOTICES, TEXTS, stamp, text_of, utc_stamp

MOMENT = dt.datetime(2026, 3, 2, 15, 4, 5, tzinfo=dt.timezone.utc)


def test_times_are_written_in_the_zone_they_name():
    assert stamp(MOMENT, "US/Eastern") == "20260302 10:04:05 US/Eastern"
    assert stamp(MOMENT, "Japan") == "20260303 00:04:05 Japan"
    assert utc_stamp(MOMENT.astimezone(dt.timezone(dt.timedelta(hours=5)))) == "20260302-15:04:05"


def test_slots_are_filled_and_missing_words_are_blank():
    assert text_of(300, 7) == "Can't find EId with tickerId:7"
    assert text_of(354) == "Requested market data is not subscribed."
    assert text_of(2104, "usfarm") == "Market data farm connection is OK:usfarm"


@pytest.mark.parametrize("code", [*TEXTS, *NOTICES])
def test_no_text_leaves_a_slot_open(code):
    assert "%s" not in text_of(code, "a", "b", "c")
