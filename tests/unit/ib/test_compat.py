"""Canaries: each says what ib_async 2.1 does that `_compat` leans on, and fails when it changes."""

import asyncio
import inspect
from types import SimpleNamespace

import ib_async
import pytest
from eventkit import Event
from ib_async import Contract, Execution, Future, util
from ib_async.client import Client
from ib_async.wrapper import Wrapper

from ibkit._ib import _compat as compat

ES = Future("ES", "202603", "CME")


def test_the_version_is_the_one_that_this_was_written_for():
    assert ib_async.__version__.startswith("2.1.")
    assert compat.is_pinned_version()


# --- the connection ---------------------------------------------------------------


async def test_ready_follows_the_login(tws):
    assert not compat.is_ready(tws.ib)
    assert compat.server_version(tws.ib) == 0
    assert not compat.has_transport(tws.ib)
    await compat.log_in(tws.ib, "127.0.0.1", 7497, 5)

    assert compat.is_ready(tws.ib)
    assert compat.server_version(tws.ib) == 178
    assert compat.accounts(tws.ib) == ("DU1",)
    assert compat.address(tws.ib) == ("127.0.0.1", 7497, 5)
    assert compat.has_transport(tws.ib)


async def test_messages_are_counted(connected):
    tws = await connected()
    before = compat.received(tws.ib)
    tws.send(49, 1, 0)
    await asyncio.sleep(0.1)

    assert compat.received(tws.ib) == before + 1


async def test_the_queue_of_ib_async_can_be_seen(connected):
    tws = await connected()
    assert compat.backlog(tws.ib) == 0
    for _ in range(100):
        tws.ib.client.reqMarketDataType(1)

    # the login was one of 45
    assert compat.backlog(tws.ib) == 100 - 44


def test_the_oldest_server_that_ib_async_speaks_to():
    assert compat.OLDEST_SERVER == Client.MinClientVersion == 157


async def test_a_half_done_login_cannot_be_disconnected_by_ib_async(tws):
    tws.stop_at = "login"
    logging_in = asyncio.ensure_future(compat.log_in(tws.ib, "127.0.0.1", 7497, 5))
    await asyncio.sleep(0.1)
    with pytest.raises(ConnectionError, match="Not connected"):
        tws.ib.disconnect()
    compat.hang_up(tws.ib)
    await asyncio.sleep(0.1)

    assert tws.transport.closed
    assert not compat.has_transport(tws.ib)
    logging_in.cancel()


async def test_a_wanted_and_a_lost_end_are_one_event_in_ib_async(connected):
    tws = await connected()
    ended = []
    tws.ib.disconnectedEvent += lambda: ended.append(1)
    tws.hang_up()
    await asyncio.sleep(0.1)
    assert ended == [1]
    await connected()
    tws.ib.disconnect()

    assert ended == [1, 1]


async def test_a_call_of_disconnect_is_heard_connected_or_not(connected):
    tws = await connected()
    calls = []
    undo = compat.before_disconnect(tws.ib, lambda: calls.append(compat.is_ready(tws.ib)))
    assert "Disconnecting" in tws.ib.disconnect()
    assert tws.ib.disconnect() is None
    with tws.ib:
        pass
    undo()
    tws.ib.disconnect()

    assert calls == [True, False, False]


async def test_a_pending_request_is_ended_by_a_lost_connection_only(connected):
    tws = await connected()
    lost = tws.ib.reqContractDetailsAsync(ES)
    tws.hang_up()
    await asyncio.sleep(0.1)
    assert isinstance(lost.exception(), ConnectionError)
    await connected()
    wanted = tws.ib.reqContractDetailsAsync(ES)
    tws.ib.disconnect()
    await asyncio.sleep(0.1)

    assert not wanted.done()


async def test_events_of_the_client(tws):
    events = compat.connection_events(tws.ib)
    seen = []
    for name, event in events._asdict().items():
        event.connect(lambda *args, name=name: seen.append((name, *args)))
    await compat.log_in(tws.ib, "127.0.0.1", 7497, 5)
    assert {name for name, *_ in seen} == {"data"}
    seen.clear()
    tws.hang_up()
    await asyncio.sleep(0.1)

    assert seen == [("failed", "Peer closed connection."), ("ended",), ("lost", "")]


async def test_an_old_server_is_told_by_an_event_while_its_version_is_known(tws):
    tws.version = 156
    seen = []
    tws.ib.client.apiError += lambda _: seen.append(compat.server_version(tws.ib))
    logging_in = asyncio.ensure_future(compat.log_in(tws.ib, "127.0.0.1", 7497, 5))
    await asyncio.sleep(0.1)

    assert seen == [156]
    logging_in.cancel()


def test_keeping_alive_sets_the_socket(ib):
    options = []
    sock = SimpleNamespace(setsockopt=lambda *args: options.append(args))
    ib.client.conn.transport = SimpleNamespace(get_extra_info=lambda _: sock)
    compat.keep_alive(ib)
    ib.client.conn.transport = None
    compat.keep_alive(ib)

    assert len(options) >= 1


