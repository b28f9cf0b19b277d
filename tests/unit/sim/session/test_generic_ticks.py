import datetime as dt
from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._session._generic_ticks import GENERIC, PER_TRADE, Picture, mark_price, rt_volume


@pytest.fixture
def picture(talk):
    instrument = talk.market.named("AAPL", talk.now)
    con_id = instrument.con_id
    return Picture(
        7,
        instrument,
        talk.market.quote_at(con_id, talk.now),
        talk.market.last_at(con_id, talk.now),
        talk.market.day_at(con_id, talk.now),
        talk.now,
    )


@pytest.mark.parametrize("number", list(GENERIC))
def test_each_generic_tick_sends_messages_of_its_request(picture, number):
    messages = [message for write in GENERIC[number] for message in write(picture)]

    assert messages
    assert all(message.req_id == 7 for message in messages)
    assert all(wire.encode(message, 178) for message in messages)


def test_those_of_every_trade_are_generic_ticks():
    assert set(PER_TRADE) <= set(GENERIC)


def test_rt_volume_is_price_size_time_volume_vwap_and_single(picture):
    time = dt.datetime(2026, 3, 2, 15, tzinfo=dt.timezone.utc)
    last = picture.last._replace(price=Decimal("5E+1"), size=Decimal(3), time=time)

    (message,) = rt_volume(picture._replace(last=last))
    price, size, stamp, volume, vwap, single = message.value.split(";")

    assert (price, size, stamp, single) == ("50", "3", "1772463600000", "true")
    assert Decimal(volume) == picture.day.volume
    assert Decimal(vwap) == picture.day.vwap


def test_without_a_trade_there_is_no_rt_volume(picture):
    assert rt_volume(picture._replace(last=None)) == []


def test_the_mark_price_is_the_middle_or_else_the_last(picture):
    quote = picture.quote._replace(bid=Decimal(10), ask=Decimal(12))
    one_sided = quote._replace(bid=None)

    assert mark_price(picture._replace(quote=quote)) == 11
    assert mark_price(picture._replace(quote=one_sided)) == picture.last.price
    assert mark_price(picture._replace(quote=one_sided, last=None)) is None
