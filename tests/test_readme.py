"""The README keeps its word: two commands that stand alone, and an example that runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

DEMO = 'python3 -m venv .venv && .venv/bin/pip install -e ".[cli]" && .venv/bin/ibkit demo'
TESTS = 'python3 -m venv .venv && .venv/bin/pip install -e ".[dev]" && .venv/bin/pytest'


def _tool(*arguments: str) -> str:
    tool = str(ROOT / "tools" / "readme_commands.py")
    ran = subprocess.run(
        [sys.executable, tool, *arguments], capture_output=True, text=True, check=True
    )
    return ran.stdout


def _project() -> str:
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_readme_has_two_set_up_commands() -> None:
    assert _tool().splitlines() == [DEMO, TESTS]


@pytest.mark.parametrize(("number", "command"), [("1", DEMO), ("2", TESTS)])
def test_each_can_be_asked_for(number: str, command: str) -> None:
    assert _tool(number) == command + "\n"


@pytest.mark.parametrize("command", [DEMO, TESTS])
def test_the_extras_exist(command: str) -> None:
    extras = re.findall(r"\.\[(\w+)\]", command)
    declared = re.search(r"\[project.optional-dependencies\]\n(.*?)\n\n", _project(), re.DOTALL)

    assert extras
    assert declared
    assert all(f"\n{extra} = [" in "\n" + declared[1] for extra in extras)


def test_the_demo_is_a_command_of_the_project() -> None:
    assert 'ibkit = "ibkit.cli:main"' in _project()


def test_ci_runs_what_the_readme_says() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert "tools/readme_commands.py" in script
    assert "pip install -e" not in script  # no second copy that could differ


def test_the_example_prints_what_is_shown() -> None:
    example = README.partition("<!-- begin example -->")[2].partition("<!-- end example -->")[0]
    code, shown = re.findall(r"```(?:python|text)\n(.*?)```", example, re.DOTALL)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (ran.stdout, ran.stderr) == (shown, "")


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)", README))
def test_the_files_it_links_to_exist(link: str) -> None:
    assert (ROOT / link).is_file()


def test_it_says_what_was_never_tried() -> None:
    assert "never met a live TWS" in README
