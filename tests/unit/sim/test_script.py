from decimal import Decimal

import pytest

from ibkit.sim import MarketScript, _wire as wire
from ibkit.sim._transport import SteppedClock


@pytest.fixture
def clock(talk):
    return SteppedClock(talk.now)


@pytest.fixture
def flushes():
    return []


@pytest.fixture
def script(talk, clock, flushes):
    return MarketScript._of(talk.market, talk.floor, clock, lambda: flushes.append(clock.now()))


def test_a_quote_acts_at_once(talk, script, flushes):
    talk.ask(talk.place(5, lmt_price=Decimal(4990)))

    script.quote("ES", bid=4988, ask="4989.75")

    assert talk.broker.executions()[0].quantity == 1
    assert script.now("ES").ask == Decimal("4989.75")
    assert len(flushes) == 1


def test_what_is_left_out_stays_and_a_new_price_stands_with_a_size_of_its_own(script):
    script.quote("ES", ask=5001)

    quote = script.now("ES")
    assert (quote.bid, quote.bid_size, quote.ask, quote.ask_size) == (5000, 50, 5001, 100)


def test_a_float_is_the_number_it_shows(script):
    script.quote("ES", bid=5000.1, ask=5000.2)

    assert str(script.now("ES").bid) == "5000.1"


def test_a_trade_is_heard_by_who_watches(talk, script):
    talk.ask(wire.ReqTickByTickData(7, talk.contract(), "Last", 0, False))
    talk.heard.clear()

    script.trade("ES", 5001, 3)

    assert [(m.price, m.size) for m in talk.answers()] == [(5001, 3)]


def test_what_stood_still_may_walk_again(talk, script, clock):
    script.quote("ES", bid=5000, ask=5000.25)
    talk.ask(wire.ReqTickByTickData(7, talk.contract(), "BidAsk", 0, False))
    clock.advance(60)
    talk.floor.advance(clock.now())
    still = len(talk.answers())

    script.walk("ES", seed=3)
    clock.advance(60)
    talk.floor.advance(clock.now())

    assert still == 0
    assert len(talk.answers()) > 10


def test_time_catches_up_before_the_market_is_moved(talk, script, clock):
    talk.ask(wire.ReqRealTimeBars(7, talk.contract("NQ"), 5, "TRADES", False, ()))
    talk.heard.clear()
    clock.advance(7)

    script.quote("NQ", bid=1, ask=2)

    assert [type(m) for m in talk.answers()] == [wire.RealtimeBar]
    assert talk.answers()[0].close > 2


def test_a_file_of_ticks_is_played_from_now_on(talk, script, clock, tmp_path):
    file = tmp_path / "ticks.csv"
    file.write_text("time,price,size\n2020-01-01T00:00:00Z,77,1\n2020-01-01T00:00:05Z,78,2\n")
    talk.ask(wire.ReqTickByTickData(7, talk.contract(), "Last", 0, False))
    talk.heard.clear()

    script.replay("ES", file)
    clock.advance(5)
    talk.floor.advance(clock.now())

    assert [m.price for m in talk.answers()] == [77, 78]


@pytest.mark.parametrize("call", ["now", "instrument", "walk"])
def test_a_name_that_nothing_has_is_a_lookup_error(script, call):
    with pytest.raises(LookupError, match="NOPE"):
        getattr(script, call)("NOPE")


@pytest.mark.parametrize("wrong", ["x", float("nan"), float("inf"), True, [1], "5,000"])
def test_what_is_no_price_or_size_is_refused_by_name(script, wrong):
    for given in ({"bid": wrong}, {"ask": wrong}, {"bid_size": wrong}):
        with pytest.raises(ValueError, match=f"^{next(iter(given))}: got .*; wanted a number"):
            script.quote("ES", **given)
    for price, size in ((wrong, 1), (None, 1), (5000, wrong), (5000, 0), (5000, -1)):
        with pytest.raises(ValueError, match=r"^(price|size): got .*; wanted a number"):
            script.trade("ES", price, size)

    assert script.now("ES").bid == 5000


def test_what_no_client_could_see_is_refused(script):
    with pytest.raises(ValueError, match="an index, which nobody quotes"):
        script.quote("SPX", bid=5000, ask=5001)
    with pytest.raises(ValueError, match="currencies, whose trades nobody hears of"):
        script.trade("EUR.USD", 1.1)


@pytest.mark.parametrize(
    ("name", "nearest"), [("es", "nearest: ES"), ("EURUSD", "EUR.USD"), ("ESX", "FESX")]
)
def test_an_unknown_name_comes_with_the_nearest(script, name, nearest):
    with pytest.raises(LookupError, match=f"nothing is called '{name}'.*{nearest}.*; accepted are"):
        script.now(name)


@pytest.mark.parametrize("name", [None, 5.0, ["ES"], ("ES",), Decimal(1)])
def test_what_is_no_name_is_called_by_nothing(script, name):
    with pytest.raises(LookupError, match="nothing is called"):
        script.now(name)


@pytest.mark.parametrize("source", [5, None, ["x"], [(1, 2)]])
def test_what_is_no_tape_is_not_played(script, source):
    with pytest.raises(ValueError, match="source: got"):
        script.replay("ES", source)
