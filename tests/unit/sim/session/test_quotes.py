import datetime as dt
from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire


def request(talk, req_id=7, name="ES", generics="", *, snapshot=False):
    return wire.ReqMktData(req_id, talk.contract(name), generics, snapshot, False, ())


def ticks(answers):
    """Tick types and figures of prices and sizes."""
    return [
        (m.tick_type, m.price if isinstance(m, wire.TickPrice) else m.size)
        for m in answers
        if isinstance(m, (wire.TickPrice, wire.TickSize))
    ]


def codes(answers):
    return [m.error_code for m in answers if isinstance(m, wire.ErrMsg)]


def test_a_line_begins_with_its_kind_and_parameters_and_then_the_picture(talk):
    answers = talk.ask(request(talk))

    assert answers[0] == wire.MarketDataType(7, 1)
    assert answers[1] == wire.TickReqParams(7, Decimal("0.25"), "a60001", 3)
    assert {1: 5000, 2: Decimal("5000.25"), 0: 50, 3: 50}.items() <= dict(ticks(answers)).items()


def test_only_what_has_changed_is_sent(talk):
    talk.ask(request(talk))

    assert ticks(talk.quote("ES", bid=5000, ask=Decimal("5000.25"))) == []
    assert ticks(talk.quote("ES", bid_size=40)) == [(0, 40)]
    assert ticks(talk.quote("ES", ask=Decimal("5000.5"))) == [(2, Decimal("5000.5")), (3, 50)]


def test_a_side_without_a_price_is_minus_one(talk):
    talk.ask(request(talk))
    quote = talk.market.quote_at(talk.market.named("ES", talk.now).con_id, talk.now)
    talk.heard.clear()

    talk.floor.deliver([quote._replace(bid=None, bid_size=Decimal(0))], talk.now)

    assert ticks(talk.answers()) == [(1, -1)]


def test_a_trade_is_time_price_size_and_volume(talk):
    talk.ask(request(talk))

    answers = talk.trade("ES", 5000, 3)

    assert [m.tick_type for m in answers][:4] == [45, 4, 5, 8]
    assert dict(ticks(answers))[5] == 3


def test_a_new_high_is_told_once(talk):
    talk.ask(request(talk))

    first, second = talk.trade("ES", 99_999), talk.trade("ES", 99_999)

    assert (6, 99_999) in ticks(first)
    assert 6 not in dict(ticks(second))


def test_a_snapshot_ends_and_holds_no_line(talk):
    answers = talk.ask(request(talk, snapshot=True))

    assert answers[-1] == wire.TickSnapshotEnd(7)
    assert talk.session.running == {}


def test_a_snapshot_with_generic_ticks_is_refused(talk):
    assert codes(talk.ask(request(talk, generics="233", snapshot=True))) == [321]


def test_a_cancel_ends_it_and_a_second_finds_nothing(talk):
    talk.ask(request(talk))

    assert talk.ask(wire.CancelMktData(7)) == []
    assert codes(talk.ask(wire.CancelMktData(7))) == [300]
    assert talk.quote("ES", bid=5001, ask=5002) == []


@pytest.mark.parametrize(
    ("rights", "accepts", "expected"),
    [
        ("live", 1, ([], 1)),
        ("live", 2, ([], 2)),
        ("delayed", 3, ([10167], 3)),
        ("delayed", 1, ([10089], None)),
        ("none", 1, ([354], None)),
        ("none", 3, ([10168], None)),
        ("competing", 1, ([10197], None)),
    ],
)
def test_rights_decide_which_data_comes(talk_with, rights, accepts, expected):
    talk = talk_with(market_data=rights)
    answers = talk.ask(wire.ReqMarketDataType(accepts), request(talk))
    kinds = [m.market_data_type for m in answers if isinstance(m, wire.MarketDataType)]

    assert (codes(answers), kinds[0] if kinds else None) == expected
    assert bool(talk.session.running) is (expected[1] is not None)


def test_delayed_data_has_tick_types_of_its_own(talk_with):
    talk = talk_with(market_data="delayed")

    answers = talk.ask(wire.ReqMarketDataType(3), request(talk))

    assert {66, 67, 69, 70} <= dict(ticks(answers)).keys()
    assert not {0, 1, 2, 3} & dict(ticks(answers)).keys()


def test_default_ticks_may_be_switched_off(talk):
    answers = talk.ask(request(talk, generics="mdoff,233"))

    assert ticks(answers) == []
    assert any(isinstance(m, wire.TickString) and m.tick_type == 48 for m in answers)
    assert [m.tick_type for m in talk.trade("ES", 5000)] == [48]
    assert talk.quote("ES", bid=4990) == []


@pytest.mark.parametrize(
    ("generics", "refused"),
    [("", []), ("100, 233", []), ("292:BRFG,258,mdoff", []), ("999", [321])],
)
def test_a_generic_tick_that_ib_does_not_have_is_refused(talk, generics, refused):
    asked = wire.ReqMktData(7, talk.contract(), generics, False, False, ())

    assert codes(talk.ask(asked)) == refused
    assert bool(talk.session.running) is not bool(refused)


def test_the_first_trade_of_a_day_begins_its_figures_anew(talk):
    talk.ask(request(talk))
    talk.trade("ES", 6000, 5)
    talk.now += dt.timedelta(days=1)
    told = dict(ticks(talk.trade("ES", 5000, 3)))

    high, volume, low = 6, 8, 7
    assert (told[high], told[low], told[volume]) == (5000, 5000, 3)
