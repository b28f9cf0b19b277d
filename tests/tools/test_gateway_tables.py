from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "gateway_tables.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gateway_tables", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_have_the_present_tables(tool: ModuleType) -> None:
    old = [
        page.name
        for page in tool.PAGES
        if tool.filled(page.read_text("utf-8")) != page.read_text("utf-8")
    ]

    assert old == [], "run python tools/gateway_tables.py"


def test_each_table_stands_on_one_page(tool: ModuleType) -> None:
    pages = "".join(page.read_text("utf-8") for page in tool.PAGES)

    assert sorted(re.findall("<!-- begin (.*) -->", pages)) == sorted(tool.blocks())


def test_only_what_stands_between_the_marks_is_written(tool: ModuleType) -> None:
    page = "before\n<!-- begin summary -->\nold\n<!-- end summary -->\nafter"
    lines = tool.filled(page).splitlines()

    assert (lines[0], lines[-1]) == ("before", "after")
    assert "old" not in lines
    assert tool.filled("no marks") == "no marks"


def test_every_switch_says_what_it_settles(tool: ModuleType) -> None:
    silent = [row[0] for of in ("Scenario", "Limits") for row in tool.switch_rows(of) if not row[3]]

    assert silent == []


@pytest.mark.parametrize(
    ("source", "mark"),
    [
        ("1.6 C", "C"),
        ("1.4 R+", "R"),
        ("1.5 U", "U"),
        ("menu 6", "menu"),
        ("issue: memory", "issue"),
    ],
)
def test_a_card_has_the_first_mark_of_its_source(tool: ModuleType, source: str, mark: str) -> None:
    assert tool.Card("OCA-01", source, "test_oca.py", "test_x").mark == mark


def test_every_card_is_of_a_known_area(tool: ModuleType) -> None:
    assert {card.area for card in tool.cards()} <= set(tool.AREAS)