# --- requests -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "slot"),
    [
        (lambda ib: ib.reqPositionsAsync(), "positions"),
        (lambda ib: ib.reqOpenOrdersAsync(), "openOrders"),
        (lambda ib: ib.reqAllOpenOrdersAsync(), "openOrders"),
        (lambda ib: ib.reqCompletedOrdersAsync(False), "completedOrders"),
        (lambda ib: ib.reqAccountUpdatesAsync("DU1"), "accountValues"),
        (lambda ib: ib.reqCurrentTimeAsync(), "currentTime"),
        (lambda ib: ib.reqMktDepthExchangesAsync(), "mktDepthExchanges"),
    ],
)
async def test_answers_without_an_id_have_these_names(connected, ask, slot):
    tws = await connected()
    future = ask(tws.ib)

    assert compat.occupant(tws.ib, slot) is future is compat.holder(tws.ib, slot)
    assert slot in tws.ib.wrapper._results
    compat.close_slot(tws.ib, slot)
    assert compat.holder(tws.ib, slot) is None


async def test_market_rules_have_a_name_each(connected):
    tws = await connected()
    asking = asyncio.ensure_future(tws.ib.reqMarketRuleAsync(26))
    await asyncio.sleep(0)

    assert compat.occupant(tws.ib, "marketRule-26")
    asking.cancel()


async def test_an_opened_slot_gets_rows_and_end(connected, details_row):
    tws = await connected()
    future = asyncio.get_running_loop().create_future()
    rows = []
    compat.open_slot(tws.ib, 7, future, rows, ES)
    tws.send(*details_row(7))
    tws.send(52, 1, 7)

    assert await future is rows
    assert len(rows) == 1
    assert tws.ib.wrapper._futures == tws.ib.wrapper._results == {}
    assert tws.ib.wrapper._reqId2Contract == {}


async def test_the_codes_that_ib_async_swallows(connected):
    tws = await connected()
    left = set()
    for code in [*range(600), *range(1100, 1103), *range(2095, 2210), *range(10000, 10360)]:
        future = asyncio.get_running_loop().create_future()
        compat.open_slot(tws.ib, code, future, [], None)
        tws.ib.wrapper.error(code, code, "", "")
        if not future.done():
            left.add(code)

    # 110 alone ends the request of a what-if
    assert left == compat.SWALLOWED - {110}


async def test_executions_in_a_closed_slot_would_count_as_live(connected):
    tws = await connected()
    live = []
    tws.ib.execDetailsEvent += lambda _trade, fill: live.append(fill.execution.execId)
    trade = tws.ib.placeOrder(Contract(conId=1), ib_async.LimitOrder("BUY", 1, 5000))

    def execution(exec_id):
        return Execution(
            execId=exec_id, orderId=trade.order.orderId, clientId=1, time=tws.ib.wrapper.lastTime
        )

    compat.drain_slot(tws.ib, 500)
    tws.ib.wrapper.execDetails(500, trade.contract, execution("drained"))
    tws.ib.wrapper.execDetailsEnd(500)
    tws.ib.wrapper.execDetails(501, trade.contract, execution("closed"))

    assert live == ["closed"]
    assert 500 not in tws.ib.wrapper._futures
    assert 500 not in tws.ib.wrapper._results


def test_a_sink_keeps_nothing():
    sink = compat.Sink()
    sink.append(1)
    sink += [2]

    assert sink == []


async def test_ids_are_handed_out_in_order(connected):
    tws = await connected()

    assert [compat.new_id(tws.ib) for _ in range(3)] == [1, 2, 3]


# --- events --------------------------------------------------------------------------


def test_errors_of_handlers_can_be_caught_on_many_events_at_once():
    lost = []
    slot = compat.error_slot(lambda event, error: lost.append((event.name(), type(error))))
    for name in ("one", "other"):
        event = Event(name)
        compat.catch_errors(event, slot)
        event += lambda: 1 / 0
        event.emit()

    assert lost == [("one", ZeroDivisionError), ("other", ZeroDivisionError)]


# --- messages ------------------------------------------------------------------------


async def test_the_decoder_looks_its_methods_up_at_each_message(connected, details_row):
    tws = await connected()
    heard = []
    names = {
        "error": [4, 2, -1, 2104, "x", ""],
        "positionEnd": [62, 1],
        "orderStatus": [3, 5, "Submitted", 0, 1, 0, 9, 0, 0, 1, "", 0],
        "contractDetails": details_row(7),
        "commissionReport": [59, 1, "e.01", 1, "USD", 0, 0, 0],
    }
    for name in names:
        compat.intercept(tws.ib, name, lambda *_, name=name: heard.append(name) or True)
    for fields in names.values():
        tws.send(*fields)
    await asyncio.sleep(0.1)

    assert heard == list(names)


