from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._market import Question
from ibkit.sim._session._option_calculations import CUSTOM


@pytest.fixture
def option(talk):
    under = talk.market.named("AAPL", talk.now)
    chain = talk.market.listings.option_chains("AAPL", "STK", under.con_id, talk.now.date())[0]
    found = talk.market.listings.find(
        Question(
            symbol="AAPL",
            sec_type="OPT",
            exchange="SMART",
            currency="USD",
            last_trade_date_or_contract_month=f"{chain.expirations[3]:%Y%m%d}",
            right="C",
        ),
        talk.now.date(),
    )
    middle = found[len(found) // 2]
    return wire.ContractFields(con_id=middle.con_id, exchange="SMART")


UNDER = Decimal(270)


def test_a_price_gives_a_volatility_that_gives_the_price(talk, option):
    volatility = Decimal("0.3")

    (priced,) = talk.ask(wire.CalculateOptionPrice(7, option, volatility, UNDER, ()))
    price = Decimal(str(priced.opt_price))
    (implied,) = talk.ask(wire.CalculateImpliedVolatility(8, option, price, UNDER, ()))

    assert (priced.req_id, priced.tick_type, implied.req_id) == (7, CUSTOM, 8)
    assert abs(implied.implied_vol - 0.3) < 1e-4


@pytest.mark.parametrize(
    "request_",
    [
        wire.CalculateImpliedVolatility(7, None, Decimal(100_000), UNDER, ()),
        wire.CalculateImpliedVolatility(7, None, None, None, ()),
        wire.CalculateOptionPrice(7, None, Decimal(0), UNDER, ()),
    ],
)
def test_figures_without_a_solution_are_refused(talk, option, request_):
    (refusal,) = talk.ask(request_._replace(contract=option))

    assert (refusal.req_id, refusal.error_code) == (7, 321)


def test_only_options_can_be_calculated(talk):
    contract = talk.contract("AAPL")

    (refusal,) = talk.ask(wire.CalculateOptionPrice(7, contract, Decimal("0.3"), UNDER, ()))

    assert "not an option" in refusal.error_string
