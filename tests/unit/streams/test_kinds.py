import pytest
from ib_async import ComboLeg, Contract, Future, Stock

from ibkit.streams._kinds import DataType, Kind, Spec, spec_for


def combo(*con_ids):
    legs = [ComboLeg(conId=con_id, ratio=1, action="BUY", exchange="CME") for con_id in con_ids]
    return Contract(secType="BAG", conId=28812380, exchange="CME", comboLegs=legs)


def test_one_contract_on_two_exchanges_is_two_lines():
    smart = spec_for(Stock("AAPL", "SMART", conId=1), Kind.QUOTES)
    island = spec_for(Stock("AAPL", "ISLAND", conId=1), Kind.QUOTES)

    assert smart != island


def test_two_objects_of_one_contract_share_a_line():
    specs = {spec_for(Future("ES", conId=7, exchange="CME"), Kind.TICKS, "Last") for _ in range(2)}

    assert specs == {Spec(con_id=7, exchange="CME", kind=Kind.TICKS, parameters=("Last",))}


def test_combos_with_one_common_con_id_differ_by_their_legs():
    assert spec_for(combo(1, 2), Kind.QUOTES) != spec_for(combo(1, 3), Kind.QUOTES)


def test_a_combo_is_the_same_however_its_legs_are_ordered():
    specs = {spec_for(combo(1, 2), Kind.QUOTES), spec_for(combo(2, 1), Kind.QUOTES)}

    assert len(specs) == 1


def test_a_spec_names_itself():
    assert str(spec_for(Future(conId=7, exchange="CME"), Kind.TICKS, "Last")) == "ticks 7@CME Last"


@pytest.mark.parametrize(
    ("data_type", "delayed"),
    [
        (DataType.LIVE, False),
        (DataType.FROZEN, False),
        (DataType.DELAYED, True),
        (DataType.DELAYED_FROZEN, True),
    ],
)
def test_frozen_is_old_but_not_delayed(data_type, delayed):
    assert data_type.is_delayed is delayed
