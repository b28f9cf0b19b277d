"""Every option of `python -m ibkit.sim`, tried from outside with a real client."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from ib_async import IB, Contract, LimitOrder

from ibkit.sim import Scenario, SimGateway, __main__ as command

pytestmark = [pytest.mark.tcp, pytest.mark.timeout(60)]
NEEDS_TOML = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")
AAPL = Contract(conId=265598, exchange="SMART")
ES = Contract(secType="CONTFUT", symbol="ES", exchange="CME", currency="USD")


class Command(NamedTuple):
    """A running command, and where its words go: a pipe that nobody reads would hold it up."""

    port: int
    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    @property
    def record(self) -> Path:
        return self.out.with_name("day.txt")


@contextlib.contextmanager
def command_line(folder: Path, *arguments: object) -> Iterator[Command]:
    """Run the command with some options."""
    out, err = folder / "out.txt", folder / "err.txt"
    words = [sys.executable, "-m", "ibkit.sim", "--port", "0", *map(str, arguments)]
    with out.open("wb") as out_file, err.open("wb") as err_file:
        process = subprocess.Popen(words, stdout=out_file, stderr=err_file)
    with process:
        try:
            yield Command(_port(process, out, err), process, out, err)
        finally:
            process.terminate()


def _port(process: subprocess.Popen[bytes], out: Path, err: Path) -> int:
    while process.poll() is None:
        first, ended, _ = out.read_text().partition("\n")
        if ended:
            return int(first.removeprefix("listening on ").rpartition(":")[2])
        time.sleep(0.02)
    raise AssertionError(err.read_text())


def ask(port, question, client_id=1, timeout=10):
    """What a question to a connected client has for an answer."""

    async def main():
        ib = IB()
        await ib.connectAsync("127.0.0.1", port, clientId=client_id, timeout=timeout)
        try:
            return await question(ib)
        finally:
            ib.disconnect()
            await asyncio.sleep(0.05)

    return asyncio.run(main())


async def last_prices(ib):
    await ib.qualifyContractsAsync(contract := Contract(**vars(ES)))
    ticker = ib.reqMktData(contract)
    await asyncio.sleep(0.5)
    return ticker.bid, ticker.last


async def daily_closes(ib):
    bars = await ib.reqHistoricalDataAsync(
        AAPL, "20260302-15:00:00", "5 D", "1 day", "TRADES", useRTH=False, formatDate=2
    )
    return [bar.close for bar in bars]


async def errors_of(ib, act):
    codes = []
    ib.errorEvent += lambda req_id, code, text, contract: codes.append(code)
    act(ib)
    await asyncio.sleep(0.5)
    return [code for code in codes if code < 2000 or code > 3000]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A gateway with everything that can be asked for at once, and the file that it writes."""
    folder = tmp_path_factory.mktemp("command")
    rows = [f"2020-01-01 00:{n // 60:02}:{n % 60:02},{4000 + n % 50}.25,1" for n in range(3600)]
    folder.joinpath("ticks.csv").write_text("\n".join(["time,price,size", *rows]))
    options: dict[str, object] = {
        "--seed": 2,
        "--speed": 30,
        "--lines": 2,
        "--limit": "depth=1",
        "--replay": f"ES={folder / 'ticks.csv'}",
        "--zone": "US/Central",
        "--host": "0.0.0.0",
        "--record": folder / "day.txt",
    }
    flags = ["--sessions", "--trace", "--scrub", "--account", "DU7=2500.50", "--account", "DU8"]
    arguments = [text for option in options.items() for text in option]
    with command_line(folder, *arguments, *flags) as running:
        yield running


def test_every_option_is_tried_here():
    known = {o for a in command.parser()._actions for o in a.option_strings if o.startswith("--")}
    source = Path(__file__).read_text(encoding="utf-8")

    assert {option for option in known if f'"{option}"' not in source} == set()
    assert "--help" in known  # tried in tests/unit/sim/test_main.py


def test_speed_accelerates_the_clock(served):
    async def two_times(ib):
        first = await ib.reqCurrentTimeAsync()
        await asyncio.sleep(0.5)
        return (await ib.reqCurrentTimeAsync() - first).total_seconds()

    assert 13 <= ask(served.port, two_times) < 120


def test_seed_makes_the_market(served):
    async def main():
        hours = Scenario(sessions=True)
        async with (
            SimGateway(seed=2, scenario=hours) as same,
            SimGateway(seed=3, scenario=hours) as other,
        ):
            return [await closes_at(gateway.port) for gateway in (same, other)]

    same, other = asyncio.run(main())

    assert ask(served.port, daily_closes) == same
    assert other != same


async def closes_at(port):
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, clientId=1, timeout=10)
    try:
        return await daily_closes(ib)
    finally:
        ib.disconnect()


def test_accounts_and_their_cash(served):
    async def cash(ib):
        rows = await ib.accountSummaryAsync()
        return {row.account: float(row.value) for row in rows if row.tag == "TotalCashValue"}

    found = ask(served.port, cash)

    assert (found["DU7"], found["DU8"]) == (2500.5, 1_000_000)


def test_lines_limit_the_quotes(served):
    def act(ib):
        for con_id in (265598, 272093, 3691937):
            ib.reqMktData(Contract(conId=con_id, exchange="SMART"))

    assert ask(served.port, lambda ib: errors_of(ib, act)) == [101]


def test_any_limit_may_be_set(served):
    def act(ib):
        for con_id in (265598, 272093):
            ib.reqMktDepth(Contract(conId=con_id, exchange="SMART"))

    assert ask(served.port, lambda ib: errors_of(ib, act)) == [309]


def test_a_file_is_replayed_in_its_zone(served):
    bid, last = ask(served.port, last_prices)

    assert 4000 <= bid < 4050
    assert bid == last


def test_hours_are_kept_where_asked_for(served):
    async def hours(ib):
        (details,) = await ib.reqContractDetailsAsync(ES)
        return details.tradingHours

    assert "CLOSED" in ask(served.port, hours)


@NEEDS_TOML
def test_a_scenario_sets_switches_and_faults(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text('read_only = true\n[[faults]]\nat = 2\nfault = "refuse_connections"\n')

    def act(ib):
        ib.placeOrder(Contract(conId=265598, exchange="SMART"), LimitOrder("BUY", 1, 1))

    with command_line(tmp_path, "--scenario", file) as (port, *_):
        refused = ask(port, lambda ib: errors_of(ib, act))
        time.sleep(2)
        with pytest.raises((OSError, TimeoutError, asyncio.TimeoutError)):
            ask(port, daily_closes, timeout=1)

    assert refused == [321]


def test_a_recorded_day_is_served(tmp_path):
    file = tmp_path / "day.txt"

    async def record():
        async with SimGateway() as upstream:
            address = f"127.0.0.1:{upstream.port}"
            with command_line(tmp_path, "--upstream", address, "--record", file) as (port, *_):
                return await asyncio.to_thread(ask, port, daily_closes)

    recorded = asyncio.run(record())
    with command_line(tmp_path, "--serve-transcript", file) as (port, *_):
        again = ask(port, daily_closes, client_id=5)

    assert again == recorded
    assert len(again) == 5


def test_a_trace_shows_every_message_a_record_keeps_it_and_another_host_is_warned_of(served):
    ask(served.port, daily_closes)
    served.process.terminate()
    served.process.wait(timeout=20)
    out, record = served.out.read_text(), served.record.read_text()

    assert "ReqHistoricalData" in out
    assert "DU7" in out
    assert "0.0.0.0" in served.err.read_text()
    assert "ReqHistoricalData" in record
    assert "DU7" not in record
