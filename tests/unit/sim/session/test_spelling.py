import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._session._spelling import Spelling


def spelled(text, **how):
    frame = Spelling(**how).applied(wire.frame(text.replace("|", "\0").encode("latin-1")))
    assert frame == wire.frame(frame[4:])
    return frame[4:].decode("latin-1").replace("\0", "|")


@pytest.mark.parametrize(
    ("zone", "after"),
    [
        ("JST", "20260302 10:00:00 JST"),
        ("", "20260302 10:00:00"),
        ("-", "20260302-15:00:00"),
        (None, "20260302 10:00:00 US/Eastern"),
    ],
)
def test_times_are_written_with_another_zone_without_one_or_in_utc(zone, after):
    assert spelled("11|x|20260302 10:00:00 US/Eastern|y|", zone=zone) == f"11|x|{after}|y|"


def test_every_time_of_a_message_and_two_in_a_row():
    text = "17|20260302 10:00:00 MET|20260302 11:00:00 MET|5|"

    assert spelled(text, zone="") == "17|20260302 10:00:00|20260302 11:00:00|5|"


@pytest.mark.parametrize("text", ["20260302", "US/Eastern", "at 20260302 10:00:00 MET", "10:00"])
def test_other_fields_stay(text):
    assert spelled(f"5|{text}|", zone="JST", blank_unset=True) == f"5|{text}|"


def test_a_time_of_an_unknown_zone_stays_where_utc_is_wanted():
    assert spelled("5|20260302 10:00:00 Nowhere|", zone="-") == "5|20260302 10:00:00 Nowhere|"


def test_unset_numbers_are_blank_on_request():
    text = "5|1.7976931348623157E308|1.7976931348623157E308|2147483647|0|"

    assert spelled(text, blank_unset=True) == "5||||0|"
    assert spelled(text) == text


def test_bytes_that_are_no_text_go_through():
    assert spelled("5|\xe9\xff|", zone="JST") == "5|\xe9\xff|"
