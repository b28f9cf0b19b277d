"""B21 to B29: what ib_async 2.1.0 makes of streams."""

import asyncio
import datetime as dt

import pytest
from ib_async import ComboLeg, Contract, ContractDetails, Future, IBDefaults, LimitOrder, Ticker
from ib_async.contract import Bag, ContFuture

from sim_client import future

# the lines that these tests leave die with their gateway
pytestmark = pytest.mark.filterwarnings("ignore::ibkit.testing.LeftOpen")

TICK_PRICE, DEPTH, TICK_GENERIC, BAR_UPDATE = 1, 12, 45, 90
BID, ASK, LAST = 1, 2, 4


@pytest.fixture
def es(gateway, ib):
    """ES, and a gateway that leaves it to the test what is said of it."""
    for request in ("ReqMktData", "ReqTickByTickData", "ReqMktDepth"):
        gateway.faults.ignore(request, times=9)
    return future(gateway)


def price(req_id, kind, value, size):
    return (TICK_PRICE, 6, req_id, kind, value, size, 0)


def ids(ib):
    """The numbers of all requests for ticks so far."""
    return list(ib.wrapper.reqId2Ticker)


# --- B21 -----------------------------------------------------------------------------


def elsewhere(contract):
    """The same contract on another exchange."""
    return Contract(conId=contract.conId, secType="FUT", exchange="SMART")


async def test_b21_a_second_subscription_takes_over_and_the_first_cannot_be_cancelled(ib, gateway):
    es = future(gateway)
    first, second = ib.reqMktData(es), ib.reqMktData(es, "233")
    await asyncio.sleep(1)

    assert first is second
    assert [ib.cancelMktData(es), ib.cancelMktData(es)] == [True, False]
    await asyncio.sleep(1)
    lines = [line.req_id for line in gateway.truth.subscriptions if line.kind == "quotes"]
    assert lines == ids(ib)[:1]  # the first runs on


async def test_b21_two_exchanges_mix_into_one_ticker(ib, wire, es):
    one, other = ib.reqMktData(es), ib.reqMktData(elsewhere(es))
    first, second = ids(ib)
    wire.say(price(first, BID, 5000, 3), price(second, BID, 4000, 1))

    assert one is other
    assert one.bid == 4000


@pytest.mark.parametrize("ask", ["reqMktDepth", "reqTickByTickData"])
async def test_b21_depth_and_tick_by_tick_too(ib, es, ask):
    arguments = () if ask == "reqMktDepth" else ("Last",)
    request, cancel = getattr(ib, ask), getattr(ib, ask.replace("req", "cancel"))

    assert request(es, *arguments) is request(elsewhere(es), *arguments)
    cancel(es, *arguments)
    kind = (*arguments, "mktDepth")[0]
    assert ib.wrapper.ticker2ReqId[kind] == {}  # and one of the two runs on


# --- B22 -----------------------------------------------------------------------------

UNQUALIFIED = Future("ES", "202603", "CME")


@pytest.mark.parametrize(
    "ask", ["reqMktData", "reqMktDepth", pytest.param("reqTickersAsync", id="snapshot")]
)
async def test_b22_an_unqualified_contract_raises_and_an_id_is_gone(ib, ask):
    before, pending = ib.client._reqIdSeq, len(ib.wrapper._futures)
    with pytest.raises(ValueError, match="can't be hashed"):
        await getattr(ib, ask)(UNQUALIFIED)

    assert ib.client._reqIdSeq == before + 1
    assert len(ib.wrapper._futures) - pending == (ask == "reqTickersAsync")


def combo(*con_ids):
    legs = [ComboLeg(conId=con_id, ratio=1, action="BUY") for con_id in con_ids]
    return Bag(symbol="ES", exchange="CME", currency="USD", comboLegs=legs)


def test_b22_contracts_are_no_keys():
    one, other = combo(1, 2), combo(3, 4)
    one.conId = other.conId = 28812380
    assert one == other
    assert hash(one) != hash(other)

    turned, straight = combo(2, 1), combo(1, 2)
    assert hash(turned) == hash(straight)
    assert turned != straight

    continuous, month = ContFuture("ES", "CME", conId=7), Future("ES", conId=7)
    assert continuous == month
    assert hash(continuous) != hash(month)
    assert Contract() == Contract()


# --- B23 -----------------------------------------------------------------------------


async def test_b23_a_new_subscription_shows_the_old_quote(ib, wire, es):
    ticker = ib.reqMktData(es)
    wire.say(price(ids(ib)[0], BID, 5000, 3))
    ib.cancelMktData(es)
    await asyncio.sleep(3600)
    again = ib.reqMktData(es)

    assert (again is ticker, again.bid) == (True, 5000)


