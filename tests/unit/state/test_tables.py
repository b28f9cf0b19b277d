import sys
from decimal import Decimal

import pytest

from ibkit.errors import MissingExtra
from ibkit.state._tables import cell, frame, html_table, text_table

ROWS = [
    {"contract": "ESZ6", "size": Decimal("2.0"), "price": None},
    {"contract": "<b>NQ</b>", "size": Decimal(-10), "price": Decimal("19000.50")},
]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (Decimal("2.0"), "2"),
        (Decimal("1234567.50"), "1,234,567.5"),
        (Decimal(100), "100"),
        (True, "True"),
        ("x", "x"),
    ],
)
def test_a_cell_is_read_easily(value, shown):
    assert cell(value) == shown


def test_numbers_stand_right_and_texts_left():
    lines = text_table("positions", ROWS).splitlines()

    assert lines[0] == "positions"
    assert lines[2] == "ESZ6          2  -"
    assert lines[3] == "<b>NQ</b>   -10  19,000.5"


def test_html_is_escaped():
    page = html_table("a < b", ROWS)

    assert "<b>" not in page
    assert "&lt;b&gt;NQ&lt;/b&gt;" in page
    assert "<caption>a &lt; b</caption>" in page


def test_nothing_is_said_to_be_none():
    assert text_table("fills", []) == "fills: none"
    assert html_table("fills", []) == "<p>fills: none</p>"


def test_a_frame_has_a_row_each():
    assert list(frame(ROWS)["contract"]) == ["ESZ6", "<b>NQ</b>"]


def test_without_pandas_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(MissingExtra, match=r"pandas.*ibkit\[frames\]"):
        frame([])
