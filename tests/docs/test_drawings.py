"""The pictures of the documentation show what the tables have."""

import importlib
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ibkit import LinkState
from ibkit.orders import TRANSITIONS, GroupStatus

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def docs(monkeypatch):
    pytest.importorskip("sphinx")
    monkeypatch.syspath_prepend(str(DOCS))
    for name in ("drawings", "reference_tables", "notebook_pages"):
        sys.modules.pop(name, None)
    return importlib.import_module


def words(picture):
    return [node.text for node in ET.fromstring(picture).iter() if node.text]


def dots(picture):
    return picture.count("<circle")


def test_every_picture_is_whole_and_the_same_each_time(docs):
    for name, draw in docs("drawings").PICTURES.items():
        assert ET.fromstring(draw()).tag.endswith("svg"), name
        assert draw() == draw(), name


def test_the_connection_has_every_state_and_every_way(docs):
    drawings = docs("drawings")
    picture = drawings.PICTURES["link"]()

    assert {state.value for state in LinkState} <= set(words(picture))
    assert picture.count("marker-end") == len(drawings.states.ways())


def test_a_dot_stands_for_each_passage_of_a_group(docs):
    picture = docs("drawings").PICTURES["group-status"]()
    passages = sum(after is not before for before, ways in TRANSITIONS.items() for after in ways)

    assert {status.name for status in GroupStatus} <= set(words(picture))
    assert dots(picture) == passages


@pytest.mark.parametrize(("slices", "orders"), [("separate", 6), ("attached", 4), ("managed", 5)])
def test_a_bracket_shows_each_of_its_orders(docs, slices, orders):
    drawings = docs("drawings")
    picture = drawings.PICTURES[f"bracket-{slices}"]()
    legs = drawings.brackets.example(slices).legs

    assert len(legs) == orders
    assert {f"{leg.role}: {leg}" for leg in legs} <= set(words(picture))


def test_a_fill_of_a_part_takes_the_other_order_of_one_kind_of_group_only(docs):
    drawing = docs("drawings").oca
    shown = words(drawing.kinds())

    assert {kind.name for kind in drawing.Oca} <= set(shown)
    assert (shown.count("stop 3"), shown.count("target 3")) == (2, 3)
    assert shown.count("stop: gone") == 4


def test_the_calendar_rolls_es_before_its_last_trade(docs):
    shown = words(docs("drawings").PICTURES["roll-calendar"]())

    assert "ESM6: 2026-03-13 to 2026-06-10" in shown
    assert "ESM6: last trade 2026-06-18" in shown


def test_the_tables_have_every_code_and_every_product(docs):
    from ibkit import CODES
    from ibkit.products import PRODUCTS

    tables = docs("reference_tables")

    assert all(f"\n| {number} | " in tables.codes() for number in CODES)
    assert all(f"\n| {product.root} | " in tables.products() for product in PRODUCTS)


def test_the_table_of_the_connection_has_every_way(docs):
    from ibkit._ib._link_table import TABLE

    lines = docs("reference_tables").link().splitlines()

    assert len(lines) == 2 + sum(map(len, TABLE.values()))
    assert "| up | silent | down | hang up |" in lines


def test_a_notebook_page_shows_text_code_and_results(docs):
    pages = docs("notebook_pages")
    cell = {
        "cell_type": "code",
        "source": ["x"],
        "outputs": [{"data": {"text/html": ["<b>x</b>"], "text/plain": ["x"]}}],
    }

    assert list(pages.parts({"cell_type": "markdown", "source": ["# A"]})) == ["# A"]
    code, result = pages.parts(cell)
    assert code == "```python\nx\n```"
    assert "<b>x</b>" in result
