import asyncio
import contextlib
import datetime as dt
from types import SimpleNamespace

import pytest
from ib_async import IB

from ibkit._ib._events import SafeEvent
from ibkit._ib._health import HealthRecord
from ibkit._ib._link_table import LinkChanged, LinkState
from ibkit.errors import NotConnected, PlanError, StateUnknown, WaitTimeout
from ibkit.state._freshness import Level
from ibkit.state._pnl import Figures, ProfitAndLoss
from ibkit.state._view import Added, Changed, Removed

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
UNSET = 1.7976931348623157e308


@pytest.fixture
def ib(monkeypatch):
    ib = IB()
    ib.wrapper.accounts = ["DU1"]
    ib.asked, ib.cancelled = [], []
    monkeypatch.setattr(ib.client, "reqPnL", lambda req_id, account, _: ib.asked.append(account))
    monkeypatch.setattr(ib.client, "cancelPnL", ib.cancelled.append)
    monkeypatch.setattr(ib.client, "getReqId", lambda: 70 + len(ib.asked))
    monkeypatch.setattr(ib, "isConnected", lambda: True)
    return ib


@pytest.fixture
def link():
    health = HealthRecord()
    return SimpleNamespace(
        state=LinkState.UP,
        since=NOW,
        reason="",
        epoch=1,
        requests=SimpleNamespace(health=health),
        changed=SafeEvent("link", health),
    )


@pytest.fixture
def pnl(ib, link):
    return ProfitAndLoss(ib, link, "")


def becomes(link, state):
    old, link.state = link.state, state
    change = LinkChanged(old=old, new=state, reason="", time=NOW, epoch=link.epoch)
    link.changed.emit(change)


def test_the_first_reader_asks_and_all_share(ib, pnl):
    assert pnl.latest is None
    assert pnl.latest is None
    ib.wrapper.pnl(70, 5.0, 2.0, UNSET)

    assert ib.asked == ["DU1"]
    assert (pnl.latest.daily, pnl.latest.unrealized, pnl.latest.realized) == (5, 2, None)


def test_a_subscription_of_the_user_is_shared_and_left_alone(ib, link):
    ib.reqPnL("DU1")
    pnl = ProfitAndLoss(ib, link, "")
    assert pnl.latest is None
    pnl.close()

    assert (ib.asked, ib.cancelled) == (["DU1"], [])


def test_figures_of_a_model_are_not_those_of_the_account(ib, pnl):
    ib.reqPnL("DU1", "growth")
    assert pnl.latest is None
    ib.wrapper.pnl(70, 99.0, 99.0, 99.0)

    assert ib.asked == ["DU1", "DU1"]
    assert pnl.latest is None


def test_a_new_connection_has_no_figures_until_they_come(ib, link, pnl):
    assert pnl.latest is None
    ib.wrapper.pnl(70, 5.0, 2.0, 1.0)
    becomes(link, LinkState.DOWN)
    with pytest.raises(NotConnected):
        _ = pnl.latest
    ib.wrapper.reset()
    ib.wrapper.accounts = ["DU1"]
    link.epoch = 2
    becomes(link, LinkState.UP)

    assert ib.asked == ["DU1", "DU1"]
    assert pnl.latest is None


def test_nobody_is_asked_while_nobody_wants_it(ib, link, pnl):
    becomes(link, LinkState.DOWN)
    becomes(link, LinkState.UP)

    assert ib.asked == []


def test_the_first_figures_can_be_waited_for(ib, pnl):
    async def main():
        waiting = asyncio.ensure_future(pnl.first_async())
        await asyncio.sleep(0)
        ib.wrapper.pnl(70, 5.0, 2.0, 1.0)
        return await waiting

    told = []
    pnl.changed.connect(told.append)

    figures = Figures(account="DU1", daily=5, unrealized=2, realized=1)
    assert asyncio.run(main()) == figures
    assert told == [Added("DU1", figures)]


def test_it_is_a_view_by_account(ib, link, pnl):
    for read in (len, list, repr, lambda view: view.to_frame()):
        with contextlib.suppress(StateUnknown):
            assert "told no figures yet" in read(pnl)
    assert ib.asked == []  # to look at it is not to want it
    with pytest.raises(StateUnknown, match="no figures yet"):
        pnl["DU1"]
    unknown = pnl.freshness.level
    ib.wrapper.pnl(70, 5.0, 2.0, UNSET)

    assert (unknown, pnl.freshness.level) == (Level.UNKNOWN, Level.FRESH)
    assert ib.asked == ["DU1"]
    assert pnl["DU1"] == pnl.latest == dict(pnl)["DU1"]
    assert repr(pnl).splitlines()[-1].split() == ["5", "2", "-", "DU1"]
    assert list(pnl.to_frame()["daily"]) == [5]
    with pytest.raises(PlanError, match="DU1"):
        pnl["DU9"]


def test_changes_are_told_once_and_a_lost_connection_takes_the_figures_away(ib, link, pnl):
    async def main():
        told = []
        changes = pnl.changes()
        reading = asyncio.ensure_future(changes.__anext__())
        await asyncio.sleep(0)
        ib.wrapper.pnl(70, 5.0, 2.0, 1.0)
        told.append(await reading)
        for daily in (5.0, 6.0):
            ib.wrapper.pnl(70, daily, 2.0, 1.0)
        becomes(link, LinkState.DOWN)
        told += [await changes.__anext__(), await changes.__anext__()]
        await changes.aclose()
        return told, len(pnl.changed)

    told, left = asyncio.run(main())

    assert [type(change) for change in told] == [Added, Changed, Removed]
    assert left == 0


def test_figures_of_several_accounts(ib, link):
    ib.wrapper.accounts = ["DU1", "DU2"]
    pnl = ProfitAndLoss(ib, link, "DU1")
    assert pnl.latest is None
    with pytest.raises(StateUnknown):
        pnl["DU2"]
    ib.wrapper.pnl(70, 5.0, 2.0, 1.0)
    ib.wrapper.pnl(71, 7.0, 2.0, 1.0)

    assert ib.asked == ["DU1", "DU2"]
    assert (pnl.latest.daily, pnl["DU2"].daily, len(pnl)) == (5, 7, 2)


def test_waiting_for_figures_has_an_end(pnl):
    with pytest.raises(WaitTimeout, match="profit and loss"):
        pnl.first(timeout=0.001)


def test_an_account_must_be_chosen(ib, pnl):
    ib.wrapper.accounts = ["DU1", "DU2"]

    with pytest.raises(PlanError, match="DU1, DU2"):
        _ = pnl.latest
    assert ib.asked == []


def test_closing_ends_what_was_asked_for_here(ib, pnl):
    assert pnl.latest is None
    pnl.close()
    pnl.close()
    ib.wrapper.pnl(70, 5.0, 2.0, 1.0)

    assert ib.cancelled == [70]
