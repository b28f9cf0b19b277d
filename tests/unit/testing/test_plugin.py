"""The plugin, in projects of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

# --- what it costs ---------------------------------------------------------------


def test_a_project_that_does_not_use_it_loads_nothing_for_it():
    program = "import pytest, sys; before = set(sys.modules); import ibkit.testing._plugin\n"
    program += "print(*sorted(set(sys.modules) - before))"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert {name for name in ran.stdout.split() if not name.startswith("ibkit")} <= {"zlib"}


def test_other_tests_are_not_touched(project):
    project.makepyfile(
        """
        import asyncio
        import sys
        import pytest

        @pytest.mark.asyncio
        async def test_of_somebody_else():
            assert type(asyncio.get_running_loop()).__module__.startswith("asyncio")

        def test_blocking(request):
            assert type(request.node) is pytest.Function
        """
    )

    project.runpytest().assert_outcomes(passed=2)


# --- who runs what ---------------------------------------------------------------


TRADE = """
import asyncio
import pytest
from ib_async import IB, Future, LimitOrder, MarketOrder

ES = Future("ES", "202603", "CME")

async def buy(ib):
    (es,) = await ib.qualifyContractsAsync(ES)
    trade = ib.placeOrder(es, MarketOrder("BUY", 1))
    await asyncio.sleep(5)
    assert trade.isDone()
    return es.conId
"""


def test_blocking_tests_and_coroutine_tests_run_on_the_virtual_loop(project):
    project.makepyfile(
        TRADE
        + """
def test_blocking(gateway, ib, virtual_time):
    (es,) = ib.qualifyContracts(ES)
    trade = ib.placeOrder(es, MarketOrder("BUY", 1))
    ib.sleep(3600)
    assert trade.isDone()
    assert gateway.truth.positions == {("DU1000001", es.conId): 1}
    assert f"{virtual_time.now():%H:%M}" == "16:00"

async def test_plain(gateway, ib, virtual_time):
    assert gateway.truth.positions == {}
    con_id = await buy(ib)
    assert gateway.truth.positions == {("DU1000001", con_id): 1}
    assert asyncio.get_running_loop() is virtual_time

@pytest.mark.asyncio
async def test_of_pytest_asyncio(ib, virtual_time):
    await buy(ib)
    assert asyncio.get_running_loop() is virtual_time

@pytest.fixture(params=["asyncio", ("trio", {})], ids=["asyncio", "trio"])
def anyio_backend(request):
    return request.param

@pytest.mark.anyio
async def test_of_anyio(ib, virtual_time):
    import anyio
    async with anyio.create_task_group() as group:
        group.start_soon(buy, ib)
        group.start_soon(anyio.sleep, 3600)
    assert asyncio.get_running_loop() is virtual_time

@pytest.mark.parametrize("size", [1, 2])
class TestGroup:
    async def test_method(self, ib, size):
        assert isinstance(self, TestGroup)
        await buy(ib)
"""
    )
    result = project.runpytest("-v")

    result.assert_outcomes(passed=6, skipped=1)
    result.stdout.fnmatch_lines(["*test_of_anyio[[]trio[]] SKIPPED*"])


@pytest.mark.parametrize("mode", ["asyncio", "anyio"])
def test_it_works_where_another_plugin_takes_every_coroutine(project, mode):
    project.makepyfile(
        TRADE
        + """
@pytest.fixture
def anyio_backend():
    return "asyncio"

async def test_coroutine(ib, virtual_time):
    await buy(ib)
    assert asyncio.get_running_loop() is virtual_time
"""
    )

    project.runpytest(f"--{mode}-mode=auto").assert_outcomes(passed=1)


def test_nobody_else_is_needed(project):
    project.makepyfile(
        TRADE
        + """
@pytest.fixture
async def con_id(ib):
    return await buy(ib)

async def test_coroutine(gateway, con_id):
    assert gateway.truth.positions == {("DU1000001", con_id): 1}
"""
    )

    project.runpytest("-p", "no:asyncio", "-p", "no:anyio").assert_outcomes(passed=1)


def test_asynchronous_fixtures_run_on_the_loop_of_the_test(project):
    project.makepyfile(
        TRADE
        + """
import pytest_asyncio

@pytest_asyncio.fixture
async def bought(ib):
    return await buy(ib)

@pytest.fixture
async def group(virtual_time):
    async with asyncio.timeout(60) if hasattr(asyncio, "timeout") else asyncio.Lock():
        yield asyncio.current_task().get_name()
        assert asyncio.get_running_loop() is virtual_time

