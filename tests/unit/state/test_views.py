import datetime as dt
from decimal import Decimal

import pytest
from attrs import define, field
from ib_async import IB, Contract

from ibkit._ib._events import SafeEvent
from ibkit._ib._health import HealthRecord
from ibkit._ib._link_table import LinkState
from ibkit.errors import NotConnected, PlanError, StateUnknown
from ibkit.state._freshness import Level
from ibkit.state._ledger import OrderLedger
from ibkit.state._views import AccountView, Fills, Orders, Portfolio, Positions

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
ES = Contract(conId=1, symbol="ES", localSymbol="ESZ6")


@define
class FakeLink:
    state: LinkState = LinkState.UP
    since: dt.datetime = NOW
    reason: str = "synchronised"
    readonly: bool = False
    changed: SafeEvent = field(factory=lambda: SafeEvent("link", HealthRecord()))


@pytest.fixture
def event():
    return SafeEvent("view", HealthRecord())


@pytest.fixture
def link():
    return FakeLink()


@pytest.fixture
def ib():
    """A client that has heard of two accounts."""
    ib = IB()
    ib.client._accounts = ["DU1", "DU2"]
    ib.wrapper.accounts = ["DU1", "DU2"]
    ib.wrapper.position("DU1", ES, 2.0, 1.5)
    ib.wrapper.position("DU2", ES, -3.0, 1.0)
    ib.wrapper.updatePortfolio(ES, 2.0, 5.0, 10.0, 1.5, 0.5, 0.0, "DU1")
    for tag, value, currency in [
        ("NetLiquidation", "100", "USD"),
        ("TotalCashBalance", "60", "USD"),
        ("TotalCashBalance", "50", "EUR"),
        ("TotalCashBalance", "999", "BASE"),
        ("Cushion", "1", ""),
    ]:
        ib.wrapper.updateAccountValue(tag, value, currency, "DU1")
    return ib


def test_positions_are_read_by_conid_or_contract_and_summed_over_accounts(ib, link, event):
    view = Positions(ib, link, "DU1", lambda _: event)

    assert view[ES].size == view[1].size == 2
    assert view.of("DU2")[1].size == -3
    assert view.total(ES) == -1
    assert not view.flat(1)
    assert view.flat(99)
    assert {key: held.average_cost for key, held in view.items()} == {1: Decimal("1.5")}
    with pytest.raises(KeyError):
        view[99]


def test_a_keyed_read_makes_no_list_of_all(ib, link, event, monkeypatch):
    """Each read by key costs the same, however much is held."""
    for name in ("positions", "portfolio", "accountValues"):
        monkeypatch.setattr(ib, name, None)

    assert Positions(ib, link, "DU1", lambda _: event)[1].size == 2
    assert Positions(ib, link, "DU1", lambda _: event).total(1) == -1
    assert Portfolio(ib, link, "DU1", event)[1].market_price == 5
    assert AccountView(ib, link, "DU1", event)["NetLiquidation", "USD"].value.amount == 100


def test_reading_a_key_leaves_nothing_behind(ib, link, event):
    with pytest.raises(KeyError):
        Positions(ib, link, "DU2", lambda _: event)[77]
    with pytest.raises(KeyError):
        Portfolio(ib, link, "DU2", event)[77]

    assert dict(ib.wrapper.portfolio).keys() == {"DU1"}


def test_an_account_must_be_chosen_at_every_read(ib, link, event):
    for view in (Positions(ib, link, "", lambda _: event), Portfolio(ib, link, "U7", event)):
        for read in (len, lambda v: v[1], lambda v: v.get(1)):
            with pytest.raises(PlanError, match="DU1, DU2"):
                read(view)


def test_nothing_is_read_by_key_while_nothing_is_known(ib, link, event):
    link.state = LinkState.DOWN
    ledger = OrderLedger()

    for read in (
        lambda: Positions(ib, link, "DU1", lambda _: event)[1],
        lambda: Positions(ib, link, "DU1", lambda _: event).total(1),
        lambda: Portfolio(ib, link, "DU1", event)[1],
        lambda: AccountView(ib, link, "DU1", event)["NetLiquidation", "USD"],
        lambda: AccountView(ib, link, "DU1", event).net_liquidation,
        lambda: Orders(ledger, link, event)[1],
        lambda: Orders(ledger, link, event).open,
        lambda: Fills(ledger, link, event)["a"],
        lambda: Fills(ledger, link, event).of(1),
    ):
        with pytest.raises(NotConnected):
            read()


