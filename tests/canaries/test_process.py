"""B30 to B40: what ib_async 2.1.0 makes of events, loops, threads and types."""

import asyncio
import datetime as dt
import gc
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import get_type_hints

import eventkit
import pytest
from eventkit import Event
from ib_async import (
    IB,
    ContFuture,
    Contract,
    ContractDetails,
    Future,
    Order,
    Watchdog,
    util,
)
from ib_async.client import Client


def typo(*_):
    raise ZeroDivisionError


# --- B30 -----------------------------------------------------------------------------


def test_b30_an_exception_in_a_handler_is_told_to_nobody(caplog):
    event = Event("fill")
    event += typo
    event.emit(1)

    assert caplog.records == []


async def test_b30_who_awaits_an_event_gets_the_exception_of_another_handler(virtual_time):
    event = Event("fill")
    event += typo
    virtual_time.call_later(1, event.emit, 1)

    with pytest.raises(ZeroDivisionError):
        await event


# --- B31 -----------------------------------------------------------------------------


def test_b31_a_coroutine_handler_never_runs_on_a_loop_that_the_policy_does_not_know():
    ran = []

    async def handler(value):
        ran.append(value)

    async def main():
        event = Event("fill")
        event += handler
        event.emit(1)
        await asyncio.sleep(0.01)

    loop, others = asyncio.new_event_loop(), asyncio.new_event_loop()
    asyncio.set_event_loop(others)
    try:
        loop.run_until_complete(main())
        assert ran == []
        others.run_until_complete(asyncio.sleep(0))  # the policy's loop; usually it never runs
        assert ran == [1]
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        others.close()


# --- B32 -----------------------------------------------------------------------------


async def test_b32_a_blocking_call_in_a_handler_is_half_executed(ib, gateway):
    errors, contract = [], Future("ES", "202603", "CME")

    def handler(*_):
        try:
            ib.qualifyContracts(contract)
        except RuntimeError as error:
            errors.append(str(error))

    ib.accountSummaryEvent += handler
    await ib.accountSummaryAsync()
    await asyncio.sleep(1)

    assert "already running" in errors[0]
    assert contract.conId != 0  # and yet it was done


# --- B33 -----------------------------------------------------------------------------


class Strategy:
    def __init__(self, seen):
        self.seen = seen

    def on_fill(self, fill):
        self.seen.append(fill)

    def __call__(self, fill):
        self.seen.append(fill)


@pytest.mark.parametrize("handler_of", [lambda strategy: strategy.on_fill, lambda own: own])
def test_b33_the_handler_of_a_temporary_is_dropped(handler_of):
    event, seen = Event("fill"), []
    event += handler_of(Strategy(seen))
    gc.collect()
    event.emit(1)

    assert (seen, len(event)) == ([], 0)


# --- B34 -----------------------------------------------------------------------------


def test_b34_the_loss_of_one_connection_ends_a_blocking_call_on_another(ib, gateway, virtual_time):
    other = IB()
    other.connect(clientId=2)
    virtual_time.call_later(1, gateway.faults.cut, 2)

    with pytest.raises(ConnectionError, match="Socket disconnect"):
        ib.sleep(5)
    assert ib.isConnected()


# --- B35 -----------------------------------------------------------------------------


def test_b35_any_thread_writes_to_the_socket():
    client, writers = IB().client, []
    client.connState = Client.CONNECTED
    client.conn.sendMsg = lambda _: writers.append(threading.current_thread())

    def send():
        asyncio.set_event_loop(loop)
        client.reqCurrentTime()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=send)
    thread.start()
    thread.join()
    loop.close()
    client.connState = Client.DISCONNECTED

    assert writers == [thread]


# --- B36 -----------------------------------------------------------------------------


def numpy_bool():
    return pytest.importorskip("numpy").bool_(True)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (numpy_bool, "True"),
        (lambda: float("nan"), "nan"),
        (lambda: 0.1 + 0.2, "0.30000000000000004"),
        (lambda: 1e-05, "1e-05"),
        (lambda: Decimal("1E+2"), "1E+2"),
    ],
)
async def test_b36_numbers_go_as_python_writes_them(ib, wire, make, text):
    ib.client.send(9, make())

    assert wire.sent[-1] == ["9", text]


