import asyncio
from types import SimpleNamespace

import pytest
from ib_async import Contract, ContractDetails

from ibkit.errors import NotConnected
from ibkit.state._contracts import Contracts, con_id_of

TOLD = Contract(conId=1, symbol="ES", secType="FUT")
WHOLE = Contract(conId=1, symbol="ES", secType="FUT", exchange="CME")


class Requests:
    def __init__(self):
        self.asked = []

    async def contract_details_async(self, contract):
        self.asked.append(contract)
        if contract.conId != 1:
            raise NotConnected("contract details")
        return [ContractDetails(contract=WHOLE)]


@pytest.fixture
def requests():
    return Requests()


@pytest.fixture
def contracts(requests):
    return Contracts(SimpleNamespace(requests=requests))


@pytest.mark.parametrize("key", [1, TOLD])
def test_a_contract_stands_for_its_con_id(key):
    assert con_id_of(key) == 1


def test_it_is_asked_for_once_by_its_con_id_alone(requests, contracts):
    async def main():
        return [await contracts.of_async(key) for key in (1, TOLD, 1)]

    before = contracts.best(TOLD)

    assert asyncio.run(main()) == [WHOLE] * 3
    assert requests.asked == [Contract(conId=1)]
    assert before is TOLD
    assert contracts.best(TOLD) is WHOLE


def test_what_the_request_raises_is_raised_and_nothing_is_remembered(contracts):
    other = Contract(conId=2)
    with pytest.raises(NotConnected):
        asyncio.run(contracts.of_async(other))

    assert contracts.best(other) is other
