"""What users get. For each trap one test in two halves: bare ib_async falls in, ibkit does not."""

import asyncio
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from ib_async import (
    ExecutionFilter,
    Future,
    LimitOrder,
    Order,
    OrderState,
)

from ibkit._ib._requests import Requests
from ibkit.errors import (
    ConnectionLost,
    GatewayError,
    NotConnected,
    PacingViolation,
    PlanError,
    RequestTimeout,
)

ES = Future("ES", "202603", "CME")
PACING = "Historical Market Data Service error message:API historical data query pacing violation"
UNSET = "1.7976931348623157E308"


@pytest.fixture
def requests(ib):
    requests = Requests(ib)
    yield requests
    requests.close()


async def hangs(awaitable, seconds=3600.0):
    """Whether nothing comes for an hour."""
    done, _ = await asyncio.wait([asyncio.ensure_future(awaitable)], timeout=seconds)
    return not done


def leftovers(ib):
    wrapper = ib.wrapper
    return set(wrapper._futures) | set(wrapper._results) | set(wrapper._reqId2Contract)


# --- answers ---------------------------------------------------------------------


async def test_contract_details(requests, connected, details_row):
    tws = await connected()
    tws.replies[9] = lambda f: [details_row(f[2], 1), details_row(f[2], 2), [52, 1, f[2]]]
    found = await requests.contract_details_async(ES)

    assert [d.contract.conId for d in found] == [1, 2]
    assert leftovers(tws.ib) == set()


async def test_matching_symbols(requests, connected):
    tws = await connected()
    tws.replies[81] = lambda f: [[79, f[1], 1, 265598, "AAPL", "STK", "NASDAQ", "USD", 0, "", ""]]
    found = await requests.matching_symbols_async("AAPL")

    assert found[0].contract.conId == 265598


async def test_market_rule(requests, connected):
    tws = await connected()
    tws.replies[91] = lambda f: [[93, f[1], 2, 0, 0.05, 10, 0.25]]
    found = await requests.market_rule_async(26)

    assert [(row.lowEdge, row.increment) for row in found] == [(0, 0.05), (10, 0.25)]


async def test_option_chains(requests, connected):
    tws = await connected()
    chain = ["CBOE", 265598, "AAPL", 100, 1, "20260320", 2, 200, 210]
    tws.replies[78] = lambda f: [[75, f[1], *chain], [76, f[1]]]
    found = await requests.option_chains_async("AAPL", "STK", 265598)

    assert found[0].strikes == [200.0, 210.0]
    assert tws.asked(78) == [["78", "1", "AAPL", "", "STK", "265598"]]


async def test_depth_exchanges(requests, connected):
    tws = await connected()
    tws.replies[82] = lambda _: [[80, 1, "CME", "FUT", "", "Deep", 1]]
    found = await requests.depth_exchanges_async()

    assert found[0].exchange == "CME"


async def test_the_current_time(requests, connected):
    await connected()

    assert await requests.current_time_async() == datetime.fromtimestamp(1767607200, timezone.utc)


async def test_nothing_is_an_empty_list(requests, connected):
    await connected()

    assert await requests.positions_async() == []
    assert await requests.open_orders_async() == []
    assert await requests.all_open_orders_async() == []
    assert await requests.completed_orders_async() == []
    assert await requests.executions_async(ExecutionFilter(symbol="ES")) == []


async def test_positions(requests, connected):
    tws = await connected()
    row = [61, 3, "DU1", 1, "ES", "FUT", "20260320", 0, "", 50, "", "USD", "ESH6", "ES", 2, 250000]
    tws.replies[61] = lambda _: [row, [62, 1]]
    found = await requests.positions_async()

    assert [(p.contract.localSymbol, p.position) for p in found] == [("ESH6", 2.0)]


async def test_the_account_summary_is_cancelled_after_its_end(requests, connected):
    tws = await connected()
    tws.replies[62] = lambda f: [
        [63, 1, f[2], "DU1", "NetLiquidation", "100000", "USD"],
        [64, 1, f[2]],
    ]
    found = await requests.account_summary_async()
    await asyncio.sleep(0.01)

    assert [(v.tag, v.value) for v in found] == [("NetLiquidation", "100000")]
    assert tws.asked(63) == [["63", "1", tws.asked(62)[0][2]]]


async def test_account_values_of_a_model(requests, connected):
    tws = await connected()
    tws.replies[76] = lambda f: [
        [73, 1, f[2], "DU1", "M", "NetLiquidation", "5", "USD"],
        [74, 1, f[2]],
    ]
    found = await requests.account_values_async("DU1", model="M")
    await asyncio.sleep(0.01)

    assert [(v.modelCode, v.value) for v in found] == [("M", "5")]
    assert len(tws.asked(77)) == 1