def test_blocking(gateway, bought, group):
    assert gateway.truth.positions == {("DU1000001", bought): 1}

@pytest.mark.asyncio
async def test_of_pytest_asyncio(gateway, bought, group):
    assert gateway.truth.positions == {("DU1000001", bought): 1}

@pytest.mark.anyio
async def test_of_anyio(gateway, bought, anyio_backend_name):
    assert anyio_backend_name == "asyncio"
    assert gateway.truth.positions == {("DU1000001", bought): 1}

class TestGroup:
    @pytest.fixture
    async def me(self, ib):
        self.seen = True
        yield self

    async def test_method(self, me):
        assert me is self
        assert self.seen
"""
    )

    project.runpytest().assert_outcomes(passed=4)


def test_a_program_that_dials_a_real_address_ends_in_the_gateway(project):
    project.makepyfile(
        TRADE
        + """
def program():
    ib = IB()
    ib.connect("192.0.2.1", 7496, clientId=9)
    asyncio.get_event_loop_policy().get_event_loop().run_until_complete(buy(ib))
    ib.disconnect()

def test_blocking(gateway):
    program()
    assert len(gateway.truth.fills) == 1

def test_asyncio_run(gateway):
    async def main():
        ib = IB()
        await ib.connectAsync("192.0.2.1", 7496)
        await buy(ib)
        ib.disconnect()

    asyncio.run(main())
    assert len(gateway.truth.fills) == 1
"""
    )

    project.runpytest().assert_outcomes(passed=2)


# --- options ---------------------------------------------------------------------


def test_over_sockets_if_asked_for(project):
    project.makepyfile(
        TRADE
        + """
async def test_sockets(request, gateway, ib):
    await buy(ib)
    assert bool(gateway._port) is request.config.getoption("--ibkit-tcp")
"""
    )

    project.runpytest().assert_outcomes(passed=1)
    project.runpytest("--ibkit-tcp").assert_outcomes(passed=1)


SEEDS = """
import pytest

def test_one(gateway):
    print(" the seed:", gateway.seed)

@pytest.mark.parametrize("x", [1, 2])
def test_two(gateway, x):
    print(" the seed:", gateway.seed)

@pytest.mark.ibkit(seed=5)
def test_three(gateway):
    assert gateway.seed == 5
"""


def _seeds(project, *options):
    result = project.runpytest("-s", *options)
    result.assert_outcomes(passed=4)
    return [line.split()[-1] for line in result.outlines if " the seed: " in line]


def test_every_test_has_a_seed_of_its_own_and_the_same_in_each_run(project):
    project.makepyfile(SEEDS)
    seeds = _seeds(project)

    assert len(set(seeds)) == 3
    assert _seeds(project) == seeds
    assert _seeds(project, "--ibkit-seed=42") == ["42"] * 3
    chance = _seeds(project, "--ibkit-seed=random")
    assert len({*chance, *seeds}) == 6


def test_a_failure_tells_its_seed_and_its_messages_when_asked(project):
    project.makepyfile(
        TRADE
        + """
async def test_fails(gateway, ib):
    await buy(ib)
    assert not gateway.truth.fills

def test_of_somebody_else():
    assert False
"""
    )
    quiet = project.runpytest("--ibkit-seed=11")
    traced = project.runpytest("--ibkit-trace")

    quiet.assert_outcomes(failed=2)
    quiet.stdout.fnmatch_lines(["*the market had the seed 11; --ibkit-seed=11 repeats it*"])
    assert quiet.outlines.count("the market had the seed 11; --ibkit-seed=11 repeats it") == 1
    quiet.stdout.no_fnmatch_line("*> PlaceOrder*")
    traced.stdout.fnmatch_lines(
        ["*ibkit: messages*", "*1 > PlaceOrder *", "*1 < ExecDetails *", "*ibkit: seed*"]
    )


def test_markers_set_the_scene_the_closest_last(project):
    project.makepyfile(
        helper="import datetime\ndef today(): return datetime.date.today()",
        test_it="""
import datetime as dt
import pytest
import helper
from ibkit.sim import Account, Scenario

pytestmark = pytest.mark.ibkit(
    start=dt.datetime(2026, 7, 1, 12, tzinfo=dt.timezone.utc), client_id=3, modules=["helper"]
)

@pytest.mark.ibkit(scenario=Scenario(accounts=(Account(name="DU7"),)), client_id=4)
def test_scene(ib, gateway):
    assert ib.managedAccounts() == ["DU7"]
    assert gateway.truth.clients == (4,)
    assert gateway.clock.now().month == 7
    assert helper.today() == dt.date(2026, 7, 1)
