"""`ibkit roll`, in a simulated gateway of its own and at one that is named."""

from argparse import Namespace
from decimal import Decimal

import pytest

from ibkit.cli import main
from ibkit.cli._roll import page, show, way
from ibkit.contracts import CalendarSpread, TwoLegs, plan_roll
from rolling import ES, QUOTES, TODAY, pair, position


def plan(**more):
    working = pair(10, 1)
    return plan_roll(position(1), ES, today=TODAY, working=working, quotes=QUOTES, **more)


class Said:
    """A console that remembers."""

    def __init__(self):
        self.lines = []

    def title(self, text):
        self.lines.append(text)

    line = title

    def verdict(self, text, *, good):
        self.lines.append(f"{good} {text}")


@pytest.mark.tcp
def test_a_dry_run_shows_the_plan_and_sends_nothing(capsys, tmp_path):
    html = tmp_path / "plan.html"

    assert main(["roll", "ES", "--dry-run", "--html", str(html)]) == 0
    out = capsys.readouterr().out
    assert "roll +3 ES" in out
    assert out.count("STP") == out.count("LMT") == 3
    assert "dry run: nothing was sent" in out
    assert html.read_text().count("<tr>") == 7


@pytest.mark.tcp
def test_a_roll_moves_the_position_and_its_exits(capsys):
    assert main(["roll", "ES", "--timeout", "1"]) == 0
    out = capsys.readouterr().out

    assert "done, 3 moved" in out
    after = out[out.index("exits on") :]
    assert after.count("STP") == after.count("LMT") == 3


@pytest.mark.tcp
def test_an_unknown_product_is_one_line_and_1(capsys):
    assert main(["roll", "ESS"]) == 1
    assert "nearest" in capsys.readouterr().out


def test_what_stands_in_the_way_is_marked():
    said = Said()
    foreign = plan(client_id=9)
    show(foreign, said)

    assert said.lines[0].startswith("roll +1 ESM6 -> ESU6")
    assert said.lines[-1] == f"False {len(foreign.obstacles)} in the way"


def test_plans_make_one_page():
    text = page([plan(), plan()])

    assert text.startswith("<!doctype html>")
    assert text.count("<table>") == 2
    assert "ESM6 -&gt; ESU6" in text


@pytest.mark.parametrize(
    ("given", "how"),
    [
        ({}, CalendarSpread(timeout=5.0)),
        ({"host": "h"}, CalendarSpread(timeout=60.0)),
        ({"limit": Decimal("-1.5"), "timeout": 9.0, "then": "stop"},
         CalendarSpread(limit="-1.5", timeout=9.0, then="stop")),
        ({"how": "legs"}, TwoLegs()),
    ],
)  # fmt: skip
def test_the_options_say_how(given, how):
    options = {"how": "spread", "limit": None, "timeout": None, "then": "cross", "host": ""}

    assert way(Namespace(**{**options, **given})) == how
