"""The program of the tutorial, step by step: it runs, and prints what the pages show.

`IBKIT_SHOW=write pytest tests/integration/test_tutorial.py` writes what they show anew.
"""

import asyncio
import importlib.util
import os
import re
import sys
from pathlib import Path

import pytest

from ibkit.testing import assert_flat, assert_no_orphans, assert_protected

ROOT = Path(__file__).parents[2]
SHOWN = ROOT / "docs" / "tutorial" / "shown"


def load(name):
    path = ROOT / "examples" / "tutorial" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"tutorial_{name}", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


STEPS = {path.stem: load(path.stem) for path in (ROOT / "examples" / "tutorial").glob("*.py")}
modules = pytest.mark.ibkit(modules=list(STEPS.values()))


def stand(gateway, bid):
    gateway.market.quote("ES", bid=bid, ask=bid + 0.25)
    gateway.market.quote("ESM6", bid=bid + 50, ask=bid + 50.5)
    gateway.market.trade("ES", bid)


@pytest.fixture
def story(gateway, virtual_time):
    """Calm at 5000, a breakout to 5002, a rise to 5006, a fall."""
    stand(gateway, 5000)
    for seconds, bid in [(20, 5002), (60, 5004.25), (65, 5006), (70, 5001)]:
        virtual_time.call_later(seconds, stand, gateway, bid)


def check(name, printed):
    """Compare with what the page shows; group ids are drawn by chance."""
    text = re.sub(r"\b26[0-9a-z]{6}\b", "26c9y5ba", printed)
    path = SHOWN / f"{name}.txt"
    if os.environ.get("IBKIT_SHOW") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@modules
@pytest.mark.parametrize("name", [name for name in sorted(STEPS) if "restart" not in name])
def test_it_prints_what_the_page_shows(name, gateway, story, capsys):
    asyncio.run(STEPS[name].main())

    check(name, capsys.readouterr().out)
    assert_flat(gateway)
    assert_no_orphans(gateway)


@modules
def test_it_survives_a_restart(gateway, virtual_time, story, capsys):
    program = STEPS["step_5_restart"]
    first = virtual_time.create_task(program.main())
    virtual_time.advance(40)
    assert_protected(gateway, "ES")
    first.cancel()  # the program ends, wherever it is
    virtual_time.advance(5)
    assert gateway.truth.clients == ()
    assert_protected(gateway, "ES")
    capsys.readouterr()

    asyncio.run(program.main())

    check("step_5_restart", capsys.readouterr().out)
    assert_flat(gateway)
    assert_no_orphans(gateway)


def test_each_step_is_on_a_page():
    pages = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "tutorial").glob("*.md")
    )

    assert all(f"examples/tutorial/{name}.py" in pages for name in STEPS)
    assert all(f"shown/{name}.txt" in pages for name in STEPS)
