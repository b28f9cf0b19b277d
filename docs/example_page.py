"""Writes the page of the programs to copy, from the files in examples/."""

from __future__ import annotations

import ast
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
GENERATED = HERE / "_generated" / "examples.md"

HEAD = """\
# Programs to copy

Each is a file in `examples/` of the source, shorter than 120 lines, and tried by the checks of the
project on the simulated gateway. Most want one that runs: `python -m ibkit.sim` listens on 7497, as
a paper TWS does, so they take a paper TWS as they are. Another port is their first argument.

"""
TAIL = """\
Further: the five steps of the [tutorial](../tutorial/index.md) are in `examples/tutorial/`, a
strategy with its tests ([test your strategy](../how-to/testing-your-strategy.md)) in
`examples/strategy_project/`, and three programs as one wrote them on ib_insync ([move from
ib_insync](../how-to/from-ib-insync.md)) in `examples/migration/`.
"""


def page() -> str:
    """Return the whole page: a part for each program, by its name."""
    return HEAD + "".join(map(part, sorted(EXAMPLES.glob("*.py")))) + TAIL


def part(path: Path) -> str:
    """Return what a program says of itself, and its text behind a click."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    title = path.stem.replace("_", " ").capitalize()
    return (
        f"## {title}\n\n{docstring}\n\n"
        f":::{{dropdown}} `examples/{path.name}`\n"
        f"```{{literalinclude}} ../../examples/{path.name}\n:language: python\n```\n:::\n\n"
    )


def write_page(_: Sphinx) -> None:
    GENERATED.parent.mkdir(parents=True, exist_ok=True)
    GENERATED.write_text(page(), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write_page)
    return {"parallel_read_safe": True}
