from decimal import Decimal

import attrs
import pytest

from ibkit.sim import Account, Limits, Scenario


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fills": "FULL"}, "fills: got 'FULL'; wanted 'touch' or 'full'"),
        ({"market_data": "delay"}, "market_data: got 'delay'; wanted 'live' or 'delayed'"),
        ({"sessions": "yes"}, "sessions: got 'yes'; wanted True or False"),
        ({"submit_latency": 0.5}, "submit_latency: got 0.5; wanted a whole number"),
        ({"slippage_ticks": -1}, "slippage_ticks: got -1"),
        ({"master_client_id": "1"}, "master_client_id: got '1'"),
        ({"price_band": -1}, "price_band: got Decimal"),
        ({"price_band": "nan"}, "price_band: got 'nan'"),
        ({"no_permission": "OPT"}, "no_permission: got 'OPT'; wanted a tuple"),
        ({"zone": "Nowhere/City"}, "zone: got 'Nowhere/City'; wanted an IANA time zone"),
        ({"limits": {"lines": 2}}, "limits: got {'lines': 2}; wanted one of class Limits"),
        ({"accounts": ("DU1",)}, "accounts: got 'DU1'; wanted one of class Account"),
        ({"accounts": ()}, "at least one account"),
        ({"accounts": (Account(), Account())}, "a name of its own"),
    ],
)
def test_a_value_that_a_switch_does_not_know_is_refused_in_words(given, words):
    with pytest.raises(ValueError, match="wanted") as refused:
        Scenario(**given)

    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Limits, {"lines": "5"}),
        (Limits, {"lines": -1}),
        (Limits, {"messages_per_second": 0}),
        (Limits, {"message_excess": "wait"}),
        (Account, {"name": ""}),
        (Account, {"name": "D U,1"}),
        (Account, {"cash": "lots"}),
        (Account, {"currency": "usd"}),
    ],
)
def test_so_are_limits_and_accounts_that_nobody_has(kind, given):
    with pytest.raises(ValueError, match=f"^{next(iter(given))}: got"):
        kind(**given)


def test_numbers_and_lists_are_taken_as_they_are_written():
    scenario = Scenario(price_band=0.1, large_order=100, no_permission=["OPT"])

    assert (scenario.price_band, scenario.large_order) == (Decimal("0.1"), Decimal(100))
    assert scenario.no_permission == ("OPT",)
    assert Account(cash=25000.5).cash == Decimal("25000.5")


def test_it_shows_what_is_not_as_usual_and_can_be_evolved():
    scenario = attrs.evolve(Scenario(fills="full"), limits=Limits(lines=3))

    assert repr(scenario) == "Scenario(limits=Limits(lines=3), fills='full')"
