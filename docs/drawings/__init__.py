"""Draws the pictures of the documentation, from the tables and values of the library.

The build of the documentation writes them to `_generated/pictures/`; nothing is drawn by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sphinx.application import Sphinx

from . import brackets, oca, rolls, series, states

GENERATED = Path(__file__).parents[1] / "_generated" / "pictures"

PICTURES: Mapping[str, Callable[[], str]] = {
    "link": states.link,
    "group-status": states.group_status,
    "bracket-separate": lambda: brackets.bracket_tree("separate"),
    "bracket-attached": lambda: brackets.bracket_tree("attached"),
    "bracket-managed": lambda: brackets.bracket_tree("managed"),
    "oca-kinds": oca.kinds,
    "roll-calendar": rolls.roll_calendar,
    "stitched-series": series.stitched,
}
"""Name of the file -> what draws it."""


def write_pictures(_: Sphinx) -> None:
    GENERATED.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        GENERATED.joinpath(f"{name}.svg").write_text(draw(), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write_pictures)
    return {"parallel_read_safe": True}