async def test_account_updates(requests, connected):
    tws = await connected()
    tws.replies[6] = lambda f: [
        [6, 2, "NetLiquidation", "100000", "USD", f[3]],
        [54, 1, f[3]],
    ]
    updates = await requests.account_updates_async("DU1")

    assert [(v.tag, v.value) for v in updates.values] == [("NetLiquidation", "100000")]
    assert updates.portfolio == []


async def test_historical_bars_come_in_utc(requests, connected):
    tws = await connected()
    bar = [1767607200, 10, 12, 9, 11, 100, 10.5, 7]
    tws.replies[20] = lambda f: [[17, f[1], "a", "b", 1, *bar]]
    end = datetime(2026, 1, 5, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    found = await requests.historical_bars_async(ES, "1 D", "1 min", end=end)

    assert found[0].date == datetime(2026, 1, 5, 10, 0, tzinfo=timezone.utc)
    assert found[0].close == 11
    assert "20260105 09:00:00 UTC" in tws.asked(20)[0]


async def test_bars_in_a_zone_that_nobody_knows_are_an_error_and_no_guess(requests, connected):
    tws = await connected()
    bar = ["20260105 09:30:00 Nowhere", 10, 12, 9, 11, 100, 10.5, 7]
    tws.replies[20] = lambda f: [[17, f[1], "a", "b", 1, *bar]]

    theirs = await tws.ib.reqHistoricalDataAsync(ES, "", "1 D", "1 min", "TRADES", True)
    assert list(theirs) == []  # after a minute: the same as if there were none
    with pytest.raises(GatewayError, match=r"cannot be read.*Nowhere"):
        await requests.historical_bars_async(ES, "1 D", "1 min")
    assert 2 not in leftovers(tws.ib)


async def test_bars_that_somebody_else_asked_for_go_to_ib_async(requests, connected):
    tws = await connected()
    bar = [1767607200, 10, 12, 9, 11, 100, 10.5, 7]
    tws.replies[20] = lambda f: [[17, f[1], "a", "b", 1, *bar]]
    theirs = await tws.ib.reqHistoricalDataAsync(ES, "", "1 D", "1 min", "TRADES", True)
    ours = await requests.historical_bars_async(ES, "1 D", "1 min")

    assert list(ours) == list(theirs)


async def test_a_time_without_a_zone_is_refused_before_anything_is_sent(requests, connected):
    tws = await connected()

    with pytest.raises(PlanError, match="a time needs a zone"):
        await requests.historical_bars_async(
            ES,
            "1 D",
            "1 min",
            end=datetime(2026, 1, 5),  # noqa: DTZ001 - that is the point
        )
    assert tws.sent == []


async def test_the_schedule(requests, connected):
    tws = await connected()
    session = ["20260105-08:30:00", "20260105-15:15:00", "20260105"]
    tws.replies[20] = lambda f: [[106, f[1], "a", "b", "US/Central", 1, *session]]
    found = await requests.historical_schedule_async(ES, 1)

    assert found.sessions[0].refDate == "20260105"


async def test_the_head_timestamp_is_cancelled_after_its_answer(requests, connected):
    tws = await connected()
    tws.replies[87] = lambda f: [[88, f[1], "1767607200"]]
    found = await requests.head_timestamp_async(ES)
    await asyncio.sleep(0.01)

    assert found == datetime(2026, 1, 5, 10, 0, tzinfo=timezone.utc)
    assert tws.asked(90) == [["90", "1"]]


async def test_historical_ticks(requests, connected):
    tws = await connected()
    tick = [1767607200, 0, 11.25, 3, "CME", ""]
    tws.replies[96] = lambda f: [[98, f[1], 1, *tick, 1]]
    found = await requests.historical_ticks_async(
        ES, "TRADES", start=datetime(2026, 1, 5, tzinfo=timezone.utc)
    )

    assert [(t.price, t.size) for t in found] == [(11.25, 3)]


# --- no connection -----------------------------------------------------------------


async def test_asking_without_a_connection(requests):
    with pytest.raises(NotConnected, match="positions: not connected; nothing was sent"):
        await requests.positions_async()


# --- B12: codes that end nothing -----------------------------------------------------


@pytest.mark.parametrize("code", [321, 399, 165, 10167, 434, 2109, 2199])
async def test_a_code_that_ib_async_swallows_ends_the_request(requests, connected, code):
    tws = await connected()
    tws.replies[9] = lambda f: [[4, 2, f[2], code, "a text", ""]]

    assert await hangs(tws.ib.reqContractDetailsAsync(ES))
    with pytest.raises(GatewayError, match=f"contract details of .*ES.*error {code}: a text"):
        await requests.contract_details_async(ES, timeout=60)


async def test_a_doubtful_code_waits_for_an_answer_that_still_comes(
    requests, connected, details_row
):
    tws = await connected()
    tws.replies[9] = lambda f: [
        [4, 2, f[2], 399, "a text", ""],
        details_row(f[2]),
        [52, 1, f[2]],
    ]

    assert len(await requests.contract_details_async(ES)) == 1


async def test_a_mere_warning_does_not_shorten_the_deadline(requests, connected):
    tws = await connected()
    bar = [1767607200, 10, 12, 9, 11, 100, 10.5, 7]
    loop = asyncio.get_running_loop()

    def slowly(fields):
        loop.call_later(30, tws.send, 17, fields[1], "a", "b", 1, *bar)
        return [[4, 2, fields[1], 2174, "a zone is missing", ""]]

    tws.replies[20] = slowly

    assert len(await requests.historical_bars_async(ES, "1 D", "1 min")) == 1


async def test_the_warning_is_told_when_the_deadline_passes(requests, connected):
    tws = await connected()
    tws.replies[20] = lambda f: [[4, 2, f[1], 2174, "a zone is missing", ""]]

    with pytest.raises(RequestTimeout, match="2174: a zone is missing"):
        await requests.historical_bars_async(ES, "1 D", "1 min")


# --- B13: the end of the connection ----------------------------------------------------


async def test_a_wanted_disconnect_ends_what_is_pending(requests, connected):
    tws = await connected()
    bare = asyncio.ensure_future(hangs(tws.ib.reqContractDetailsAsync(ES)))
    ours = asyncio.ensure_future(requests.contract_details_async(ES))
    await asyncio.sleep(0.1)
    tws.ib.disconnect()

    with pytest.raises(ConnectionLost, match="contract details"):
        await asyncio.wait_for(ours, 1)
    assert await bare


async def test_a_peers_hang_up_ends_what_is_pending(requests, connected):
    tws = await connected()
    tws.silent = {61}
    ours = asyncio.ensure_future(requests.positions_async())
    await asyncio.sleep(0.1)
    tws.hang_up()

    with pytest.raises(ConnectionLost, match="positions"):
        await asyncio.wait_for(ours, 1)


async def test_requests_that_still_wait_for_their_turn_end_too(requests, connected):
    tws = await connected()
    ours = [
        asyncio.ensure_future(requests.contract_details_async(Future("ES", str(month))))
        for month in range(60)
    ]
    await asyncio.sleep(0.1)
    tws.ib.disconnect()
    results = await asyncio.wait_for(asyncio.gather(*ours, return_exceptions=True), 1)

    assert len(tws.asked(9)) == 35
    assert {type(result) for result in results} == {ConnectionLost}


# --- B14: one slot per nameless request ---------------------------------------------------


async def test_two_that_ask_the_same_at_once_both_get_the_answer(requests, connected):
    tws = await connected()
    tws.replies[91] = lambda f: [[93, f[1], 1, 0, 0.25]]
    bare = await asyncio.gather(*(tws.ib.reqMarketRuleAsync(26) for _ in range(2)))
    tws.sent.clear()
    ours = await asyncio.gather(*(requests.market_rule_async(26) for _ in range(2)))

    assert [result is None for result in bare] == [True, False]
    assert ours[0] == ours[1] != []
    assert ours[0] is not ours[1]
    assert len(tws.asked(91)) == 1


async def test_open_orders_of_this_client_and_of_all_wait_for_each_other(requests, connected):
    tws = await connected()
    tws.silent = {5, 16}
    bare = asyncio.ensure_future(hangs(tws.ib.reqOpenOrdersAsync(), 5))
    other = asyncio.ensure_future(tws.ib.reqAllOpenOrdersAsync())
    await asyncio.sleep(0.1)
    tws.send(53, 1)
    tws.send(53, 1)

    assert await bare
    assert await other == []
    tws.sent.clear()
    own = asyncio.ensure_future(requests.open_orders_async())
    everybody = asyncio.ensure_future(requests.all_open_orders_async())
    await asyncio.sleep(0.1)
    assert tws.numbers() == [5]
    tws.send(53, 1)
    await asyncio.sleep(0.1)
    assert tws.numbers() == [5, 16]
    tws.send(53, 1)
    assert await asyncio.gather(own, everybody) == [[], []]


# --- B15, B16: what a timeout leaves, and errors as empty values ---------------------------


async def test_after_a_timeout_nothing_is_left(requests, connected):
    tws = await connected()
    tws.silent = {5, 61}

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(tws.ib.reqOpenOrdersAsync(), 4)
    assert leftovers(tws.ib) == {"openOrders"}
    tws.ib.wrapper.reset()
    with pytest.raises(RequestTimeout, match="no answer to open orders within 4 s"):
        await requests.open_orders_async(timeout=4)
    with pytest.raises(RequestTimeout):
        await requests.positions_async(timeout=4)
    assert leftovers(tws.ib) == set()


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (200, "No security definition has been found for the request", GatewayError),
        (162, "Historical Market Data Service error message:no data", GatewayError),
        (162, PACING, PacingViolation),
        (77777, "never heard of", GatewayError),
    ],
)
async def test_an_error_is_an_error_and_not_an_empty_list(requests, connected, code, text, kind):
    tws = await connected()
    tws.replies[20] = lambda f: [[4, 2, f[1], code, text, ""]]
    bare = await tws.ib.reqHistoricalDataAsync(ES, "", "1 D", "1 min", "TRADES", False)
    with pytest.raises(kind) as caught:
        await requests.historical_bars_async(ES, "1 D", "1 min")

    assert len(bare) == 0
    assert (caught.value.code, caught.value.text) == (code, text)
    assert "1 D of 1 min TRADES bars until now of Future(symbol='ES'" in str(caught.value)
    assert caught.value.req_id == int(tws.asked(20)[-1][1])


