from __future__ import annotations

import pytest

from brokerage import ES, EURUSD, NOW, OPTION, Desk, RegularHours
from cards import card
from ibkit.sim._engine._trigger_methods import METHODS, SOURCES, Source, sources


def stop(desk: Desk, *, of=ES, price=90, action="SELL", **terms: object) -> None:
    desk.place(1, "STP", action, aux_price=price, of=of, **terms)


def fired(desk: Desk) -> bool:
    return desk.status(1) != "PreSubmitted"


@card("TRG-01", "1.7 C")
def test_futures_watch_the_last_price():
    desk = Desk()
    desk.quote(99, 100)
    stop(desk)
    desk.quote(89, 91)
    assert not fired(desk)
    desk.trade(90)

    assert fired(desk)


@card("TRG-02", "1.7 C")
def test_currencies_watch_the_quote():
    desk = Desk()
    desk.quote("1.1", "1.1001", 1_000_000, of=EURUSD)
    stop(desk, of=EURUSD, price="1.09", quantity=1000)
    desk.trade("1.08", of=EURUSD)
    assert not fired(desk)
    desk.quote("1.09", "1.0901", 1_000_000, of=EURUSD)

    assert fired(desk)


@card("TRG-03", "1.7 C")
def test_us_options_ask_for_two_quotes_in_a_row():
    desk = Desk()
    desk.quote(5, 6, of=OPTION)
    stop(desk, of=OPTION, price=4)
    desk.quote(4, 6, of=OPTION)
    desk.quote(5, 6, of=OPTION)
    desk.quote(4, 6, of=OPTION)
    assert not fired(desk)
    desk.quote(3, 6, of=OPTION)

    assert fired(desk)


@card("TRG-04", "1.7 C")
def test_other_options_watch_the_last_price():
    assert sources(0, "OPT", "EUR", is_buy=True) == (Source.LAST,)


@card("TRG-05", "1.7 C")
def test_double_last_asks_for_two_trades_in_a_row():
    desk = Desk()
    desk.quote(99, 100)
    stop(desk, trigger_method=3)
    for price in (90, 91, 89):
        desk.trade(price)
    assert not fired(desk)
    desk.trade(90)

    assert fired(desk)


@card("TRG-06", "1.7 C")
@pytest.mark.parametrize("by_quote", [True, False])
def test_last_or_quote_takes_whichever_comes_first(by_quote):
    desk = Desk()
    desk.quote(99, 100)
    stop(desk, trigger_method=7)
    if by_quote:
        desk.quote(90, 92)
    else:
        desk.trade(90)

    assert fired(desk)


@card("TRG-07", "1.7 C")
def test_midpoint_watches_the_middle_of_the_quote():
    desk = Desk()
    desk.quote(99, 101)
    stop(desk, trigger_method=8)
    desk.quote(89, 92)
    assert not fired(desk)
    desk.quote(88, 92)

    assert fired(desk)


@card("TRG-08", "1.7 C")
def test_a_method_that_does_not_fit_never_triggers():
    desk = Desk()
    stop(desk, trigger_method=4)
    desk.trade(1)

    assert not fired(desk)


@card("TRG-09", "1.7 C")
def test_without_outside_rth_a_stop_triggers_in_regular_hours_only():
    desk = Desk(hours=RegularHours())
    desk.now = NOW.replace(hour=12)
    desk.quote(99, 100)
    stop(desk)
    desk.trade(89)
    assert not fired(desk)

    desk.now = NOW.replace(hour=14, minute=30)
    assert "1 EX SLD 1@99" in desk.until(desk.now)


@card("TRG-10", "1.7 C")
def test_with_outside_rth_it_triggers_at_any_hour_of_trading():
    desk = Desk(hours=RegularHours())
    desk.now = NOW.replace(hour=12)
    desk.quote(99, 100)
    stop(desk, outside_rth=True)
    desk.trade(89)

    assert fired(desk)


@card("TRG-11", "1.7 C")
def test_an_exchange_that_holds_the_stop_ignores_the_method():
    desk = Desk(native_stop_exchanges=("CME",))
    desk.quote(99, 100)
    stop(desk, trigger_method=8)
    desk.quote(80, 82)
    working = desk.status(1)
    desk.trade(90)

    assert (working, desk.status(1)) == ("Submitted", "Filled")


@card("TRG-12", "1.7 U")
def test_a_buy_watches_the_ask_and_a_sell_the_bid():
    desk = Desk()
    desk.quote(99, 100)
    stop(desk, action="BUY", price=110, trigger_method=4)
    desk.quote(109, 110)

    assert fired(desk)


def test_every_method_but_the_default_has_its_sources_for_both_sides():
    assert {method for method, _ in SOURCES} == METHODS - {0}
    assert len(SOURCES) == 2 * (len(METHODS) - 1)


def test_a_stop_price_is_reached_when_it_is_touched():
    desk = Desk()
    desk.quote(99, 100)
    stop(desk)
    desk.trade("90.25")
    assert not fired(desk)
    desk.trade(90)

    assert fired(desk)
