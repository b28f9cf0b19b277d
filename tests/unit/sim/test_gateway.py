import asyncio
import datetime as dt
import io
import struct
import time
from decimal import Decimal

import pytest
from attrs import evolve

from ibkit.sim import Models, Scenario, SimGateway
from ibkit.sim._gateway import EPOCH
from ibkit.sim._transport import LoopClock, SteppedClock
from ibkit.testing import VirtualLoop, run_virtual

MARKET = {"action": "BUY", "quantity": 1, "order_type": "MKT"}
MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone.utc)
LOG_IN = b"API\0" + struct.pack(">I", 9) + b"v157..178" + struct.pack(">I", 8) + b"71\x002\x004\0\0"


class Client(asyncio.Protocol):
    def __init__(self):
        self.data = b""
        self.lost = False

    def data_received(self, data):
        self.data += data

    def connection_lost(self, exc):
        self.lost = True


def run(test, **options):
    async def main():
        async with SimGateway(**{"port": None, **options}) as gateway:
            return await test(gateway)

    return run_virtual(main())


async def logged_in(gateway):
    client = Client()
    gateway.connect(client).write(LOG_IN)
    await asyncio.sleep(0.1)
    return client


# -- time


def test_the_world_begins_where_a_virtual_loop_is():
    start = dt.datetime(2031, 5, 6, 7, tzinfo=dt.timezone.utc)

    async def main():
        async with SimGateway(port=None) as gateway:
            return gateway.clock.now()

    loop = VirtualLoop(start=start)
    now = loop.run_until_complete(main())
    loop.close()

    assert now - start < dt.timedelta(seconds=1)


def test_or_now_on_any_other_loop():
    async def main():
        async with SimGateway(port=None) as gateway:
            return gateway.clock.now()

    assert abs(asyncio.run(main()).timestamp() - time.time()) < 60


@pytest.mark.parametrize(
    ("options", "kind", "start"),
    [
        ({"clock": "stepped"}, SteppedClock, EPOCH),
        ({"clock": "stepped", "start": MONDAY}, SteppedClock, MONDAY),
        ({"start": MONDAY}, LoopClock, MONDAY),
    ],
)
def test_or_where_it_is_told_to(options, kind, start):
    async def test(gateway):
        return type(gateway.clock), gateway.clock.now().replace(microsecond=0)

    assert run(test, **options) == (kind, start)


def test_an_accelerated_world_runs_ahead_of_the_loop():
    async def test(gateway):
        await asyncio.sleep(2)
        return gateway.clock.now() - MONDAY

    passed = run(test, start=MONDAY, speed=30)

    assert dt.timedelta(seconds=60) <= passed < dt.timedelta(seconds=61)


def test_a_stepped_world_moves_by_hand():
    async def test(gateway):
        client = await logged_in(gateway)
        await asyncio.sleep(3600)
        before = gateway.clock.now()
        gateway.clock.advance(60)
        return before, gateway.clock.now(), client.lost

    assert run(test, clock="stepped") == (EPOCH, EPOCH + dt.timedelta(seconds=60), False)


# -- life


@pytest.mark.parametrize("name", ["clock", "market", "truth", "faults"])
def test_nothing_is_there_before_the_start(name):
    with pytest.raises(RuntimeError, match="has not been started"):
        getattr(SimGateway(), name)


def test_nobody_connects_to_a_gateway_that_does_not_run():
    gateway = SimGateway(port=None)

    with pytest.raises(ConnectionRefusedError, match="async with"):
        gateway.connect(Client())


def test_a_gateway_without_a_port_has_none():
    async def test(gateway):
        with pytest.raises(RuntimeError, match="does not listen"):
            _ = gateway.port

    run(test)


def test_it_does_not_start_twice_at_a_time():
    async def test(gateway):
        with pytest.raises(RuntimeError, match="is running"):
            await gateway.start()

    run(test)