@pytest.fixture
def tokyo(monkeypatch):
    """A machine in Japan."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of Windows cannot be changed")
def test_b36_a_naive_time_means_the_zone_of_the_machine(tokyo):
    noon = dt.datetime(2026, 3, 2, 12)  # noqa: DTZ001 - naive on purpose

    assert util.formatIBDatetime(noon) == "20260302 03:00:00 UTC"


# --- B37 -----------------------------------------------------------------------------


class Controller:
    """As far as the watchdog looks, an IBC."""

    def __init__(self):
        self.calls = []

    async def startAsync(self):
        self.calls.append("start")

    async def terminateAsync(self):
        self.calls.append("terminate")


@pytest.mark.ibkit(lost_errors="allow")
async def test_b37_the_watchdog_restarts_tws_on_a_lost_connection_to_ib(gateway):
    controller = Controller()
    watchdog = Watchdog(controller, IB(), appStartupTime=1)
    watchdog.start()
    await asyncio.sleep(10)
    assert controller.calls == ["start"]
    gateway.faults.nightly_reset()
    gateway.faults.lose_connectivity()
    gateway.faults.restore()
    await asyncio.sleep(10)
    watchdog.stop()
    await asyncio.sleep(10)

    assert controller.calls[:3] == ["start", "terminate", "start"]


@pytest.mark.ibkit(lost_errors="allow")
async def test_b37_the_watchdog_restarts_tws_when_history_does_not_answer(gateway):
    controller = Controller()
    gateway.faults.ignore("ReqHistoricalData", times=9)
    gateway.market.quote("ES", bid=1, ask=2)
    watchdog = Watchdog(controller, IB(), appStartupTime=1, appTimeout=1)
    watchdog.start()
    await asyncio.sleep(600)
    watchdog.stop()
    await asyncio.sleep(10)

    assert controller.calls.count("terminate") > 1


# --- B38 -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "name", "hint"),
    [
        (IB.qualifyContractsAsync, "return", "list[ib_async.contract.Contract | list["),
        (ContractDetails, "contract", "ib_async.contract.Contract | None"),
        (IB.reqMarketRule, "return", "ib_async.objects.PriceIncrement"),
        (Order, "lmtPrice", "float | decimal.Decimal | None"),
    ],
)
def test_b38_annotations_that_callers_must_guard_against(owner, name, hint):
    shown = get_type_hints(owner)[name]
    text = shown.__module__ + "." + shown.__name__ if type(shown) is type else str(shown)

    assert hint in text


def test_b38_events_are_not_typed():
    assert not Path(eventkit.__file__).with_name("py.typed").exists()


# --- B39 -----------------------------------------------------------------------------


def test_b39_newer_fields_cannot_be_sent():
    assert Client.MaxClientVersion == 178
    assert not hasattr(Order(), "includeOvernight")


# --- B40 -----------------------------------------------------------------------------


async def test_b40_unknown_and_ambiguous_are_both_none(ib):
    unknown, ambiguous = Future("NOPE", "202603", "CME"), Future("ES", exchange="CME")

    assert await ib.qualifyContractsAsync(unknown, ambiguous) == [None, None]
    both = await ib.qualifyContractsAsync(unknown, ambiguous, returnAll=True)
    assert (both[0], len(both[1]) > 1) == (None, True)


async def test_b40_an_old_name_of_an_exchange_is_unknown(ib):
    assert await ib.qualifyContractsAsync(Future("ES", "202603", "GLOBEX")) == [None]


async def test_b40_it_works_in_place_and_forgets_that_the_contract_is_expired(ib):
    wanted = Future("ES", "202512", "CME", includeExpired=True)
    (found,) = await ib.qualifyContractsAsync(wanted)
    assert found is wanted
    assert (wanted.localSymbol, wanted.includeExpired) == ("ESZ5", False)

    again = Future(conId=wanted.conId, exchange="CME", includeExpired=wanted.includeExpired)
    assert await ib.qualifyContractsAsync(again) == [None]


async def test_b40_a_continuous_future_stays_one_with_the_number_of_the_front_month(ib):
    month, continuous = Future("ES", "202603", "CME"), ContFuture("ES", "CME")
    await ib.qualifyContractsAsync(month, continuous)

    assert (continuous.secType, continuous.localSymbol) == ("CONTFUT", "ESH6")
    assert continuous.conId == month.conId


async def test_b40_a_request_that_gets_no_answer_waits_for_ever(ib, gateway):
    gateway.faults.ignore("ReqContractDetails")
    waiting = asyncio.ensure_future(ib.qualifyContractsAsync(Contract(conId=1)))
    await asyncio.sleep(24 * 3600)

    assert not waiting.done()
    waiting.cancel()
