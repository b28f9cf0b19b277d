from __future__ import annotations

import datetime as dt

import pytest
from attrs import evolve

from brokerage import AAPL, ACCOUNT, ES, INSTRUMENTS, NOW, Desk, dec, terms_of
from ibkit.sim._engine import Broker, OrderKey, Place
from ibkit.sim._market._ticks import Quote, Trade
from ibkit.sim._scenario import Scenario


def test_what_was_due_comes_before_what_is_asked():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, tif="GTD", duration=60)
    desk.now += dt.timedelta(minutes=2)

    assert desk.place(2, "LMT", limit_price=90)[:3] == [
        "1 OS Cancelled",
        "1 E202",
        "2 OO PreSubmitted",
    ]


def test_what_is_due_carries_its_own_time():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90, tif="GTD", duration=60)
    desk.wait(minutes=5)

    assert desk.order(1).completed_time == NOW + dt.timedelta(minutes=1)


def test_time_never_goes_back():
    desk = Desk()
    desk.quote(99, 100)
    desk.now -= dt.timedelta(hours=1)
    desk.place(1)

    assert desk.broker.executions()[0].time == NOW


def test_the_next_deadline_is_that_of_the_first_order_to_end():
    desk = Desk()
    assert desk.broker.next_deadline() is None

    desk.place(1, "LMT", limit_price=90, tif="GTD", duration=60)
    desk.place(2, "LMT", limit_price=90)
    assert desk.broker.next_deadline() == NOW + dt.timedelta(minutes=1)


def test_an_instrument_without_ticks_is_asked_for_its_quote():
    asked: list[int] = []

    def quote(con_id, now):
        asked.append(con_id)
        return Quote(con_id, now, dec(99), dec(9), dec(100), dec(9))

    broker = Broker(Scenario(), INSTRUMENTS.get, quote=quote)
    place = Place(key=OrderKey(1, 1), con_id=ES.con_id, exchange="CME", terms=terms_of())
    broker.apply(place, NOW)

    assert [fill.price for fill in broker.executions()] == [100]
    assert set(asked) == {ES.con_id}


def test_a_price_that_was_overheard_wakes_a_stop_that_comes_later():
    desk = Desk()
    desk.quote(89, 91)
    desk.broker.overhear(Trade(ES.con_id, NOW, dec(90), dec(1), "CME"))
    desk.broker.overhear(Trade(77, NOW, dec(90), dec(1), "CME"))

    assert "1 OS Filled 1/0 @89" in desk.place(1, "STP", "SELL", aux_price=95)


def test_while_an_order_works_the_ticks_are_believed():
    calls = []

    def quote(con_id, now):
        calls.append(now)
        return Quote(con_id, now, dec(99), dec(9), dec(100), dec(9))

    broker = Broker(Scenario(), INSTRUMENTS.get, quote=quote)
    for order_id in (1, 2):
        terms = terms_of("LMT", limit_price=90)
        key = OrderKey(1, order_id)
        broker.apply(Place(key=key, con_id=ES.con_id, exchange="CME", terms=terms), NOW)
        calls_so_far = len(calls)
    broker.tick(Quote(ES.con_id, NOW, dec(91), dec(9), dec(92), dec(9)), NOW)
    broker.apply(Place(key=OrderKey(1, 3), con_id=ES.con_id, exchange="CME", terms=terms_of()), NOW)

    assert broker.executions()[0].price == 92
    assert len(calls) == calls_so_far


def test_a_position_that_nobody_ticks_is_valued_at_the_present_quote():
    price = dec(100)

    def quote(con_id, now):
        return Quote(con_id, now, price, dec(9), price, dec(9))

    broker = Broker(Scenario(), INSTRUMENTS.get, quote=quote)
    broker.apply(Place(key=OrderKey(1, 1), con_id=ES.con_id, exchange="CME", terms=terms_of()), NOW)
    price = dec(110)

    assert broker.position(ACCOUNT, ES.con_id).unrealized_pnl == 500 - dec("2.25")


def test_switches_may_be_thrown_while_it_runs():
    desk = Desk()
    desk.broker.scenario = evolve(desk.broker.scenario, read_only=True)

    assert desk.place(1) == ["1 E321"]


def test_an_unknown_account_is_a_key_error():
    broker = Desk().broker

    for read in (broker.figures, broker.pnl, broker.positions):
        with pytest.raises(KeyError):
            read("DU9")


def test_what_was_never_there_is_none():
    broker = Desk().broker

    assert broker.order(OrderKey(1, 1)) is None
    assert broker.order_by_perm_id(1) is None
    assert broker.position(ACCOUNT, ES.con_id) is None


def test_a_tick_of_an_unknown_instrument_moves_nothing():
    desk = Desk()

    assert desk.quote(1, 2, of=evolve(ES, con_id=4711)) == []


def test_only_what_works_needs_ticks():
    desk = Desk()
    desk.quote(99, 100)
    desk.place(1)
    desk.place(2, "LMT", of=AAPL, limit_price=50)

    assert desk.broker.working_instruments() == {AAPL.con_id}


def test_an_order_is_found_by_both_its_names():
    desk = Desk()
    desk.place(1, "LMT", limit_price=90)

    assert desk.broker.order_by_perm_id(desk.perm_id(1)) == desk.order(1)


def test_the_same_inputs_give_the_same_events():
    def run() -> list[object]:
        desk, events = Desk(), []
        desk.quote(99, 100, 3)
        for order_id in range(1, 20):
            desk.place(order_id, "LMT", "BUY", order_id, limit_price=90 + order_id)
            events += desk.events
        desk.quote(89, 90)
        return events + desk.events

    assert run() == run()
