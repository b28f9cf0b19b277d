from __future__ import annotations

from brokerage import dec
from ibkit.sim._engine import FixedRates


def test_a_currency_is_worth_itself():
    assert FixedRates(in_dollars={}).rate("SEK", "SEK") == 1


def test_rates_cross_through_the_dollar():
    rates = FixedRates(in_dollars={"EUR": dec("1.2"), "GBP": dec("1.5")})

    assert rates.rate("GBP", "EUR") == dec("1.25")
    assert rates.rate("EUR", "USD") == dec("1.2")


def test_an_unknown_currency_counts_one_to_one():
    assert FixedRates().rate("XXX", "USD") == 1