def test_it_starts_again_as_a_new_world_and_the_old_truth_stays_readable():
    async def main():
        gateway = SimGateway(port=None)
        async with gateway:
            client = await logged_in(gateway)
            gateway.market.quote("ES", bid=1, ask=2)
            truth = gateway.truth
        await asyncio.sleep(0.1)
        cash = truth.figures().total_cash
        async with gateway:
            return client.lost, cash, gateway.market.now("ES").bid, gateway.truth.clients

    lost, cash, bid, clients = run_virtual(main())

    assert (lost, cash, clients) == (True, 1_000_000, ())
    assert bid > 100


def test_stopping_twice_does_nothing():
    async def main():
        gateway = await SimGateway(port=None).start()
        await gateway.stop()
        await gateway.stop()

    run_virtual(main())


def test_a_client_may_be_closed_from_inside_of_its_own_callback():
    class Impatient(Client):
        def connection_made(self, transport):
            self.transport = transport

        def data_received(self, data):
            super().data_received(data)
            self.transport.close()

    async def test(gateway):
        client = Impatient()
        gateway.connect(client).write(LOG_IN)
        await asyncio.sleep(0.1)
        other = await logged_in(gateway)
        return client.lost, gateway.truth.clients, other.lost

    assert run(test) == (True, (4,), False)


def test_the_gateway_may_be_stopped_from_inside_of_a_callback():
    class Killer(Client):
        def data_received(self, data):
            super().data_received(data)
            self.stopping = asyncio.ensure_future(self.gateway.stop())

    async def test(gateway):
        client = Killer()
        client.gateway = gateway
        gateway.connect(client).write(LOG_IN)
        await asyncio.sleep(0.1)
        await client.stopping
        return client.lost

    assert run(test)


# -- use


def test_the_scenario_is_the_one_in_force():
    async def test(gateway):
        before = gateway.scenario.fills
        gateway.faults.switch(fills="full")
        return before, gateway.scenario.fills

    assert SimGateway(scenario=Scenario(fills="full")).scenario.fills == "full"
    assert run(test) == ("touch", "full")


def test_a_trace_begins_and_ends():
    stream = io.StringIO()

    async def test(gateway):
        gateway.trace_to(stream)
        await logged_in(gateway)
        gateway.trace_to(None)
        gateway.faults.lose_connectivity()

    run(test, start=MONDAY)

    lines = stream.getvalue().splitlines()
    assert lines[0].endswith("> StartApi client_id=4")
    assert lines[-1].endswith("'Sec-def data farm connection is OK:secdefnj'")


def test_a_recording_has_the_connections_that_opened_after_it_began(tmp_path):
    async def test(gateway):
        early = await logged_in(gateway)
        gateway.record_to(tmp_path / "t.txt")
        client = Client()
        gateway.connect(client).write(LOG_IN.replace(b"\x004\0", b"\x005\0"))
        await asyncio.sleep(2)
        gateway.record_to(None)
        gateway.faults.lose_connectivity()
        return early.lost

    run(test)

    lines = (tmp_path / "t.txt").read_text().splitlines()
    assert lines[3] == "0.000 1 > StartApi 1=2 client_id=5"
    assert len(lines) == 9


def test_a_recording_that_cannot_be_written_is_an_error_at_once(tmp_path):
    async def test(gateway):
        with pytest.raises(OSError, match="nowhere"):
            gateway.record_to(tmp_path / "nowhere" / "t.txt")

    run(test)


