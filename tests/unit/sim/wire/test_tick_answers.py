from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    HistoricalTicks,
    HistoricalTicksBidAsk,
    HistoricalTicksLast,
    TickByTickAllLast,
    TickByTickBidAsk,
    TickByTickMidPoint,
)

TIME = 1750431600
FLAGS = [(False, False), (True, False), (False, True), (True, True)]
PRICE = Decimal("5000.25")


def seconds(tick):
    return tick.time.timestamp() if hasattr(tick.time, "timestamp") else tick.time


@pytest.mark.parametrize(("past_limit", "unreported"), FLAGS)
@pytest.mark.parametrize("tick_type", [1, 2])
def test_a_trade_has_its_flags(hear, tick_type, past_limit, unreported):
    tick = TickByTickAllLast(
        7, tick_type, TIME, PRICE, Decimal(3), past_limit, unreported, "CME", "T"
    )

    ((name, *start, attributes, exchange, conditions),) = hear(tick)

    assert (name, start) == ("tickByTickAllLast", [7, tick_type, TIME, 5000.25, 3])
    assert (attributes.pastLimit, attributes.unreported) == (past_limit, unreported)
    assert (exchange, conditions) == ("CME", "T")


@pytest.mark.parametrize(("past_low", "past_high"), FLAGS)
def test_a_bid_and_ask_have_their_flags(hear, past_low, past_high):
    tick = TickByTickBidAsk(
        7, TIME, PRICE, Decimal(5001), Decimal(3), Decimal(4), past_low, past_high
    )

    ((name, *figures, attributes),) = hear(tick)

    assert (name, figures) == ("tickByTickBidAsk", [7, TIME, 5000.25, 5001.0, 3, 4])
    assert (attributes.bidPastLow, attributes.askPastHigh) == (past_low, past_high)


def test_a_midpoint_is_a_price(hear):
    assert hear(TickByTickMidPoint(7, TIME, PRICE)) == [("tickByTickMidPoint", 7, TIME, 5000.25)]


@pytest.mark.parametrize("done", [True, False])
def test_midpoints_of_history_say_whether_they_are_all(hear, done):
    ticks = (HistoricalTick(TIME, PRICE, Decimal(0)), HistoricalTick(TIME + 1, PRICE, Decimal(0)))

    ((name, req_id, heard, is_done),) = hear(HistoricalTicks(7, ticks, done))

    assert (name, req_id, is_done) == ("historicalTicks", 7, done)
    assert [(seconds(tick), tick.price, tick.size) for tick in heard] == list(ticks)


@pytest.mark.parametrize(("past_low", "past_high"), FLAGS)
def test_quotes_of_history_have_their_flags(hear, past_low, past_high):
    tick = HistoricalTickBidAsk(
        TIME, PRICE, Decimal(5001), Decimal(3), Decimal(4), past_low, past_high
    )

    ((name, req_id, (heard,), done),) = hear(HistoricalTicksBidAsk(7, (tick,), done=True))

    assert (name, req_id, done) == ("historicalTicksBidAsk", 7, True)
    flags = heard.tickAttribBidAsk
    assert (
        seconds(heard),
        heard.priceBid,
        heard.priceAsk,
        heard.sizeBid,
        heard.sizeAsk,
        flags.bidPastLow,
        flags.askPastHigh,
    ) == tick


@pytest.mark.parametrize(("past_limit", "unreported"), FLAGS)
def test_trades_of_history_have_their_flags(hear, past_limit, unreported):
    tick = HistoricalTickLast(TIME, PRICE, Decimal(3), "CME", "T", past_limit, unreported)

    ((name, req_id, (heard,), done),) = hear(HistoricalTicksLast(7, (tick,), done=False))

    assert (name, req_id, done) == ("historicalTicksLast", 7, False)
    flags = heard.tickAttribLast
    assert (
        seconds(heard),
        heard.price,
        heard.size,
        heard.exchange,
        heard.specialConditions,
        flags.pastLimit,
        flags.unreported,
    ) == tick