def test_the_portfolio_is_read_by_conid(ib, link, event):
    view = Portfolio(ib, link, "DU1", event)

    assert view[ES].market_price == view[1].market_price == 5
    assert len(view) == 1
    with pytest.raises(KeyError):
        view[99]


def test_a_view_whose_account_is_not_chosen_can_be_looked_at(ib, link, event):
    for view in (Positions(ib, link, "", lambda _: event), Portfolio(ib, link, "U<7>", event)):
        assert "choose one of DU1, DU2" in repr(view)
        assert "<7>" not in view._repr_html_()


def test_account_figures_are_found_by_tag(ib, link, event):
    view = AccountView(ib, link, "DU1", event)

    assert view["NetLiquidation"] == view["NetLiquidation", "USD"]
    assert view["Cushion"].value == 1
    with pytest.raises(KeyError):
        view["Nothing"]

    assert str(view.net_liquidation) == "100 USD"
    assert dict(view.cash) == {"USD": 60, "EUR": 50}
    assert view.figure("TotalCashBalance", "EUR").amount == 50
    assert view.money("Cushion") is None
    with pytest.raises(KeyError):
        view.figure("Nothing")
    with pytest.raises(KeyError):
        view.figure("NetLiquidation", "JPY")


def test_orders_and_fills_of_an_empty_ledger_are_empty_and_known(link, event):
    ledger = OrderLedger()
    orders, fills = Orders(ledger, link, event), Fills(ledger, link, event)

    assert (len(orders), orders.all, orders.open, orders.with_ref("x")) == (0, (), (), ())
    assert (len(fills), fills.of(1)) == (0, ())
    with pytest.raises(KeyError):
        orders[1]
    with pytest.raises(KeyError):
        fills["a"]


@pytest.mark.parametrize("key", ["ES", "1", None, 0, Contract(symbol="ES"), [1], True])
def test_what_has_no_con_id_is_never_told_to_be_flat(ib, link, event, key):
    positions = Positions(ib, link, "DU1", lambda _: event)
    portfolio = Portfolio(ib, link, "DU1", event)

    for ask in (
        positions.flat,
        positions.total,
        positions.get,
        positions.__contains__,
        positions.__getitem__,
        portfolio.get,
        portfolio.__contains__,
    ):
        with pytest.raises(PlanError, match="a conId"):
            ask(key)


def test_a_holding_is_told_of_its_contract(ib, link, event):
    view = Positions(ib, link, "DU1", lambda _: event)

    with pytest.raises(PlanError, match=r"its \.contract"):
        view.flat(view[ES])


def test_keys_of_another_sort_are_refused_by_name(ib, link, event):
    orders, fills = Orders(OrderLedger(), link, event), Fills(OrderLedger(), link, event)
    account = AccountView(ib, link, "DU1", event)

    for ask, name in [
        (lambda: orders["7"], "perm_id"),
        (lambda: orders.with_ref(None), "order_ref"),
        (lambda: fills[7], "exec_id"),
        (lambda: fills.of("7"), "perm_id"),
        (lambda: account[None], "tag"),
        (lambda: account.figure(("NetLiquidation",)), "tag"),
    ]:
        with pytest.raises(PlanError) as refused:
            ask()
        assert refused.value.field == name


def test_what_nobody_listens_to_is_not_read_where_it_would_be_of_the_past(ib, link, event):
    positions, orders = (
        Positions(ib, link, "DU1", lambda _: event),
        Orders(OrderLedger(), link, event),
    )
    for view in (positions, orders):
        view.end()

    assert positions[1].size == 2
    assert orders.freshness.level is Level.UNKNOWN
    for ask in (lambda: orders.open, lambda: orders[7], lambda: positions.until(lambda _: False)):
        with pytest.raises(StateUnknown, match="closed"):
            ask()
