from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, strategies as st

from ibkit.sim._market._black_scholes import RATE, Terms, greeks, implied, worth

UNDER = st.floats(50, 200)
STRIKE = st.floats(60, 160)
YEARS = st.floats(0.02, 3)
VOLATILITY = st.floats(0.08, 1.5)


def test_a_textbook_call() -> None:
    # At the money, a year, 20 % and the simulator's 4 %: known to four digits.
    assert worth(Terms(100, 1, is_put=False), 100, 0.2) == pytest.approx(9.9251, abs=5e-5)


@given(UNDER, STRIKE, YEARS, VOLATILITY)
def test_put_call_parity(under: float, strike: float, years: float, volatility: float) -> None:
    call = worth(Terms(strike, years, is_put=False), under, volatility)
    put = worth(Terms(strike, years, is_put=True), under, volatility)

    assert call - put == pytest.approx(under - strike * math.exp(-RATE * years), abs=1e-8)


@given(UNDER, STRIKE, YEARS, VOLATILITY, st.booleans())
def test_greeks_are_the_slopes_of_the_price(under, strike, years, volatility, is_put) -> None:
    terms = Terms(strike, years, is_put)
    found, step = greeks(terms, under, volatility), 1e-3
    up, down = (worth(terms, under + side * step, volatility) for side in (1, -1))
    wide, narrow = (worth(terms, under, volatility + side * step) for side in (1, -1))
    later = worth(Terms(strike, years - step, is_put), under, volatility)
    sooner = worth(Terms(strike, years + step, is_put), under, volatility)

    assert found.delta == pytest.approx((up - down) / (2 * step), abs=1e-4)
    assert found.gamma == pytest.approx((up - 2 * found.price + down) / step**2, abs=1e-2)
    assert found.vega == pytest.approx((wide - narrow) / (2 * step) / 100, abs=1e-3)
    assert found.theta == pytest.approx((later - sooner) / (2 * step) / 365, abs=1e-2)


@given(UNDER, STRIKE, YEARS, VOLATILITY, st.booleans())
def test_the_implied_volatility_gives_the_price_back(under, strike, years, volatility, is_put):
    terms = Terms(strike, years, is_put)
    price = worth(terms, under, volatility)
    assume(price > max(worth(terms, under, 0.01), 0) + 1e-9)  # else no price tells the volatility
    found = implied(terms, under, price)

    assert found is not None
    assert worth(terms, under, found) == pytest.approx(price, abs=1e-6)


def test_an_impossible_price_has_no_volatility() -> None:
    terms = Terms(100, 1, is_put=False)

    assert implied(terms, 100, 101) is None
    assert implied(terms, 100, 0.5) is None