@pytest.mark.parametrize("raises", [False, True])
async def test_errors_leave_nothing_behind(requests, connected, raises):
    tws = await connected()
    tws.ib.RaiseRequestErrors = raises
    tws.replies[9] = lambda f: [[4, 2, f[2], 200, "no", ""]]

    with pytest.raises(GatewayError):
        await requests.contract_details_async(ES)
    assert leftovers(tws.ib) == set()


async def test_the_users_error_event_still_names_the_contract(requests, connected):
    tws = await connected()
    heard = []
    tws.ib.errorEvent += lambda *args: heard.append(args)
    tws.replies[9] = lambda f: [[4, 2, f[2], 200, "no", ""]]

    with pytest.raises(GatewayError):
        await requests.contract_details_async(ES)
    assert heard == [(1, 200, "no", ES)]


async def test_a_market_rule_that_is_unknown_is_an_error(requests, connected):
    tws = await connected()
    tws.silent = {61}
    pending = asyncio.ensure_future(requests.positions_async())
    tws.replies[91] = lambda _: [[4, 2, -1, 124, "No market rule is available", ""]]

    assert await tws.ib.reqMarketRuleAsync(999) is None
    with pytest.raises(GatewayError, match="market rule 999: error 124"):
        await requests.market_rule_async(999)
    assert not pending.done()
    pending.cancel()