async def test_b23_a_snapshot_that_is_refused_shows_the_old_quote(ib, wire, gateway, es):
    ib.reqMktData(es)
    wire.say(price(ids(ib)[0], BID, 5000, 3))
    await asyncio.sleep(1)
    gateway.faults.clear()
    gateway.faults.refuse("ReqMktData", 354, "not subscribed")
    (ticker,) = await ib.reqTickersAsync(es)

    assert ticker.bid == 5000


async def test_b23_ticks_after_a_cancel_still_count(ib, wire, es):
    ticker = ib.reqMktData(es)
    ib.cancelMktData(es)
    wire.say(price(ids(ib)[0], BID, 5000, 3))

    assert ticker.bid == 5000


async def test_b23_data_are_live_until_tws_says_otherwise(ib, es):
    assert ib.reqMktData(es).marketDataType == 1


# --- B24 -----------------------------------------------------------------------------


async def test_b24_ticks_live_for_one_packet(ib, wire, es):
    ticker, late, counts = ib.reqMktData(es), [], []

    async def read_later(ticker):
        await asyncio.sleep(1)
        late.append(len(ticker.ticks))

    ticker.updateEvent += lambda ticker: counts.append(len(ticker.ticks))
    ticker.updateEvent += read_later
    (req_id,) = ids(ib)
    wire.say(price(req_id, BID, 5000, 3), price(req_id, BID, 5001, 3))
    assert ticker.bid == 5001  # the other one is seen in `ticks` only
    wire.say(price(req_id, BID, 5002, 3))
    await asyncio.sleep(2)

    assert counts == [2, 1]
    assert late == [1, 1]


async def test_b24_the_time_of_the_exchange_is_thrown_away(ib, wire, es, virtual_time):
    ticker = ib.reqTickByTickData(es, "Last")
    wire.say((99, ids(ib)[0], 1, 1767607200, 5000, 1, 0, "CME", ""))

    assert ticker.tickByTicks[0].time == virtual_time.now()


# --- B25 -----------------------------------------------------------------------------


async def test_b25_a_spread_at_minus_one_is_no_quote(ib, wire, es):
    ticker = ib.reqMktData(es)
    (req_id,) = ids(ib)
    wire.say(price(req_id, BID, -1.0, 5), price(req_id, ASK, -0.5, 5))

    assert (ticker.bid, ticker.hasBidAsk()) == (-1, False)
    assert ticker.marketPrice() != ticker.marketPrice()  # nan


async def test_b25_a_bid_without_a_size_is_minus_one(ib, wire, es):
    ticker = ib.reqMktData(es)
    wire.say(price(ids(ib)[0], BID, 5000, 0))

    assert (ticker.bid, ticker.bidSize) == (-1, 0)


async def test_b25_a_price_of_zero_is_no_tick(ib, wire, es):
    ticker = ib.reqMktData(es)
    wire.say(price(ids(ib)[0], LAST, 0, 0))

    assert (ticker.last, ticker.ticks) == (0, [])


@pytest.mark.parametrize(("kind", "name"), [(49, "halted"), (31, "indexFuturePremium")])
async def test_b25_a_generic_tick_below_zero_is_zero(ib, wire, es, kind, name):
    ticker = ib.reqMktData(es)
    wire.say((TICK_GENERIC, 6, ids(ib)[0], kind, -12.5))

    assert getattr(ticker, name) == 0


async def test_b25_a_kind_of_tick_that_is_unknown_raises_and_is_dropped(ib, wire, es, caplog):
    ticker = ib.reqMktData(es)
    wire.say(price(ids(ib)[0], 999, 5000, 1))

    assert "we don't have an attribute mapping" in caplog.text
    assert ticker.ticks == []


def test_b25_defaults_of_none_break_the_quote():
    # what a bid and an ask with the size 0 leave under these defaults
    nothing = IBDefaults(emptyPrice=None, emptySize=None)
    ticker = Ticker(defaults=nothing)
    ticker.bid = ticker.bidSize = ticker.ask = ticker.askSize = None

    with pytest.raises(TypeError):
        ticker.hasBidAsk()


@pytest.mark.parametrize("zone", ["", "JST", "MSK"])
def test_b25_sessions_in_a_zone_that_is_unknown_raise(zone):
    details = ContractDetails(tradingHours="20260302:1700-20260303:1600", timeZoneId=zone)

    with pytest.raises(Exception, match=r"ZoneInfo|No time zone"):
        details.tradingSessions()


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("E-mini ", "Nestl\u00e9", ["Nestl\u00c3\u00a9S&P 500"]),  # as two bytes, so it fits
        ("S&P 500", "S&P 50\\", []),
    ],
)
async def test_b25_names_that_are_not_plain_are_garbled_or_lost(ib, wire, old, new, names):
    wire.rewrite(old.encode(), new.encode())
    details = await ib.reqContractDetailsAsync(UNQUALIFIED)

    assert [one.longName for one in details] == names


# --- B26 -----------------------------------------------------------------------------

INSERT, UPDATE, DELETE = range(3)


