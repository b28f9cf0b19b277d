"""Every example does what it says, on the simulated gateway and in virtual time."""

import ast
import asyncio
import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from ibkit.orders import GroupStatus
from ibkit.sim import Scenario
from ibkit.testing import assert_flat, assert_no_orphans, assert_protected

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAMS = sorted(EXAMPLES.glob("*.py"))


def load(name):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def es(gateway):
    gateway.market.quote("ES", bid=5000, ask=5000.25)
    return gateway.market.instrument("ES").con_id


def moves(gateway, virtual_time, steps):
    """Let the market stand at each bid, so many seconds from now."""
    for seconds, bid in steps:
        virtual_time.call_later(seconds, move, gateway, bid)


def move(gateway, bid):
    gateway.market.quote("ES", bid=bid, ask=bid + 0.25)
    gateway.market.trade("ES", bid)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_it_is_short_says_what_it_is_and_is_tried_here(path):
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) < 120
    assert ast.get_docstring(ast.parse(text))
    assert f'load("{path.stem}")' in Path(__file__).read_text(encoding="utf-8")


def test_the_board_shows_every_contract(gateway):
    board = asyncio.run(load("quote_board").main(seconds=2))

    assert [line[:3].strip() for line in board] == ["ESH", "NQH", "CLJ", "GCJ", "6EH"]
    assert not any("no data" in line for line in board)


def test_the_board_says_so_when_data_may_be_missing(gateway, virtual_time, es):
    virtual_time.call_later(8, gateway.faults.lose_connectivity)
    board = asyncio.run(load("quote_board").main(seconds=20))

    assert all("5000" not in line for line in board)


def test_the_recorder_writes_every_tick_and_the_gap(gateway, virtual_time, tmp_path, es):
    pq = pytest.importorskip("pyarrow.parquet")
    moves(gateway, virtual_time, [(n, 5000 + n) for n in range(5, 25)])
    virtual_time.call_later(14.5, gateway.faults.cut)
    asyncio.run(load("record_to_parquet").main(seconds=40, folder=tmp_path))
    rows = [row for path in tmp_path.glob("*trades*") for row in pq.read_table(path).to_pylist()]

    prices = [row["price"] for row in rows if row["price"]]
    assert prices[0] == "5005"
    assert prices[-1] == "5024"
    gaps = [row["gap"] for row in rows if row["gap"]]
    assert len(gaps) == 2
    assert gaps[1].startswith("over")


def test_three_targets_are_reached_one_by_one(gateway, virtual_time, es):
    moves(gateway, virtual_time, [(20, 5003), (25, 5006), (30, 5000)])
    virtual_time.call_later(15, assert_protected, gateway)
    status = asyncio.run(load("bracket_three_targets").main())

    assert status is GroupStatus.CLOSED
    assert_flat(gateway)
    assert_no_orphans(gateway)


def test_three_targets_that_are_not_reached_are_closed(gateway, es):
    status = asyncio.run(load("bracket_three_targets").main(seconds=30))

    assert status is GroupStatus.CLOSED
    assert_flat(gateway)
    assert_no_orphans(gateway)


def test_the_exits_stand_where_the_fill_was(gateway, es):
    entry, target, stop = asyncio.run(load("bracket_from_fill").main())

    assert (entry, target, stop) == (Decimal("5000.25"), Decimal("5010.25"), Decimal("4950.25"))
    assert_flat(gateway)
    assert_no_orphans(gateway)


@pytest.mark.parametrize(("bid", "then", "position"), [(5002, 4998, 1), (4998, 5002, -1)])
def test_a_breakout_is_taken_on_one_side_only(gateway, virtual_time, es, bid, then, position):
    moves(gateway, virtual_time, [(15, bid), (25, then)])

    assert asyncio.run(load("oca_entries").main()) == position
    assert_flat(gateway)
    assert_no_orphans(gateway)


def test_no_breakout_leaves_nothing(gateway, es):
    assert asyncio.run(load("oca_entries").main(seconds=20)) == 0
    assert_no_orphans(gateway)


def test_a_position_gets_a_trailing_stop(gateway, es):
    (trade,) = asyncio.run(load("trailing_exit").main())

    assert trade.status is GroupStatus.WORKING
    (order,) = gateway.truth.orders
    assert (order.terms.order_type, order.terms.action) == ("TRAIL", "SELL")
    gateway.faults.cancel_order(order.perm_id)  # it is meant to stay; the test clears away


def test_a_second_run_finds_the_bracket_of_the_first(gateway, virtual_time, es):
    program = load("watch_and_recover")
    first = asyncio.run(program.main(seconds=20))
    assert_protected(gateway)
    moves(gateway, virtual_time, [(10, 5011)])
    second = asyncio.run(program.main(seconds=60))

    assert second.group_id == first.group_id
    assert second.status is GroupStatus.CLOSED
    assert_flat(gateway)
    assert_no_orphans(gateway)