# --- B18: what-if -------------------------------------------------------------------------


async def preview(tws, requests, *states, error=None):
    """Ask for a preview; TWS answers with these (margin change, commission) states."""

    def answer(fields):
        order_id = int(fields[1])
        for margin, commission in states:
            state = OrderState(
                status="PreSubmitted", initMarginChange=margin, commission=float(commission)
            )
            order = Order(orderId=order_id, whatIf=True)
            tws.ib.wrapper.openOrder(order_id, ES, order, state)
        return [[4, 2, order_id, *error, ""]] if error else []

    tws.replies[3] = answer
    return await requests.what_if_async(ES, LimitOrder("BUY", 1, 5000, parentId=7), timeout=60)


async def test_a_what_if_gives_numbers(requests, connected):
    tws = await connected()
    found = await preview(tws, requests, ("12855.55", "2.25"))

    assert found.init_margin_change == Decimal("12855.55")
    assert found.commission == Decimal("2.25")
    assert found.equity_change is None
    assert found.rejection == ""


@pytest.mark.parametrize("margin", [UNSET, ""])
async def test_a_what_if_without_a_margin_ends(requests, connected, margin):
    tws = await connected()
    found = await preview(tws, requests, (margin, UNSET))

    assert found.init_margin_change is None
    assert found.commission is None


async def test_bare_ib_async_hangs_on_a_what_if_without_a_margin(connected):
    tws = await connected()

    def answer(fields):
        order = Order(orderId=int(fields[1]), whatIf=True)
        tws.ib.wrapper.openOrder(order.orderId, ES, order, OrderState(initMarginChange=UNSET))
        return []

    tws.replies[3] = answer

    assert await hangs(tws.ib.whatIfOrderAsync(ES, LimitOrder("BUY", 1, 5000)))


