import pytest

from ibkit._ib._bar_sizes import BAR_SECONDS, DAY, bar_size
from ibkit.errors import PlanError
from ibkit.sim._session._history_rules import BAR_SECONDS as SIMULATED


def test_the_small_ones_come_first():
    assert list(BAR_SECONDS.values()) == sorted(BAR_SECONDS.values())


def test_the_gateway_makes_all_of_them_and_they_last_as_long_there():
    ours = {name: seconds for name, seconds in BAR_SECONDS.items() if name != "1 month"}

    assert ours.items() <= SIMULATED.items()
    assert BAR_SECONDS["1 month"] == 31 * DAY >= SIMULATED["1 month"]


@pytest.mark.parametrize("name", BAR_SECONDS)
def test_a_size_is_read_by_its_own_name(name):
    assert bar_size(name, "size") == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("5min", "5 mins"),
        ("5 min", "5 mins"),
        ("1 mins", "1 min"),
        ("1 minute", "1 min"),
        ("1 Hour", "1 hour"),
        ("1h", "1 hour"),
        ("1D", "1 day"),
        ("1 sec", "1 secs"),
        (" 30 SECS ", "30 secs"),
        ("1 months", "1 month"),
    ],
)
def test_a_size_is_read_as_people_write_it(text, name):
    assert bar_size(text, "size") == name


@pytest.mark.parametrize("value", ["1m", "1 M", "7 mins", "min", "", 5, None, ["1 min"], "60 mins"])
def test_what_is_no_size_or_might_be_two_is_refused(value):
    with pytest.raises(PlanError, match="one of 1 secs"):
        bar_size(value, "size")
