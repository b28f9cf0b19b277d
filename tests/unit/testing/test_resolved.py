import pytest
from ib_async import Contract, Forex, Future, Index, Stock

from ibkit.sim import SimGateway
from ibkit.testing import plug_in, run_virtual
from ibkit.testing._resolved import contract_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [("ES", Future), ("AAPL", Stock), ("EUR.USD", Forex), ("SPX", Index), ("ZC", Future)],
)
def test_a_client_finds_the_same_instrument_by_either_contract(name, kind):
    async def main():
        from ib_async import IB

        async with SimGateway(port=None) as gateway:
            instrument = gateway.market.instrument(name)
            ib = plug_in(IB(), gateway)
            await ib.connectAsync()
            bare, full = contract_of(instrument, qualified=False), contract_of(instrument)
            details = await ib.reqContractDetailsAsync(bare)
            again = await ib.reqContractDetailsAsync(Contract(conId=full.conId))
            ib.disconnect()
            return instrument, bare, full, [d.contract.conId for d in details + again]

    instrument, bare, full, found = run_virtual(main())

    assert type(full) is type(bare) is kind
    assert (bare.conId, full.conId) == (0, instrument.con_id)
    assert found == [instrument.con_id] * 2
    assert full.exchange == ("SMART" if kind is Stock else instrument.exchange)
