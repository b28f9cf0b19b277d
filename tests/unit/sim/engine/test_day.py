from __future__ import annotations

import datetime as dt

from brokerage import ACCOUNT, ES, INSTRUMENTS, NOW, Desk, dec, terms_of
from ibkit.sim._engine import Broker, OrderKey, Place
from ibkit.sim._market._ticks import Quote
from ibkit.sim._scenario import Account, Scenario

MIDNIGHT = NOW.replace(day=3, hour=5)  # in New York


def ended(desk: Desk) -> None:
    desk.quote(99, 100)
    desk.place(1)
    desk.place(2, "LMT", limit_price=90, tif="GTC")


def test_the_day_turns_at_midnight_of_the_login_zone():
    desk = Desk()
    ended(desk)
    desk.until(MIDNIGHT - dt.timedelta(seconds=1))
    before = len(desk.broker.executions())
    desk.until(MIDNIGHT)

    assert (before, len(desk.broker.executions())) == (1, 0)


def test_another_zone_turns_at_another_hour():
    desk = Desk(zone="Japan")
    ended(desk)
    desk.until(NOW.replace(hour=15) + dt.timedelta(hours=24))

    assert desk.broker.executions() == ()


def test_live_orders_and_positions_stay():
    desk = Desk()
    ended(desk)
    desk.until(MIDNIGHT)

    assert [view.key.order_id for view in desk.broker.orders()] == [2]
    assert desk.broker.position(ACCOUNT, ES.con_id).quantity == 1


def test_a_day_begins_with_what_was_worth_at_midnight_even_if_that_is_noticed_later():
    def quote(con_id, now):
        price = dec(100) if now <= MIDNIGHT else dec(110)
        return Quote(con_id, now, price, dec(9), price, dec(9))

    broker = Broker(Scenario(accounts=(Account(),)), INSTRUMENTS.get, quote=quote)
    place = Place(key=OrderKey(1, 1), con_id=ES.con_id, exchange="CME", terms=terms_of())
    broker.apply(place, NOW)
    broker.advance(MIDNIGHT + dt.timedelta(hours=8))

    assert broker.position_pnl(ACCOUNT, ES.con_id).daily == 50 * (110 - 100)


def test_ids_of_yesterday_stay_used():
    desk = Desk()
    ended(desk)
    desk.until(MIDNIGHT)

    assert desk.place(1) == ["1 E103"]
    assert desk.cancel(1) == ["1 E10147"]


def test_several_days_may_pass_at_once():
    desk = Desk()
    ended(desk)
    desk.wait(days=10)
    desk.place(3, "MKT", "SELL")

    assert len(desk.broker.executions()) == 1
    assert desk.broker.pnl(ACCOUNT).realized == -54.5


def test_what_ends_after_midnight_belongs_to_the_new_day():
    desk = Desk()
    tomorrow = MIDNIGHT + dt.timedelta(minutes=30)
    desk.place(1, "LMT", limit_price=90, tif="GTD", good_till=tomorrow)
    desk.place(2, "LMT", limit_price=90)
    desk.until(MIDNIGHT + dt.timedelta(hours=1))

    assert [view.key.order_id for view in desk.broker.completed_orders()] == [1]
