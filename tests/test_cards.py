"""Behaviour cards are numbered once, and each names its source."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
NUMBER = re.compile(r"[A-Z]{3}-\d\d")
SOURCE = re.compile(r"(\d(\.\d+)?|menu|issue:)[\w ,.+()-]*")


def cards() -> Iterator[tuple[str, str, str]]:
    """Yield file, number and source of every card."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "card":
                        number, source = (ast.literal_eval(each) for each in decorator.args)
                        yield path.name, number, source


def test_numbers_are_used_once() -> None:
    counted = Counter(number for _, number, _ in cards())

    assert [number for number, times in counted.items() if times > 1] == []


def test_numbers_and_sources_are_well_formed() -> None:
    wrong = [
        each for each in cards() if not (NUMBER.fullmatch(each[1]) and SOURCE.fullmatch(each[2]))
    ]

    assert wrong == []
