from datetime import datetime, timedelta, timezone

import pytest

from ibkit._ib._farms import FARM_CODES, FarmKind, Farms, FarmState, farm_name

NOON = datetime(2026, 1, 5, 12, tzinfo=timezone.utc)
BROKEN = "Market data farm connection is broken:usfarm"
OK = "Market data farm connection is OK:usfarm"


def later(seconds):
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Market data farm connection is OK:usfarm", "usfarm"),
        ("HMDS data farm connection is OK:ushmds.us", "ushmds.us"),
        ("HMDS data farm connection is inactive but should be available upon demand.ushmds",
         "ushmds"),
        ("Die Verbindung zur Datenfarm ist OK:usfarm.nj", "usfarm.nj"),
        ("Market data farm is connecting:usfarm ", "usfarm"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_name_stands_at_the_end(text, name):
    assert farm_name(text) == name


@pytest.mark.parametrize(
    ("code", "kind", "state"),
    [
        (2103, FarmKind.MARKET, FarmState.BROKEN),
        (2104, FarmKind.MARKET, FarmState.OK),
        (2105, FarmKind.HISTORY, FarmState.BROKEN),
        (2106, FarmKind.HISTORY, FarmState.OK),
        (2107, FarmKind.HISTORY, FarmState.IDLE),
        (2108, FarmKind.MARKET, FarmState.IDLE),
        (2119, FarmKind.MARKET, FarmState.CONNECTING),
        (2120, FarmKind.HISTORY, FarmState.CONNECTING),
        (2157, FarmKind.SECURITY, FarmState.BROKEN),
        (2158, FarmKind.SECURITY, FarmState.OK),
        (2159, FarmKind.SECURITY, FarmState.IDLE),
        (2160, FarmKind.SECURITY, FarmState.CONNECTING),
    ],
)
def test_each_code_is_a_kind_and_a_state(code, kind, state):
    change = Farms().heard(code, "x:farm", NOON, 1)

    assert code in FARM_CODES
    assert (change.new.kind, change.new.state, change.new.since) == (kind, state, NOON)


def test_the_same_again_is_no_change():
    farms = Farms()
    farms.heard(2104, OK, NOON, 1)

    assert farms.heard(2104, OK, later(1), 1) is None
    assert farms.by_name()["usfarm"].since == NOON


def test_a_farm_that_comes_back_says_since_when_it_was_away():
    farms = Farms()
    farms.heard(2104, OK, NOON, 1)
    lost = farms.heard(2103, BROKEN, later(10), 1)
    connecting = farms.heard(2119, "Market data farm is connecting:usfarm", later(12), 1)
    back = farms.heard(2104, OK, later(13), 1)

    assert [c.came_back for c in (lost, connecting, back)] == [False, False, True]
    assert back.old.broken_since == later(10)
    assert back.new.broken_since is None
    assert back.epoch == 1


def test_a_farm_of_another_kind_is_another_farm():
    farms = Farms()
    farms.heard(2104, "x:farm", NOON, 1)
    farms.heard(2105, "x:farm", NOON, 1)

    assert farms.heard(2106, "x:farm", NOON, 1).came_back
    assert farms.heard(2104, "x:farm", NOON, 1) is None


def test_first_heard_of_as_ok_is_not_back():
    assert not Farms().heard(2104, OK, NOON, 1).came_back


def test_all_are_away_when_none_is_there():
    farms = Farms()
    assert not farms.all_away()
    farms.heard(2103, BROKEN, NOON, 1)
    farms.heard(2120, "x:ushmds", NOON, 1)
    assert farms.all_away()
    farms.heard(2108, "x upon demand.eufarm", NOON, 1)
    assert not farms.all_away()


def test_farms_are_bounded_and_forgotten():
    farms = Farms()
    for index in range(200):
        farms.heard(2104, f"x:farm{index}", NOON, 1)
    assert len(farms.by_name()) == 100
    farms.clear()

    assert farms.by_name() == {}
