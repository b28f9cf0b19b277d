import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve
from ib_async import Contract, Order

from ibkit.errors import PlanError
from ibkit.state._fill import TrueFill
from ibkit.state._holdings import Holding, PortfolioRow
from ibkit.state._money import AccountRow, Money
from ibkit.state._order import Owner, TrueOrder
from ibkit.state._snapshot import Snapshot, _text, diff

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
ES = Contract(conId=1, symbol="ES", localSymbol="ESZ6")
HELD = Holding(account="DU1", contract=ES, size=Decimal("2.0"), average_cost=Decimal("250012.50"))
WORTH = PortfolioRow(
    account="DU1",
    contract=ES,
    size=Decimal(2),
    average_cost=Decimal(1),
    market_price=None,
    market_value=Decimal(5),
    unrealized_pnl=Decimal("-1.5"),
    realized_pnl=Decimal(0),
)
SENT = TrueOrder(
    contract=ES,
    order=Order(action="SELL", totalQuantity=2, orderType="STP", auxPrice=4990.0),
    client_id=1,
    order_id=5,
    perm_id=0,
    owner=Owner.OURS,
    epoch=1,
)
FILL = TrueFill(
    exec_id="a.01",
    contract=ES,
    account="DU1",
    order_id=5,
    client_id=1,
    perm_id=9,
    order_ref="r",
    side="BOT",
    size=Decimal(2),
    price=Decimal(5000),
    time=NOW,
    exchange="CME",
    cumulative=Decimal(2),
)
CASH = AccountRow(
    account="DU1", tag="TotalCashBalance", currency="USD", value=Money(Decimal("10.50"), "USD")
)


def snapshot(**changes):
    given = {
        "time": NOW,
        "positions": [HELD],
        "portfolio": [WORTH],
        "orders": [SENT],
        "fills": [FILL],
        "account": [CASH],
    }
    return Snapshot.of(**{**given, **changes})


def test_a_snapshot_survives_json_and_keeps_numbers_exact():
    taken = snapshot()

    assert Snapshot.from_json(taken.to_json()) == taken
    assert taken.parts["positions"]["DU1/1"]["average_cost"] == "250012.5"
    assert taken.parts["portfolio"]["DU1/1"]["market_price"] is None
    assert taken.parts["orders"]["1/5"]["trigger"] == "4990"
    assert taken.parts["orders"]["1/5"]["limit"] is None
    assert taken.parts["account"]["TotalCashBalance/USD"]["value"] == "10.50 USD"


def test_the_difference_names_what_came_went_and_changed():
    before, after = snapshot(), snapshot(positions=[evolve(HELD, size=Decimal(3))], fills=[])
    changed, gone = diff(before, after)

    assert str(changed) == "positions DU1/1: size: 2 -> 3"
    assert (gone.part, gone.key, gone.after) == ("fills", "a.01", None)
    assert diff(after, before)[1].before is None
    assert diff(before, snapshot()) == ()


def test_two_and_two_point_zero_are_no_difference():
    assert diff(snapshot(), snapshot(positions=[evolve(HELD, size=Decimal(2))])) == ()


@pytest.mark.parametrize(
    ("value", "written"),
    [(Owner.OURS, str(Owner.OURS)), (dt.date(2026, 3, 2), "2026-03-02"), (7, "7"), (True, True)],
)
def test_whatever_else_is_there_is_written_as_it_is_shown(value, written):
    assert _text(value) == written


@pytest.mark.parametrize("text", ["", "{}", None, {"time": 1}, '{"time": 5}'])
def test_what_is_no_snapshot_is_refused(text):
    with pytest.raises(PlanError, match="to_json"):
        Snapshot.from_json(text)
    with pytest.raises(PlanError, match="before"):
        diff(text, text)