@pytest.mark.ibkit(scenario=Scenario(master_client_id=18))
def test_the_monitor_tells_positions_fills_and_a_loss(gateway, virtual_time, ib, es):
    from ib_async import Contract, MarketOrder

    def buy():
        ib.placeOrder(Contract(conId=es, exchange="CME"), MarketOrder("BUY", 2))

    virtual_time.call_later(10, buy)
    virtual_time.call_later(20, gateway.faults.lose_connectivity)
    lines = asyncio.run(load("position_monitor").main(seconds=30))

    assert "ESH6: 0 -> 2" in lines
    assert any("paid 4.5" in line for line in lines)
    assert any("broker lost" in line for line in lines)


def test_a_roll_takes_the_exits_along(gateway, virtual_time, es, capsys):
    gateway.market.quote("ESM6", bid=5050, ask=5050.25)
    result = asyncio.run(load("roll_with_protection").main())
    printed = capsys.readouterr().out

    assert (result.old, result.new, result.moved, result.left) == ("ESH6", "ESM6", 2, 0)
    assert "holds 2 ESM6" in printed
    assert "  SELL ESM6 STP 5002.0\n" in printed  # 4952 moved by the spread of 50
    assert_flat(gateway)
    assert_no_orphans(gateway)


def test_a_hundred_lines_go_to_those_that_matter(gateway):
    before, after = asyncio.run(load("hundred_lines").main())

    assert (before.used, before.limit) == (100, 100)
    assert before.waiting > 0
    assert after.used == min(100, before.used + before.waiting - 20)


@contextlib.asynccontextmanager
async def visitor(program):
    """Ask the web service without a socket."""
    import httpx

    async with program.lifespan(program.app):
        transport = httpx.ASGITransport(program.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


def test_a_web_service_shows_quotes_and_positions(gateway, monkeypatch, es):
    pytest.importorskip("fastapi")
    monkeypatch.setenv("TWS_PORT", "7497")
    program = load("web_service")

    async def visit():
        async with visitor(program) as client:
            await program.app.state.board["ES"].first_async(timeout=10)
            gateway.faults.place_by_hand(
                "ES", {"action": "BUY", "quantity": 2, "order_type": "MKT"}
            )
            await asyncio.sleep(1)
            board, held = await client.get("/quotes"), await client.get("/positions")
            missing = await client.get("/quotes/XX")
        await asyncio.sleep(1)  # the gateway hears of the end
        return board.json()["ES"], held.json(), missing.status_code

    quote, held, missing = asyncio.run(visit())

    assert (quote["bid"], quote["ask"]) == ("5000", "5000.25")
    assert held == [{"contract": "ESH6", "size": "2"}]
    assert missing == 404
    assert gateway.truth.clients == ()


def test_a_web_service_never_shows_what_it_does_not_know(gateway, monkeypatch, es):
    pytest.importorskip("fastapi")
    monkeypatch.setenv("TWS_PORT", "7497")
    program = load("web_service")

    async def visit():
        async with visitor(program) as client:
            await program.app.state.board["ES"].first_async(timeout=10)
            live = (await program.live("ES")).body_iterator
            first = await anext(live)
            gateway.faults.refuse_connections(9)
            gateway.faults.cut()
            await asyncio.sleep(5)
            later = await anext(live)
            await live.aclose()
            return first, later, await client.get("/quotes"), await client.get("/positions")

    first, later, board, held = asyncio.run(visit())

    assert json.loads(first.removeprefix("data: "))["bid"] == "5000"
    assert "lost" in json.loads(later.removeprefix("data: "))["none"]
    assert "lost" in board.json()["ES"]["none"]
    assert held.status_code == 503


@pytest.mark.tcp
def test_a_web_service_ends_while_somebody_looks(tmp_path):
    httpx = pytest.importorskip("httpx")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, str(EXAMPLES / "web_service.py"), str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    with server:
        assert server.stderr is not None
        for line in server.stderr:
            if "running on" in line:
                break
        with httpx.stream("GET", f"http://127.0.0.1:{port}/quotes/ES", timeout=30) as answer:
            lines = (line for line in answer.iter_lines() if line)
            first = next(lines)
            server.send_signal(signal.SIGINT)
            rest = list(lines)  # it ends
        said = server.stderr.read()
        server.wait(timeout=20)

    assert "bid" in json.loads(first.removeprefix("data: "))
    assert len(rest) < 40
    assert server.returncode == 0
    assert "Application shutdown complete" in said
    assert "Traceback" not in said


@pytest.mark.tcp
def test_a_web_service_without_a_gateway_says_so(tmp_path):
    pytest.importorskip("fastapi")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    command = [sys.executable, str(EXAMPLES / "web_service.py"), "0"]
    asked = {**os.environ, "TWS_PORT": str(nobody)}
    ran = subprocess.run(
        command, cwd=tmp_path, env=asked, capture_output=True, text=True, timeout=60, check=False
    )

    assert ran.returncode != 0
    assert "ConnectionFailed" in ran.stderr
    assert "nothing listens on this port" in ran.stderr
