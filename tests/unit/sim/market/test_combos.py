from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from cards import card
from ibkit.sim._market import Instrument, Leg, Market, Question, Refusal
from ibkit.sim._market._combos import combo


def leg(instrument: Instrument, action: str = "BUY", ratio: int = 1, exchange: str = "") -> Leg:
    return Leg(
        con_id=instrument.con_id,
        ratio=ratio,
        action=action,
        exchange=exchange or instrument.exchange,
    )


@pytest.fixture
def calendar(market: Market, now: dt.datetime):
    """The legs of an ES calendar spread."""
    near, far = (market.named(name, now) for name in ("ESZ6", "ESH7"))
    return leg(far), leg(near, "SELL")


def question(*legs: Leg, exchange: str = "CME", currency: str = "USD") -> Question:
    return Question(
        symbol="ES", sec_type="BAG", currency=currency, exchange=exchange, legs=tuple(legs)
    )


@card("CON-26", "2.5 C")
def test_a_combo_is_made_of_its_legs(market: Market, calendar) -> None:
    made = combo(question(*calendar), market.listings.by_con_id)

    assert isinstance(made, Instrument)
    assert (made.sec_type, made.symbol, made.local_symbol, made.trading_class) == (
        "BAG",
        "ES",
        "ES",
        "COMB",
    )
    assert made.legs == calendar
    assert (made.multiplier, made.min_tick, made.exchange) == ("50", Decimal("0.25"), "CME")


def test_the_same_legs_are_the_same_combo(market: Market, calendar) -> None:
    one, two, other = (
        combo(question(*legs), market.listings.by_con_id)
        for legs in (calendar, calendar, calendar[::-1])
    )

    assert one == two
    assert one.con_id != other.con_id


@card("CON-28", "1.12 R")
def test_the_grid_of_a_spread_differs_from_that_of_its_legs(
    market: Market, now: dt.datetime
) -> None:
    near, far = (market.named(name, now) for name in ("VXZ6", "VXF7"))
    spread = combo(question(leg(far), leg(near, "SELL"), exchange="CFE"), market.listings.by_con_id)

    assert near.min_tick == Decimal("0.05")
    assert spread.min_tick == Decimal("0.01")
    assert market.increment(spread, Decimal("0.5")) == Decimal("0.01")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda legs: (), 314),
        (lambda legs: legs[:1], 312),
        (lambda legs: (legs[0], Leg(con_id=1, ratio=1, action="BUY", exchange="CME")), 313),
        (
            lambda legs: (
                legs[0],
                Leg(con_id=legs[1].con_id, ratio=0, action="BUY", exchange="CME"),
            ),
            476,
        ),
        (
            lambda legs: (
                legs[0],
                Leg(con_id=legs[1].con_id, ratio=1, action="HOLD", exchange="CME"),
            ),
            313,
        ),
    ],
)
def test_what_is_wrong_with_legs_is_said(market: Market, calendar, change, code: int) -> None:
    refused = combo(question(*change(calendar)), market.listings.by_con_id)

    assert isinstance(refused, Refusal)
    assert refused.code == code


def test_the_wrong_exchange_or_currency_is_refused(market: Market, now, calendar) -> None:
    share = leg(market.named("AAPL", now))
    finder = market.listings.by_con_id

    assert combo(question(*calendar, exchange="CBOT"), finder).code == 200
    assert combo(question(*calendar, currency="EUR"), finder).code == 312
    assert combo(question(share, calendar[0], exchange="CME"), finder).code == 315


def test_a_combo_may_be_smart_routed(market: Market, now: dt.datetime) -> None:
    legs = (leg(market.named("SPY", now)), leg(market.named("QQQ", now), "SELL"))
    made = combo(question(*legs, exchange="SMART"), market.listings.by_con_id)

    assert made.exchange == "SMART"
