from ibkit._ib._bar_sizes import BAR_SECONDS, DAY
from ibkit.sim._session._history_rules import BAR_SECONDS as SIMULATED


def test_the_small_ones_come_first():
    assert list(BAR_SECONDS.values()) == sorted(BAR_SECONDS.values())


def test_the_gateway_makes_all_of_them_and_they_last_as_long_there():
    ours = {name: seconds for name, seconds in BAR_SECONDS.items() if name != "1 month"}

    assert ours.items() <= SIMULATED.items()
    assert BAR_SECONDS["1 month"] == 31 * DAY >= SIMULATED["1 month"]
