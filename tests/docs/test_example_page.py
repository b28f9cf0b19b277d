"""The page of the programs to copy has all of them, with what they say of themselves."""

import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page(monkeypatch):
    pytest.importorskip("sphinx")
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    sys.modules.pop("example_page", None)
    return importlib.import_module("example_page").page()


def test_every_example_is_on_the_page(page):
    shown = re.findall(r"literalinclude\} \.\./\.\./(\S+)", page)

    assert shown == sorted(f"examples/{path.name}" for path in ROOT.glob("examples/*.py"))


def test_it_says_what_the_program_says(page):
    assert "## Quote board\n\nA board of live quotes" in page


def test_the_folders_that_it_names_exist(page):
    folders = re.findall(r"`(examples/\w+)/`", page)

    assert len(folders) == 3
    assert all((ROOT / folder).is_dir() for folder in folders)