def test_the_stop_ends_the_recording_with_the_closing_of_its_connections(tmp_path):
    async def test(gateway):
        gateway.record_to(tmp_path / "t.txt", scrub=True)
        await logged_in(gateway)

    run(test)

    text = (tmp_path / "t.txt").read_text()
    assert text.endswith("1 < Closed\n")
    assert "DU1000001" not in text
    assert "DU9000001" in text


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"seed": "7"}, "a whole number"),
        ({"host": None}, "a text"),
        ({"port": "7497"}, "a port from 1 to 65535"),
        ({"port": 70000}, "a port"),
        ({"scenario": {"fills": "full"}}, "one of class Scenario"),
        ({"clock": "step"}, "'real' or 'stepped'"),
        ({"speed": 0}, "a speed above 0"),
        ({"speed": float("inf")}, "a speed above 0"),
        ({"start": "2026-03-02"}, "a datetime with a time zone"),
        ({"start": dt.date(2026, 3, 2)}, "a datetime with a time zone"),
        (
            {"start": dt.datetime(1990, 3, 2, tzinfo=dt.timezone.utc)},
            "a datetime .* from 2000 to 2100",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_before_the_start(given, wanted):
    with pytest.raises(ValueError, match=f"^{next(iter(given))}: got .*; wanted {wanted}"):
        SimGateway(**given)


def test_nothing_is_moved_in_a_gateway_that_has_stopped():
    async def test(gateway):
        market, before = gateway.market, gateway.market.now("ES")
        await gateway.stop()
        with pytest.raises(RuntimeError, match="has been stopped"):
            market.quote("ES", bid=1, ask=2)
        with pytest.raises(RuntimeError, match="has been stopped"):
            gateway.faults.cut()
        return before == market.now("ES")

    assert run(test, clock="stepped")


def test_nothing_is_moved_from_another_thread():
    async def test(gateway):
        with pytest.raises(RuntimeError, match="call_soon_threadsafe"):
            await asyncio.to_thread(gateway.market.trade, "ES", 5000)
        with pytest.raises(RuntimeError, match="call_soon_threadsafe"):
            await asyncio.to_thread(lambda: gateway.faults)

    run(test)


def test_a_gateway_whose_loop_has_ended_says_so():
    gateway = SimGateway(port=None)
    asyncio.run(gateway.start())

    for use in (
        lambda: gateway.connect(asyncio.Protocol()),
        lambda: gateway.faults,
        lambda: gateway.market.trade("ES", 5000),
    ):
        with pytest.raises(RuntimeError, match=r"start and use it in one asyncio\.run"):
            use()


def test_a_trace_goes_to_a_stream():
    async def test(gateway):
        with pytest.raises(ValueError, match=r"stream: got 'trace.txt'; wanted a text stream"):
            gateway.trace_to("trace.txt")

    run(test)


def test_it_shows_where_it_is_and_how():
    async def test(gateway):
        running = repr(gateway)
        parts = [repr(part) for part in (gateway.market, gateway.truth, gateway.clock)]
        await gateway.stop()
        return running, repr(gateway), parts

    running, stopped, parts = run(test, clock="stepped")

    assert running == "<SimGateway seed=1, memory, running at 2026-03-02 15:00:00 UTC>"
    assert "stopped" in stopped
    assert parts == [
        "<MarketScript at 2026-03-02 15:00:00 UTC>",
        "<Truth: 0 orders, 0 fills, 0 positions>",
        "<SteppedClock 2026-03-02 15:00:00 UTC>",
    ]
    assert repr(SimGateway(port=7497)) == "<SimGateway seed=1, 127.0.0.1:7497, new>"


def test_what_is_no_models_is_refused():
    async def test(gateway):
        with pytest.raises(ValueError, match="models: got 'full'; wanted one of class Models"):
            gateway.models = "full"

    run(test)


def test_models_may_answer_with_floats():
    class Float:
        def take(self, wanted, available):
            return 1.0

        def slip(self, instrument):
            return 0.25

        def total(self, instrument, quantity, value):
            return 1.1

    async def test(gateway):
        mine = Float()
        gateway.models = Models(fill=mine, slippage=mine, commission=mine)
        gateway.market.quote("ES", bid=5000, ask=5000.25)
        gateway.faults.place_by_hand("ES", MARKET)
        return gateway.truth.fills

    fill, *_ = run(test)

    assert (fill.price, fill.commission) == (Decimal("5000.5"), Decimal("1.1"))


def test_models_may_be_swapped():
    class Never:
        def take(self, wanted, available):
            return Decimal(0)

    async def test(gateway):
        before = gateway.models
        gateway.models = evolve(before, fill=Never())
        gateway.faults.place_by_hand("ES", MARKET)
        waiting = len(gateway.truth.orders), len(gateway.truth.fills)
        gateway.models = before
        gateway.faults.place_by_hand("ES", MARKET)
        return waiting, len(gateway.truth.fills)

    waiting, fills = run(test)

    assert waiting == (1, 0)
    assert fills >= 1
