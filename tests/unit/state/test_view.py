import asyncio
import datetime as dt
from decimal import Decimal

import pytest
from attrs import define, field
from ib_async import IB, AccountValue, Contract, PnL, PortfolioItem, Position

from ibkit._ib._events import SafeEvent
from ibkit._ib._health import HealthRecord
from ibkit._ib._link_table import LinkState
from ibkit.errors import NotConnected, PlanError, StateUnknown
from ibkit.state import _view
from ibkit.state._ledger import OrderLedger
from ibkit.state._view import Added, View
from ibkit.state._views import AccountView, Fills, Orders, Portfolio, Positions, chosen_account

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
ES = Contract(conId=1, symbol="ES", localSymbol="ESZ6")


@define
class FakeLink:
    state: LinkState = LinkState.UP
    since: dt.datetime = NOW
    reason: str = "synchronised"
    changed: SafeEvent = field(factory=lambda: SafeEvent("link", HealthRecord()))


class FakeIB(IB):
    def __init__(self, accounts=("DU1",), positions=(), items=(), values=()):
        super().__init__()
        self.accounts, self.held, self.items, self.values = accounts, positions, items, values

    def managedAccounts(self):
        return list(self.accounts)

    def positions(self, account=""):
        return [p for p in self.held if account in ("", p.account)]

    def portfolio(self, account=""):
        return list(self.items)

    def accountValues(self, account=""):
        return list(self.values)


@pytest.fixture
def event():
    return SafeEvent("view", HealthRecord())


@pytest.fixture
def link():
    return FakeLink()


def numbers(link, event, content):
    return View("numbers", link, lambda: content, lambda value: {"value": value}, event)


def test_a_view_reads_through_at_every_read(link, event):
    content = {}
    view = numbers(link, event, content)
    content[1] = Decimal(5)

    assert dict(view) == {1: 5}
    assert view.get(2) is None
    assert repr(view).splitlines()[-1].strip() == "5"


@pytest.mark.parametrize(
    ("state", "error"), [(LinkState.DOWN, NotConnected), (LinkState.SYNCING, StateUnknown)]
)
def test_no_way_of_reading_is_empty_when_nothing_is_known(link, event, state, error):
    link.state = state
    view = numbers(link, event, {})

    for read in (len, list, lambda v: v[1], lambda v: v.get(1), lambda v: 1 in v, View.rows):
        with pytest.raises(error):
            read(view)
    assert "unknown" in repr(view)
    assert "unknown" in view._repr_html_()


def test_a_reader_that_falls_behind_is_told(link, event, monkeypatch):
    monkeypatch.setattr(_view, "BUFFER", 3)
    view = numbers(link, event, {})

    async def main():
        changes = view.changes()
        first = asyncio.ensure_future(changes.__anext__())
        await asyncio.sleep(0)
        for n in range(10):
            event.emit(Added(n, Decimal(n)))
        await first
        with pytest.raises(StateUnknown, match="slow"):
            await changes.__anext__()
        await changes.aclose()

    asyncio.run(main())


def test_a_view_can_be_waited_for_without_a_loop(link, event):
    assert numbers(link, event, {1: Decimal(1)}).until(lambda view: 1 in view) is None


def test_positions_are_read_by_conid_or_contract_and_summed_over_accounts(link, event):
    held = (Position("DU1", ES, 2.0, 1.0), Position("DU2", ES, -3.0, 1.0))
    view = Positions(FakeIB(("DU1", "DU2"), held), link, "DU1", event)

    assert view[ES].size == view[1].size == 2
    assert view.of("DU2")[1].size == -3
    assert view.total(ES) == -1
    assert not view.flat(1)
    assert view.flat(99)
    with pytest.raises(KeyError):
        view[99]


def test_an_account_must_be_managed_and_the_only_one_is_taken():
    assert chosen_account(FakeIB(), "") == "DU1"
    with pytest.raises(PlanError, match="DU1"):
        chosen_account(FakeIB(), "U7")


def test_the_portfolio_is_read_by_conid(link, event):
    item = PortfolioItem(ES, 1.0, 5.0, 5.0, 5.0, 0.0, 0.0, "DU1")

    assert Portfolio(FakeIB(items=(item,)), link, "", event)[ES].market_price == 5


def test_account_figures_are_found_by_tag(link, event):
    values = (
        AccountValue("DU1", "NetLiquidation", "100", "USD", ""),
        AccountValue("DU1", "TotalCashBalance", "60", "USD", ""),
        AccountValue("DU1", "TotalCashBalance", "50", "EUR", ""),
        AccountValue("DU1", "TotalCashBalance", "999", "BASE", ""),
        AccountValue("DU1", "Cushion", "1", "", ""),
    )
    view = AccountView(FakeIB(values=values), link, "", event)

    assert str(view.net_liquidation) == "100 USD"
    assert dict(view.cash) == {"USD": 60, "EUR": 50}
    assert view.figure("TotalCashBalance", "EUR").amount == 50
    assert view.money("Cushion") is None
    with pytest.raises(KeyError):
        view.figure("Nothing")


def test_orders_and_fills_of_an_empty_ledger_are_empty_and_known(link, event):
    ledger = OrderLedger()
    orders, fills = Orders(ledger, link, event), Fills(ledger, link, event)

    assert (len(orders), orders.all, orders.open, orders.with_ref("x")) == (0, (), (), ())
    assert (len(fills), fills.of(1)) == (0, ())
    with pytest.raises(KeyError):
        orders[1]
    with pytest.raises(KeyError):
        fills["a"]


def test_pnl_of_ib_async_is_not_taken_for_a_number_when_unset():
    from ibkit.state._fill import known

    assert known(PnL(dailyPnL=1.7976931348623157e308).dailyPnL) is None
