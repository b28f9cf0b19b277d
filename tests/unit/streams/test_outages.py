import pytest

from ibkit.streams._kinds import Kind
from ibkit.streams._outages import Outages
from ibkit.streams._recovery import Signal

BROKEN = {2103: "connection is broken:usfarm", 2105: "connection is broken:ushmds"}
THERE = [
    (2103, 2104, "connection is OK:usfarm"),
    (2103, 2108, "connection is inactive but should be available upon demand.usfarm"),
    (2105, 2106, "connection is OK:ushmds"),
    (2105, 2107, "connection is inactive but should be available upon demand.ushmds"),
]


@pytest.mark.parametrize(("broken", "there", "text"), THERE)
def test_a_farm_is_back_only_if_it_was_broken_and_once(broken, there, text):
    outages = Outages()
    before = outages.heard(there, text)
    outages.heard(broken, BROKEN[broken])
    after = [outages.heard(there, text), outages.heard(there, text)]

    assert (before, after) == (False, [True, False])


def test_another_farm_is_not_the_one_that_is_broken():
    outages = Outages()
    outages.heard(2103, "connection is broken:eufarm")

    assert not outages.heard(2104, "connection is OK:usfarm")
    assert outages.beginning(Kind.QUOTES) is Signal.FARM_BROKEN


@pytest.mark.parametrize("kind", list(Kind))
def test_what_begins_while_a_farm_of_quotes_is_broken_may_be_its_own(kind):
    outages = Outages()
    assert outages.beginning(kind) is None
    outages.heard(2103, BROKEN[2103])
    assert outages.beginning(kind) is Signal.FARM_BROKEN
    outages.heard(2104, "OK:usfarm")

    assert outages.beginning(kind) is None


def test_a_broken_farm_of_history_concerns_live_bars_alone():
    outages = Outages()
    outages.heard(2105, BROKEN[2105])
    begun = {kind for kind in Kind if outages.beginning(kind) is Signal.FARM_BROKEN}

    assert begun == {Kind.BARS}


@pytest.mark.parametrize("code", [1100, 2110])
def test_without_ib_everything_begins_cut_off_and_a_new_connection_knows_nothing_of_it(code):
    outages = Outages()
    outages.heard(2103, BROKEN[2103])
    outages.heard(code, "")
    assert outages.beginning(Kind.QUOTES) is Signal.SERVER_LOST
    outages.heard(1102, "")
    assert outages.beginning(Kind.QUOTES) is Signal.FARM_BROKEN
    outages.heard(code, "")
    outages.clear()

    assert outages.beginning(Kind.QUOTES) is None
