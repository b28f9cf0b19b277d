import datetime as dt
from decimal import Decimal

import pytest
from ib_async import ComboLeg, ContFuture, Contract, Future, Index, Order, Stock

from ibkit.errors import AmbiguousContract, GatewayError, NotTradable, PlanError, UnknownContract
from ibkit.orders._tradable import Tradable, Tradables
from ibkit.products import PriceGrid
from order_work import run
from sim_client import MONDAY, future

GRID = PriceGrid([(0, "0.25")])


class Counting:
    """Requests, and how often something was asked of them."""

    def __init__(self, requests):
        self.requests, self.asked = requests, []

    def __getattr__(self, name):
        self.asked.append(name)
        return getattr(self.requests, name)


def resolved(*contracts, now=MONDAY):
    """Resolve contracts in turn; how often TWS was asked, too."""

    async def main(gateway, desk):
        requests = Counting(desk.link.requests)
        tradables = Tradables(requests)
        made = [make(gateway) if callable(make) else make for make in contracts]
        return [await tradables.resolve_async(one, now) for one in made], requests.asked

    return run(main)


def con_id_only(gateway):
    return Contract(conId=gateway.market.instrument("ES").con_id)


def test_a_con_id_is_enough_and_brings_exchange_grid_and_hours():
    (found,), _ = resolved(con_id_only)

    assert (found.contract.localSymbol, found.contract.exchange) == ("ESH6", "CME")
    assert found.grid.increment_at(5000) == Decimal("0.25")
    assert found.last_day == dt.date(2026, 3, 20)
    assert "20260302" in found.hours


def test_tws_is_asked_once():
    (one, two), asked = resolved(future, future)

    assert one is two
    assert asked == ["contract_details_async", "market_rule_async"]


def test_what_is_known_is_asked_anew_when_it_is_old():
    async def test(gateway, desk):
        tradables = Tradables(desk.link.requests)
        one = await tradables.resolve_async(future(gateway), MONDAY)
        two = await tradables.resolve_async(future(gateway), MONDAY + dt.timedelta(hours=13))
        return one.asked, two.asked

    one, two = run(test)

    assert two - one == dt.timedelta(hours=13)


@pytest.mark.parametrize(
    ("contract", "error", "said"),
    [
        (ContFuture("ES", "CME"), NotTradable, "continuous"),
        ("ES", PlanError, "front_month_async"),
        (Future("NOSUCH", "202612", "CME"), UnknownContract, "NOSUCH"),
        (Future("ES", "202603", "GLOBEX"), UnknownContract, "resolve_async finds it"),
        (Future("ES", exchange="CME"), AmbiguousContract, "fits"),
        (Contract(secType="BAG", symbol="ES", exchange="CME"), PlanError, "legs"),
        (
            Contract(secType="BAG", symbol="ES", comboLegs=[ComboLeg(conId=1)]),
            PlanError,
            "exchange",
        ),
    ],
)
def test_what_cannot_be_ordered_is_refused(contract, error, said):
    with pytest.raises(error, match=said):
        resolved(contract)


def test_a_contract_that_has_expired_is_refused_on_the_next_day():
    with pytest.raises(NotTradable, match="expired on 2026-03-20"):
        resolved(future, now=dt.datetime(2026, 3, 21, 1, tzinfo=dt.timezone.utc))

    (found,), _ = resolved(future, now=dt.datetime(2026, 3, 20, 12, tzinfo=dt.timezone.utc))
    assert found.contract.conId


def test_a_combo_is_ordered_on_the_grid_of_its_first_leg():
    def combo(gateway):
        legs = [
            ComboLeg(
                conId=gateway.market.instrument(name).con_id, ratio=1, action=side, exchange="CME"
            )
            for name, side in (("ESM6", "BUY"), ("ESH6", "SELL"))
        ]
        return Contract(secType="BAG", symbol="ES", exchange="CME", currency="USD", comboLegs=legs)

    (found,), _ = resolved(combo)

    assert found.contract.secType == "BAG"
    assert found.grid.increment_at(10) == Decimal("0.25")


def test_another_error_than_no_such_contract_is_handed_on():
    async def test(gateway, desk):
        gateway.faults.refuse("ReqContractDetails", 321, "no")
        with pytest.raises(GatewayError) as caught:
            await Tradables(desk.link.requests).resolve_async(con_id_only(gateway), MONDAY)
        return caught.value.code

    assert run(test) == 321


def test_what_has_no_last_day_is_traded_for_ever():
    (found,), _ = resolved(Stock("AAPL", "SMART", "USD"))

    assert (found.contract.exchange, found.last_day) == ("SMART", None)
    assert found.grid.increment_at(200) == Decimal("0.01")


# -- when the time in force ends


def day_of(order, now=MONDAY):
    hours = "20260301:1700-20260302:1600"
    known = Tradable(Contract(), GRID, hours=hours, zone="US/Central")
    return known.end_of(order, now)


def test_a_day_order_ends_with_the_trading_day():
    assert day_of(Order(tif="DAY")) == dt.datetime(2026, 3, 2, 22, tzinfo=dt.timezone.utc)


def test_a_gtd_order_ends_when_it_says_and_a_gtc_order_does_not():
    until = "20260401 16:00:00 US/Eastern"

    assert day_of(Order(tif="GTD", goodTillDate=until)).date() == dt.date(2026, 4, 1)
    assert day_of(Order(tif="GTC")) is None
    assert day_of(Order(tif="IOC")) is None


def test_an_index_is_no_contract_of_an_order():
    with pytest.raises(NotTradable, match="nobody trades an index"):
        resolved(Index("SPX", "CBOE"))
