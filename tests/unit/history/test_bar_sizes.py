import pytest

from ibkit.errors import PlanError
from ibkit.history._bar_sizes import (
    BAR_SECONDS,
    DAY,
    bar_seconds,
    in_units,
    longest_in_seconds,
    unit_of,
)


@pytest.mark.parametrize(
    ("size", "letter"),
    [
        ("5 secs", "D"),
        ("1 hour", "D"),
        ("2 hours", "W"),
        ("4 hours", "W"),
        ("8 hours", "M"),
        ("1 day", "Y"),
        ("1 week", "Y"),
        ("1 month", "Y"),
    ],
)
def test_the_finest_unit_of_the_step_table_is_used(size, letter):
    assert unit_of(bar_seconds(size)).letter == letter


@pytest.mark.parametrize(
    ("size", "longest"), [("1 secs", 2000), ("5 secs", DAY), ("1 min", DAY), ("2 mins", 0)]
)
def test_seconds_serve_for_bars_up_to_a_minute(size, longest):
    assert longest_in_seconds(bar_seconds(size)) == longest


def test_an_unknown_size_names_the_known_ones():
    with pytest.raises(PlanError) as caught:
        bar_seconds("1 m")

    assert all(size in str(caught.value) for size in BAR_SECONDS)


@pytest.mark.parametrize(("days", "text"), [(1, "1 Y"), (365, "1 Y"), (366, "2 Y")])
def test_durations_are_rounded_up(days, text):
    assert in_units(days, DAY) == text
