"""The page about performance keeps what was not measured anew."""

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def run(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("run")


def test_parts_survive_a_round_trip(run):
    parts = {"bench_state": "## State\n\nfast\n", "bench_clock": "## Clock\n\nfaster\n"}

    assert dict(run.parts_of(run.page(parts))) == parts


def test_a_part_of_a_benchmark_that_is_gone_is_dropped(run):
    assert run.parts_of(run.page({"bench_nothing": "## Nothing\n"})) == []


def test_rows_become_a_table(run):
    row = run.Row("orders", 12345.6, 0.51234, 12.34, "below 20")

    assert run.table([row]).splitlines()[-1] == "| orders | 12,346 | 0.512 | 12.3 | below 20 |"


def test_a_count_has_no_decimals(run):
    row = run.Row("requests", 126.0, 0, 12.34, "")

    assert run.table([row]).splitlines()[-1] == "| requests | 126 | 0 | 12.3 |"


def test_a_table_without_aims_has_no_column_for_them(run):
    table = run.table([run.Row("orders", 1, 1, 2, "")])

    assert "aim" not in table
    assert table.splitlines()[-1] == "| orders | 1 | 1 | 2 |"


def test_several_tables_have_names(run):
    one, two = '["a", [["x", 1, 1, 2, ""]], ""]', '["b", [["y", 1, 1, 2, ""]], "![c](c.svg)"]'

    assert "###" not in run.tables([one])
    assert [line for line in run.tables([one, two]).splitlines() if line[:1] in {"#", "!"}] == [
        "### a",
        "### b",
        "![c](c.svg)",
    ]


def test_a_benchmark_is_described_by_itself(run):
    assert run.title("bench_sim_orders") == "Sim orders"
    assert "grows" in run.about("bench_growth")


def test_the_rows_are_handed_on(run, tmp_path, monkeypatch, capsys):
    import report

    place = tmp_path / "rows"
    monkeypatch.setenv(report.HANDED, str(place))
    report.write("x", [run.Row("a", 1, 1, 2, "")], "more")

    assert place.read_text(encoding="utf-8") == '["x", [["a", 1, 1, 2, ""]], "more"]\n'
    assert "median" in capsys.readouterr().out
