import asyncio

import pytest
from ib_async import Contract

from ibkit._ib._greeting import Ending
from ibkit._ib._requests import Requests
from ibkit._ib._sync import SyncFailed, SyncPlan, synchronise


@pytest.fixture
def requests(ib):
    requests = Requests(ib)
    yield requests
    requests.close()


async def test_all_is_asked_for_and_executions_last(requests, connected):
    tws = await connected()
    missing = await synchronise(requests, SyncPlan(accounts=("DU1",)))

    assert missing == ()
    assert sorted(tws.numbers()[:-1]) == [5, 6, 61, 99]
    assert tws.numbers()[-1] == 7


async def test_after_a_loss_of_ib_the_account_is_not_subscribed_again(requests, connected):
    tws = await connected()
    await synchronise(requests, SyncPlan(accounts=("DU1", "DU2"), everything=False))

    assert sorted(tws.numbers()) == [5, 7, 61, 99]


async def test_more_accounts_than_ib_async_follows_are_not_followed(requests, connected):
    tws = await connected()
    await synchronise(requests, SyncPlan(accounts=tuple(f"DU{i}" for i in range(51))))

    assert tws.asked(76) == []


@pytest.mark.parametrize(("part", "name"), [(61, "positions"), (5, "open orders")])
async def test_what_must_be_known_is_asked_for_twice(requests, connected, part, name):
    tws = await connected()
    tws.silent = {part}
    with pytest.raises(SyncFailed) as caught:
        await synchronise(requests, SyncPlan(timeout=5))

    assert caught.value.failure.ending is Ending.NOT_SYNCED
    assert caught.value.failure.detail == f"{name} never came"
    assert tws.numbers().count(part) == 2
    assert 7 not in tws.numbers()


async def test_an_error_is_not_asked_for_again(requests, connected):
    tws = await connected()
    tws.replies[7] = lambda f: [[4, 2, f[2], 321, "no", ""]]
    with pytest.raises(SyncFailed) as caught:
        await synchronise(requests, SyncPlan())

    assert caught.value.failure.code == 321
    assert "executions failed: executions: error 321: no" in caught.value.failure.detail
    assert tws.numbers().count(7) == 1


async def test_what_can_be_missed_does_not_fail_it(requests, connected):
    tws = await connected()
    tws.silent = {99, 6}

    assert await synchronise(requests, SyncPlan(account="DU1")) == (
        "completed orders",
        "account updates of DU1",
    )


async def test_a_loss_meanwhile_fails_it(requests, connected):
    tws = await connected()
    tws.silent = {61}
    syncing = asyncio.ensure_future(synchronise(requests, SyncPlan()))
    await asyncio.sleep(0.1)
    tws.hang_up()

    with pytest.raises(SyncFailed):
        await asyncio.wait_for(syncing, 1)


async def test_a_position_that_is_not_told_any_more_is_gone(requests, connected):
    await connected()
    requests.ib.wrapper.position("DU1", Contract(conId=77), 2.0, 1.0)
    await synchronise(requests, SyncPlan(accounts=("DU1",), everything=False))

    assert 77 not in {held.contract.conId for held in requests.ib.positions()}
