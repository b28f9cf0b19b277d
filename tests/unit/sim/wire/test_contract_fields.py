from typing import get_args

import pytest

from ibkit.sim._wire import _contract_fields as fields

SHAPES = [
    fields.FullContract,
    fields.FullOrExpired,
    fields.ContractQuery,
    fields.OrderContract,
    fields.RoutedContract,
    fields.HeldContract,
    fields.CompanyContract,
]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_carried_of_a_contract_stands_in_its_own_order(shape):
    contract, carries = get_args(shape)
    places = [contract._fields.index(name) for name in carries.names]

    assert places == sorted(set(places))


def test_an_empty_contract_is_allowed():
    assert fields.ContractFields().strike is None
