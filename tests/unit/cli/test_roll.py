"""`ibkit roll`, in a simulated gateway of its own and at one that is named."""

from argparse import Namespace
from decimal import Decimal

import pytest

from ibkit.cli import main
from ibkit.cli._gateway import simulated_gateway
from ibkit.cli._roll import not_due, page, roll, show, way
from ibkit.contracts import CalendarSpread, TwoLegs, plan_roll
from ibkit.desk import open_desk
from ibkit.orders import Market, bracket
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

    def table(self, head, rows):
        self.lines.append(f"{len(rows)} rows")

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


def at(gateway, **more):
    """The options of a roll at a gateway that is named."""
    given = {"root": "ES", "host": gateway.host, "port": gateway.port, "client_id": 9}
    given |= {"early": True, "dry_run": False, "html": "", "yes": False, "allow_live": False}
    given |= {"how": "spread", "limit": None, "timeout": 1.0, "then": "cross"}
    return Namespace(**{**given, **more})


def nobody(question):
    raise EOFError


@pytest.mark.tcp
def test_at_a_gateway_that_is_named_nothing_is_sent_before_somebody_agrees():
    said, asked = Said(), []

    def refuses(question):
        asked.append(question)
        return "n"

    with simulated_gateway() as gateway:
        assert roll(at(gateway), said) == 0
        assert said.lines == ["no position in ES is held"]
        with open_desk(gateway.host, gateway.port, client_id=9) as desk:
            es = desk.contracts.front_month("ES")
            bid = desk.streams.snapshot(es)[es.conId].bid
            trade = desk.orders.place(es, bracket("BUY", 2, entry=Market(), stop=bid - 300))
            trade.entered(timeout=20)

        assert roll(at(gateway, client_id=8), said, refuses) == 1
        assert any("belongs to client 9" in line for line in said.lines)
        assert asked == []  # what is in the way cannot be agreed to
        assert roll(at(gateway), said, refuses) == roll(at(gateway), said, nobody) == 1
        assert len(asked) == 1
        assert said.lines[-2:] == [
            "there is nobody to ask; --yes carries it out unasked",
            "nothing was sent",
        ]
        stuck = at(gateway, yes=True, limit=Decimal(-900), then="stop")
        assert roll(stuck, said) == 1
        assert sum("is stuck" in line for line in said.lines) == 1
        assert roll(at(gateway, yes=True), said) == 0
        assert any("done, 2 moved" in line for line in said.lines)


def test_what_is_not_due_is_named_with_its_day():
    (line,) = not_due("ES", [plan(early=True)])

    assert line.startswith("+1 ESM6 (DU1000001) is not due before 2026-06-1")
    assert "--early" in line


@pytest.mark.tcp
def test_an_unknown_product_is_one_line_and_1(capsys):
    assert main(["roll", "ESS"]) == 1
    assert "nearest" in capsys.readouterr().err


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