""",
    )

    project.runpytest().assert_outcomes(passed=1)


def test_a_transcript_is_replayed_from_beside_the_test(project):
    project.path.joinpath("day.txt").write_text(
        (Path(__file__).parents[2] / "transcripts" / "by-hand.txt").read_text()
    )
    project.makepyfile(
        """
import asyncio
import pytest
from ib_async import LimitOrder, Stock

pytestmark = pytest.mark.ibkit(transcript="day.txt")

async def test_replay(ib):
    assert ib.positions()[0].position == 100
    trade = ib.placeOrder(Stock("AAPL", "SMART", "USD", conId=265598), LimitOrder("BUY", 1, 151))
    await asyncio.sleep(1)
    assert trade.orderStatus.whyHeld == "locate"
    await asyncio.sleep(5)
    assert trade.orderStatus.status == "Filled"

def test_fails(gateway, ib):
    assert not ib.positions()
"""
    )
    for options in ((), ("--ibkit-tcp",), ("--ibkit-trace",)):
        result = project.runpytest(*options)
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.no_fnmatch_line("*INTERNALERROR*")


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("ibkit(7)", "takes keywords only: client_id, lost_errors, modules, "),
        ("ibkit(sead=7)", "takes keywords only: client_id, lost_errors, modules, "),
        ("ibkit(seed='x')", "(seed=...): got 'x'; wanted a whole number"),
        ("ibkit(scenario='full')", "(scenario=...): got 'full'; wanted a Scenario"),
        ("ibkit(start='2026-03-02')", "(start=...): got '2026-03-02'; wanted a datetime"),
        ("ibkit(client_id='4')", "(client_id=...): got '4'; wanted a whole number"),
        ("ibkit(modules='my')", "(modules=...): got 'my'; wanted a list"),
        ("ibkit(lost_errors=True)", "(lost_errors=...): got True; wanted 'allow'"),
        ("ibkit(transcript=5)", "(transcript=...): got 5; wanted a path"),
    ],
)
def test_a_marker_that_is_not_understood_is_an_error(project, mark, words):
    project.makepyfile(
        f"""
import pytest

@pytest.mark.{mark}
def test_it(gateway):
    pass
"""
    )
    result = project.runpytest()

    result.assert_outcomes(errors=1)
    assert words in result.stdout.str()


def test_a_seed_that_is_none_is_a_usage_error(project):
    result = project.runpytest("--ibkit-seed=x")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*got 'x'; wanted a whole number, or random"])


def test_the_desk_is_open(project):
    project.makepyfile(
        """
def test_blocking(desk):
    assert desk.contracts.front_month("ES").localSymbol == "ESH6"
    assert len(desk.state.positions) == 0

async def test_coroutine(desk):
    assert (await desk.contracts.front_month_async("ES")).localSymbol == "ESH6"
"""
    )

    project.runpytest().assert_outcomes(passed=2)


# --- what goes wrong --------------------------------------------------------------


LEAVES = (
    TRADE
    + """
def test_leaves(gateway, ib):
    (es,) = ib.qualifyContracts(ES)
    ib.placeOrder(es, LimitOrder("BUY", 2, 4000))
    ib.reqMktData(es)
    ib.sleep(1)

def test_leaves_with_a_client_of_its_own(gateway):
    ib = IB()
    ib.connect(clientId=5)
    (es,) = ib.qualifyContracts(ES)
    ib.reqTickByTickData(es, "Last")
    ib.sleep(1)

def test_tidies_up(gateway, ib):
    (es,) = ib.qualifyContracts(ES)
    trade = ib.placeOrder(es, LimitOrder("BUY", 2, 4000))
    ib.reqMktData(es)
    ib.sleep(1)
    ib.cancelMktData(es)
    ib.cancelOrder(trade.order)
    ib.sleep(1)
"""
)


def test_what_a_test_leaves_open_is_told_by_name(project):
    project.makepyfile(LEAVES)
    result = project.runpytest()

    result.assert_outcomes(passed=3, warnings=3)
    result.stdout.fnmatch_lines(
        [
            "*LeftOpen: the test left open: quotes of ESH6: request * of client 1.*",
            "*LeftOpen: the test left open: order * of client 1: BUY 2 ESH6 LMT 4000 (Submitted)*",
            "*LeftOpen: the test left open: tick_by_tick of ESH6: request * of client 5.*",
        ]
    )


def test_what_is_cancelled_in_the_last_line_is_not_left_open(project):
    project.makepyfile(
        TRADE
        + """
from ib_async import Contract

