from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire


def request(talk, kind, name="ES", number=0, *, ignore_size=False):
    return wire.ReqTickByTickData(7, talk.contract(name), kind, number, ignore_size)


def codes(answers):
    return [m.error_code for m in answers if isinstance(m, wire.ErrMsg)]


@pytest.mark.parametrize(("kind", "number"), [("Last", 1), ("AllLast", 2)])
def test_trades_are_told_one_by_one(talk, kind, number):
    talk.ask(request(talk, kind))

    (tick,) = talk.trade("ES", 5000, 3)

    assert (tick.req_id, tick.tick_type, tick.price, tick.size) == (7, number, 5000, 3)
    assert talk.quote("ES", bid=5001, ask=5002) == []


def test_quotes_are_told_with_both_sides(talk):
    talk.ask(request(talk, "BidAsk"))

    (tick,) = talk.quote("ES", bid=5001, ask=5002)

    assert (tick.bid_price, tick.ask_price) == (5001, 5002)
    assert talk.trade("ES", 5001) == []


@pytest.mark.parametrize(("ignore", "count"), [(True, 0), (False, 1)])
def test_changes_of_size_may_be_left_out(talk, ignore, count):
    talk.ask(request(talk, "BidAsk", ignore_size=ignore))
    talk.quote("ES", bid=5001, ask=5002)

    assert len(talk.quote("ES", bid_size=3)) == count


def test_the_middle_is_told_when_it_moves(talk):
    talk.ask(request(talk, "MidPoint"))

    (tick,) = talk.quote("ES", bid=5001, ask=5002)

    assert tick.mid_point == Decimal("5001.5")
    assert talk.quote("ES", bid_size=3) == []


def test_history_comes_first_where_it_is_asked_for(talk):
    talk.wait(600)

    (history,) = talk.ask(request(talk, "Last", "NQ", number=5))

    assert isinstance(history, wire.HistoricalTicksLast)
    assert len(history.ticks) >= 5  # those of the same second too


@pytest.mark.parametrize(("kind", "name", "code"), [("Ticks", "ES", 321), ("Last", "SPX", 10189)])
def test_what_is_not_offered_is_refused(talk, kind, name, code):
    assert codes(talk.ask(request(talk, kind, name))) == [code]


def test_a_cancel_ends_it_and_a_second_finds_nothing(talk):
    talk.ask(request(talk, "Last"))

    assert talk.ask(wire.CancelTickByTickData(7)) == []
    assert codes(talk.ask(wire.CancelTickByTickData(7))) == [300]
    assert talk.trade("ES", 5000) == []


def test_a_pause_between_two_requests_for_an_instrument_is_a_switch(talk_with):
    talk = talk_with(limits={"tick_by_tick_seconds": 15})
    again = [wire.CancelTickByTickData(7), request(talk, "Last")]
    talk.ask(request(talk, "Last"))

    assert codes(talk.ask(*again)) == [10189]
    assert codes(talk.ask(request(talk, "Last", "NQ"))) == []
    talk.wait(15)
    assert codes(talk.ask(wire.CancelTickByTickData(7), request(talk, "Last"))) == []


def test_ticks_of_what_is_not_listed_are_200(talk):
    asked = request(talk, "Last")._replace(contract=wire.ContractFields(con_id=77))

    assert codes(talk.ask(asked)) == [200]


def test_a_quote_with_one_side_is_not_told(talk):
    talk.ask(request(talk, "BidAsk"))

    quote = talk.market.quote_at(talk.market.named("ES", talk.now).con_id, talk.now)
    talk.heard.clear()
    talk.floor.deliver([quote._replace(bid=None, bid_size=Decimal(0))], talk.now)

    assert talk.answers() == []