async def test_the_last_state_of_a_what_if_counts(requests, connected):
    tws = await connected()
    found = await preview(tws, requests, (UNSET, UNSET), ("100", "1"))

    assert found.init_margin_change == 100


async def test_a_what_if_that_would_be_rejected_gives_the_reason(requests, connected):
    tws = await connected()
    found = await preview(
        tws, requests, ("1093819889.17", UNSET), error=(201, "Order rejected - reason:MARGIN")
    )

    assert found.init_margin_change == Decimal("1093819889.17")
    assert found.rejection == "Order rejected - reason:MARGIN"


async def test_a_what_if_that_is_refused_at_once_is_an_error(requests, connected):
    tws = await connected()

    with pytest.raises(GatewayError, match=r"the preview of BUY 1 LMT of .*ES.*error 110"):
        await preview(tws, requests, error=(110, "The price does not conform"))


async def test_a_what_if_leaves_the_order_alone_and_sends_no_parent(requests, connected):
    tws = await connected()
    order = LimitOrder("BUY", 1, 5000, parentId=7, transmit=False)
    tws.replies[3] = lambda f: [[4, 2, f[1], 201, "no", ""]]
    with pytest.raises(GatewayError):
        await requests.what_if_async(ES, order)

    assert (order.parentId, order.transmit, order.whatIf, order.orderId) == (7, False, False, 0)
    assert tws.ib.trades() == []


# --- deadlines -----------------------------------------------------------------------------


async def test_a_long_answer_is_waited_for_as_long_as_rows_come(requests, connected, details_row):
    tws = await connected()
    loop = asyncio.get_running_loop()

    def slowly(fields):
        for index in range(6):
            loop.call_later(4 * index, tws.send, *details_row(fields[2], index))
        loop.call_later(24, tws.send, 52, 1, fields[2])
        return []

    tws.replies[9] = slowly

    assert len(await requests.contract_details_async(ES, timeout=5)) == 6


async def test_whoever_waits_has_a_deadline_of_his_own(requests, connected):
    tws = await connected()
    tws.silent = {61}
    asyncio.get_running_loop().call_later(5, tws.send, 62, 1)
    short = asyncio.ensure_future(requests.positions_async(timeout=1))
    long = asyncio.ensure_future(requests.positions_async(timeout=20))

    with pytest.raises(RequestTimeout, match="within 1 s"):
        await short
    assert await long == []
    assert tws.numbers() == [61]


async def test_a_cancelled_caller_takes_his_question_back(requests, connected):
    tws = await connected()
    asking = asyncio.ensure_future(requests.historical_bars_async(ES, "1 D", "1 min"))
    await asyncio.sleep(0.1)
    asking.cancel()
    await asyncio.sleep(0.1)

    assert tws.numbers() == [20, 25]
    assert leftovers(tws.ib) == set()


# --- B35: other threads ------------------------------------------------------------------


async def test_another_thread_is_told_where_to_ask(requests, connected):
    tws = await connected()
    assert await requests.positions_async() == []
    asked = len(tws.sent)

    def ask_there():
        with pytest.raises(PlanError, match="run_coroutine_threadsafe"):
            asyncio.run(requests.positions_async())

    await asyncio.get_running_loop().run_in_executor(None, ask_there)
    assert len(tws.sent) == asked


def test_a_new_session_may_live_on_another_loop(requests, connected, tws):
    async def session():
        await connected()
        result = await requests.positions_async()
        tws.ib.disconnect()
        await asyncio.sleep(0.01)
        return result

    assert asyncio.run(session()) == asyncio.run(session()) == []


# --- what belongs to no request ---------------------------------------------------------------


async def test_other_messages_are_notices(requests, connected):
    tws = await connected()
    heard = []
    requests.notices += heard.append
    tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
    tws.error(500, 10349, "Order TIF was set to DAY based on order preset.")
    await asyncio.sleep(0.1)

    assert [(n.code, n.req_id, n.meaning) for n in heard] == [
        (2104, -1, "a market data farm is connected"),
        (10349, 500, "the time in force was set to DAY by a preset; the order lives"),
    ]


async def test_closing_ends_everything_and_lets_go(ib, connected):
    requests = Requests(ib)
    tws = await connected()
    tws.silent = {61}
    asking = asyncio.ensure_future(requests.positions_async())
    await asyncio.sleep(0.1)
    requests.close()

    with pytest.raises(ConnectionLost, match="the requests were closed"):
        await asking
    assert len(ib.disconnectedEvent) == 0