def test_line_and_order(gateway, ib):
    (es,) = ib.qualifyContracts(ES)
    trade = ib.placeOrder(es, LimitOrder("BUY", 2, 4000))
    ib.reqMktData(es)
    ib.sleep(1)
    ib.cancelMktData(es)
    ib.cancelOrder(trade.order)

async def test_stream(desk):
    es = await desk.contracts.front_month_async("ES")
    async with desk.streams.quotes(es) as quotes:
        await quotes.first_async(timeout=10)
"""
    )

    project.runpytest("-W", "error::ibkit.testing.LeftOpen").assert_outcomes(passed=2)


def test_it_fails_the_test_if_asked_to_and_only_that(project):
    project.makepyfile(LEAVES)

    result = project.runpytest("-W", "error::ibkit.testing.LeftOpen")
    result.assert_outcomes(passed=3, errors=2)


def test_a_forgotten_await_fails_and_says_where(project):
    project.makepyfile(
        TRADE
        + """
async def test_coroutine(ib):
    ib.reqExecutionsAsync()
    buy(ib)

def test_blocking(ib):
    ib.connectAsync()

def test_that_fails_anyway(ib):
    ib.connectAsync()
    assert ib is None

def test_that_expects_it(ib):
    with pytest.warns(RuntimeWarning, match="never awaited"):
        ib.connectAsync()
"""
    )
    result = project.runpytest("-Werror", "-rf")

    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(
        [
            "forgotten await: coroutine 'buy' was never awaited",
            '*test_a_forgotten_await_fails_and_says_where.py", line 16, in test_coroutine',
            "*buy(ib)",
            "*write `await` before the call; in blocking code call*",
            "*- ibkit -*",
            "FAILED *test_that_fails_anyway*",
        ]
    )


HANDLERS = """
import asyncio
import pytest

def broken(*_):
    raise KeyError("in the handler")

def test_handler(ib):
    ib.updateEvent += broken
    ib.reqCurrentTime()

async def test_asynchronous_handler(ib):
    async def handle():
        broken()

    ib.updateEvent += handle
    await ib.reqCurrentTimeAsync()
    await asyncio.sleep(1)

def test_that_fails_anyway(ib):
    ib.updateEvent += broken
    ib.reqCurrentTime()
    assert ib is None

@pytest.mark.ibkit(lost_errors="allow")
def test_that_allows_it(ib):
    ib.updateEvent += broken
    ib.reqCurrentTime()

def test_that_hears_of_it(ib):
    heard = []
    ib.updateEvent += broken
    ib.updateEvent.error_event += lambda *args: heard.append(args)
    ib.reqCurrentTime()
    assert heard
"""


def test_what_an_event_handler_raises_is_not_lost(project):
    project.makepyfile(HANDLERS)
    result = project.runpytest()

    result.assert_outcomes(passed=2, failed=3)
    result.stdout.fnmatch_lines(
        [
            "a handler of updateEvent raised, and nobody heard of it:",
            "*KeyError: 'in the handler'",
            "the task Task-* raised, and nobody heard of it:",
            "*- ibkit -*",
            "a handler of updateEvent raised, and nobody heard of it:",
        ]
    )


def test_a_real_sleep_fails_once_and_says_what_to_write(project):
    project.makepyfile(
        """
import time

def test_sleeps(ib):
    time.sleep(1)

def test_sleeps_in_a_handler(ib):
    ib.updateEvent += lambda: time.sleep(1)
    ib.reqCurrentTime()
"""
    )
    result = project.runpytest()

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*time.sleep(1) was called under virtual time*asyncio.sleep*"])


def test_a_test_that_spins_fails_once(project):
    project.makepyfile(
        """
import asyncio

async def test_spins(ib):
    while True:
        await asyncio.sleep(0)
"""
    )
    result = project.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the loop ran 100000 passes and no time went by*"])


def test_two_gateways_on_one_port_are_refused_with_a_way_out(project):
    project.makepyfile(
        """
from ibkit.sim import SimGateway

async def test_two():
    pass

async def test_same_port(virtual_time):
    async with SimGateway() as first:
        async with SimGateway(port=first.port):
            pass
"""
    )
    result = project.runpytest("-k", "same_port")

    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["*cannot listen on 127.0.0.1:*Choose another port, or port=0*"])


def test_a_client_of_another_loop_is_refused(project):
    project.makepyfile(
        """
import asyncio

async def ask(ib):
    await ib.reqCurrentTimeAsync()

def test_another_loop(ib):
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(ask(ib))
    finally:
        loop.close()
"""
    )
    result = project.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Run everything in one loop*"])