def test_messages_are_taken_before_they_are_read_and_the_decoder_is_given_back(ib):
    handlers = ib.client.decoder.handlers
    original, passed, heard = handlers[17], [], []
    handlers[17] = theirs = passed.append
    first = compat.intercept_message(ib, 17, lambda fields: heard.append(fields) or True)
    second = compat.intercept_message(ib, 17, lambda _: False)
    handlers[17](["17", "1"])
    first()
    handlers[17](["17", "2"])
    above = handlers[17] = lambda fields: None
    second()

    assert (heard, passed) == ([["17", "1"]], [["17", "2"]])
    assert handlers[17] is above  # somebody has built upon it
    third = compat.intercept_message(ib, 17, lambda _: True)
    third()
    assert handlers[17] is above
    assert theirs is not original


def test_a_listener_alone_leaves_the_decoder_as_it_was(ib):
    original = ib.client.decoder.handlers[17]
    compat.intercept_message(ib, 17, lambda _: True)()

    assert ib.client.decoder.handlers[17] == original


def test_what_is_consumed_goes_no_further(ib):
    passed = []
    ib.positionEvent += lambda position: passed.append(position.position)
    first = compat.intercept(ib, "position", lambda *fields: fields[2] == 1)
    compat.intercept(ib, "position", lambda *_: False)
    ib.wrapper.position("DU1", Contract(conId=1), 1.0, 0.0)
    ib.wrapper.position("DU1", Contract(conId=1), 2.0, 0.0)
    first()
    ib.wrapper.position("DU1", Contract(conId=1), 1.0, 0.0)

    assert passed == [2.0, 1.0]


METHODS = {
    "error": 4,
    "openOrder": 4,
    "openOrderEnd": 0,
    "orderStatus": 11,
    "execDetails": 3,
    "commissionReport": 1,
    "completedOrder": 3,
    "position": 4,
    "accountSummary": 5,
    "accountUpdateMulti": 6,
}


@pytest.mark.parametrize("name", METHODS)
def test_the_messages_we_listen_to_have_their_fields(name):
    parameters = inspect.signature(getattr(Wrapper, name)).parameters

    assert len(parameters) - 1 == METHODS[name]


async def test_the_time_of_an_execution_stands_here(connected):
    tws = await connected()
    seen = []
    undo = compat.rewrite_execution_times(tws.ib, lambda text: seen.append(text) or text)
    row = [11, -1, 5, 1, "ES", "FUT", "20260320", 0, "", 50, "CME", "USD", "ESH6", "ES", "e.01"]
    row += ["20260105 09:30:00 US/Eastern", "DU1", "CME", "BOT", 1, 5000, 9, 1, 0, 1, 5000]
    row += ["", "", "", "", 1, 0]
    tws.send(*row)
    await asyncio.sleep(0.1)
    undo()
    tws.send(*row)
    await asyncio.sleep(0.1)

    assert seen == ["20260105 09:30:00 US/Eastern"]


async def test_ib_async_asks_for_a_summary_at_each_1102(connected):
    tws = await connected()
    tws.error(-1, 1102)
    await asyncio.sleep(0.1)
    assert len(tws.asked(62)) == 1
    undo = compat.keep_one_summary(tws.ib)
    tws.error(-1, 1102)
    await asyncio.sleep(0.1)
    assert len(tws.asked(62)) == 1
    undo()
    tws.error(-1, 1102)
    await asyncio.sleep(0.1)

    assert len(tws.asked(62)) == 2


def test_blocking_calls_run_on_one_loop():
    asyncio.set_event_loop(None)

    assert compat.blocking_loop() is compat.blocking_loop() is util.getLoop()


async def test_inside_a_loop_it_is_that_one():
    assert compat.blocking_loop() is asyncio.get_running_loop()


# --- what is held -----------------------------------------------------------------


def test_what_is_held_is_found_by_key(ib):
    es = Contract(conId=1, symbol="ES")
    ib.wrapper.position("DU1", es, 2.0, 1.0)
    ib.wrapper.updatePortfolio(es, 2.0, 5.0, 10.0, 1.5, 0.5, 0.0, "DU1")
    ib.wrapper.updateAccountValue("NetLiquidation", "100", "USD", "DU1")

    assert compat.position(ib, "DU1", 1) is ib.positions("DU1")[0]
    assert compat.portfolio_item(ib, "DU1", 1) is ib.portfolio("DU1")[0]
    assert compat.account_value(ib, "DU1", "NetLiquidation", "USD") is ib.accountValues("DU1")[0]
    assert compat.position(ib, "DU2", 1) is compat.portfolio_item(ib, "DU2", 1) is None
    assert compat.account_value(ib, "DU1", "NetLiquidation", "EUR") is None
    assert compat.account_tag(ib, "DU1", "NetLiquidation") is ib.accountValues("DU1")[0]
    assert compat.account_tag(ib, "DU2", "NetLiquidation") is None


def test_a_position_that_tws_leaves_out_stays_in_ib_async(ib):
    es, nq = Contract(conId=1), Contract(conId=2)
    ib.wrapper.position("DU1", es, 2.0, 1.0)
    ib.wrapper.position("DU1", nq, 1.0, 1.0)
    before = ib.positions()
    ib.wrapper.position("DU1", nq, 3.0, 1.0)
    assert len(ib.positions()) == 2
    compat.drop_positions(ib, before)

    assert [(p.contract.conId, p.position) for p in ib.positions()] == [(2, 3.0)]
