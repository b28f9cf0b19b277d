"""Programs that were written for ib_async run against the simulated gateway as they are."""

import asyncio
import csv
import datetime as dt
import importlib.util
import sys
from pathlib import Path

import pytest

from ibkit.testing import assert_flat, assert_no_orphans, assert_protected

EXAMPLES = Path(__file__).parents[2] / "examples" / "migration"
UTC = dt.timezone.utc


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bracket_script, data_recorder, futures_bot = map(
    load, ["bracket_script", "data_recorder", "futures_bot"]
)


def test_the_programs_know_nothing_of_ibkit():
    for path in EXAMPLES.glob("*.py"):
        code = path.read_text(encoding="utf-8").rpartition('"""')[2]
        assert "ibkit" not in code


@pytest.mark.parametrize(("then", "profit"), [(5005, 250), (4995, -250)])
def test_the_bracket_script_ends_at_its_target_or_its_stop(
    gateway, virtual_time, capsys, then, profit
):
    gateway.market.quote("ES", bid=4999.75, ask=5000, bid_size=50, ask_size=50)
    virtual_time.call_later(3000, lambda: assert_protected(gateway))

    def move():
        gateway.market.quote("ES", bid=then - 0.25, ask=then)
        gateway.market.trade("ES", then)

    virtual_time.call_later(3600, move)
    result = bracket_script.main()

    assert result == pytest.approx(profit, abs=60)  # commissions, and slippage of the stop
    assert_flat(gateway)
    assert_no_orphans(gateway)
    assert capsys.readouterr().out.split().count("Filled") == 2
    virtual_time.advance(1)
    assert gateway.truth.clients == ()


def test_the_recorder_records_an_hour_with_the_times_of_the_market(gateway, virtual_time, tmp_path):
    path = tmp_path / "quotes.csv"
    virtual_time.call_later(3600, virtual_time.stop)
    data_recorder.main(str(path))
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert {row["symbol"] for row in rows} == {"ESH6", "AAPL", "EUR.USD"}
    times = [dt.datetime.fromisoformat(row["time"]) for row in rows]
    assert times == sorted(times)
    assert dt.timedelta(minutes=59) < times[-1] - times[0] <= dt.timedelta(hours=1)
    assert times[0].date() == dt.date(2026, 3, 2)
    virtual_time.advance(1)
    assert gateway.truth.subscriptions == ()


@pytest.mark.ibkit(start=dt.datetime(2026, 3, 2, 20, 0, tzinfo=UTC), modules=[futures_bot])
def test_the_bot_turns_with_the_market_and_ends_flat(gateway, virtual_time):
    def step(minute):
        level = 5000 + (minute if minute < 25 else 50 - minute) * 4
        gateway.market.quote("ES", bid=level, ask=level + 0.25, bid_size=50, ask_size=50)
        gateway.market.trade("ES", level)

    for minute in range(1, 54):
        virtual_time.call_later(60 * minute, step, minute)
    asyncio.run(futures_bot.run())

    sides = [fill.side for fill in gateway.truth.fills]
    assert {"BOT", "SLD"} <= set(sides)
    assert_flat(gateway)
    assert virtual_time.now().time() >= futures_bot.FLAT_BY