def row(req_id, position, operation, value=0.0, size=0):
    return (DEPTH, 1, req_id, position, operation, 1, value, size)


async def test_b26_a_row_that_is_inserted_replaces(ib, wire, es):
    ticker = ib.reqMktDepth(es)
    (req_id,) = ids(ib)
    wire.say(row(req_id, 0, INSERT, 101, 1), row(req_id, 1, INSERT, 99, 1))
    wire.say(row(req_id, 1, INSERT, 100, 1))

    assert [level.price for level in ticker.domBids] == [101, 100]  # and 99 is gone


async def test_b26_the_best_bid_comes_last(ib, wire, es):
    ticker = ib.reqMktDepth(es)
    (req_id,) = ids(ib)
    wire.say(row(req_id, 0, INSERT, 101, 1), row(req_id, 1, INSERT, 100, 1))
    wire.say(row(req_id, 0, DELETE), row(req_id, 0, INSERT, 102, 1))

    assert [level.price for level in ticker.domBids] == [100, 102]


async def test_b26_a_cancel_forgets_that_the_book_was_smart(ib, wire, es):
    ib.reqMktDepth(es, isSmartDepth=True)
    ib.cancelMktDepth(es)

    assert [fields[-1] for fields in wire.requests(11)] == ["0"]


# --- B27 -----------------------------------------------------------------------------


def bar(req_id, date, close):
    return (BAR_UPDATE, req_id, 1, date, 5000, close, 5001, 4999, 5000, 10)


def keep_up(ib, contract, **options):
    return ib.reqHistoricalDataAsync(
        contract, "", "1 D", "1 min", "TRADES", useRTH=False, keepUpToDate=True, **options
    )


async def test_b27_after_an_empty_answer_every_update_is_dropped(ib, wire, gateway, es):
    gateway.faults.ignore("ReqHistoricalData")
    waiting = asyncio.ensure_future(keep_up(ib, es))
    await asyncio.sleep(1)
    (req_id,) = ib.wrapper.reqId2Subscriber
    wire.say((17, req_id, "", "", 0))
    bars = await waiting
    wire.say(bar(req_id, "20260302 10:00:00 US/Eastern", 5000.5))

    assert list(bars) == []


@pytest.mark.parametrize("answer", ["refused", "none"])
async def test_b27_a_request_that_failed_stays_registered(ib, gateway, es, answer):
    if answer == "none":
        gateway.faults.ignore("ReqHistoricalData")
    else:
        gateway.faults.refuse("ReqHistoricalData", 162, "no data")
    bars = await keep_up(ib, es, timeout=5)

    assert list(bars) == []
    assert list(ib.wrapper.reqId2Subscriber.values()) == [bars]


async def test_b27_a_timeout_leaves_its_slots(ib, gateway, es):
    gateway.faults.ignore("ReqHistoricalData")
    await ib.reqHistoricalDataAsync(es, "", "1 D", "1 min", "TRADES", useRTH=False, timeout=5)

    assert len(ib.wrapper._futures) == len(ib.wrapper._results) == 1


async def test_b27_a_bar_with_another_kind_of_date_is_dropped(ib, wire, gateway, caplog):
    bars = await keep_up(ib, future(gateway))
    before = list(bars)
    wire.say(bar(bars.reqId, "20260303", 5000.5))

    assert isinstance(before[-1].date, dt.datetime)
    assert "TypeError: " in caplog.text
    assert list(bars) == before
    ib.cancelHistoricalData(bars)


# --- B28 -----------------------------------------------------------------------------


async def test_b28_unset_is_a_number(ib, wire):
    pnl = ib.reqPnL("DU1000001")
    (req_id,) = ib.wrapper.reqId2PnL
    wire.say((94, req_id, "1.7976931348623157E308", "", ""))

    assert pnl.dailyPnL > 1e308
    ib.cancelPnL("DU1000001")


async def test_b28_a_second_subscription_is_an_assertion_error(ib, gateway):
    gateway.faults.refuse("ReqPnL", 321, "no")
    ib.reqPnL("DU1000001")
    await asyncio.sleep(1)  # not even after an error

    with pytest.raises(AssertionError):
        ib.reqPnL("DU1000001")


# --- B29 -----------------------------------------------------------------------------


async def test_b29_what_was_asked_for_is_never_forgotten(ib, gateway):
    es = future(gateway)
    for _ in range(100):
        ib.reqMktData(es)
        ib.cancelMktData(es)
    await asyncio.sleep(10)
    await ib.reqTickersAsync(*[es] * 20)

    assert len(ib.wrapper.reqId2Ticker) == 120
    assert len(ib.tickers()) == 1


async def test_b29_the_log_of_an_order_grows(ib, gateway):
    trade = ib.placeOrder(future(gateway), LimitOrder("BUY", 1, 4000))
    for _ in range(50):
        ib.placeOrder(trade.contract, trade.order)
        await asyncio.sleep(0.1)

    assert len(trade.log) > 100
