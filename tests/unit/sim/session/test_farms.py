import pytest

from ibkit.sim._session._farms import DATA_KINDS, DEFINITIONS, HISTORY, MARKET, Farms, kind_of


@pytest.mark.parametrize(
    ("farm", "kind"),
    [
        ("usfarm", MARKET),
        ("eufarm.nj", MARKET),
        ("ushmds", HISTORY),
        ("fundhmds", HISTORY),
        ("secdefnj", DEFINITIONS),
    ],
)
def test_a_farm_is_known_by_its_name(farm, kind):
    assert kind_of(farm) is kind


def test_every_kind_of_data_comes_from_one_kind_of_farm():
    assert sorted(MARKET.feeds + HISTORY.feeds) == sorted(set(DATA_KINDS))
    assert DEFINITIONS.feeds == ()


def test_all_is_well_at_first():
    farms = Farms()

    assert farms.notices(in_reach=True) == [(2104, "usfarm"), (2106, "ushmds"), (2158, "secdefnj")]
    assert farms.mend() == []


def test_a_broken_farm_is_told_to_who_comes_until_it_is_back():
    farms = Farms()

    assert farms.report("ushmds", is_up=False) == (2105, "ushmds")
    assert farms.notices(in_reach=True)[1] == (2105, "ushmds")
    assert (farms.is_down(HISTORY), farms.is_down(MARKET)) == (True, False)
    assert farms.report("ushmds", is_up=True) == (2106, "ushmds")
    assert not farms.is_down(HISTORY)


def test_out_of_reach_every_farm_is_broken_until_it_is_mended():
    farms = Farms()

    assert [code for code, _ in farms.notices(in_reach=False)] == [2103, 2105, 2157]
    assert [code for code, _ in farms.mend()] == [2104, 2106, 2158]
    assert farms.mend() == []


def test_a_farm_of_another_name_is_one_more():
    farms = Farms()
    farms.report("jfarm", is_up=False)

    assert farms.notices(in_reach=True)[-1] == (2103, "jfarm")
    assert farms.is_down(MARKET)
