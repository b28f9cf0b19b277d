"""Take pictures of the executed notebooks in a real browser, for `docs/pictures/`.

Needs playwright, a Chromium, and the built documentation:
`python tools/shoot_notebook.py docs/_build/html /usr/bin/chromium`.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, NamedTuple

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"


class Shot(NamedTuple):
    """A picture: its name, the notebook, the heading it begins with, and how many sections."""

    name: str
    notebook: str
    heading: str
    sections: int


SHOTS = (
    Shot("notebook-data", "first-look", "The chain", 2),
    Shot("notebook-orders", "first-look", "A bracket", 2),
    Shot("notebook-rolls", "rolls", "Who is front, from when to when", 2),
)


def shoot(page: Any, folder: Path, shot: Shot) -> Path:
    """Photograph some sections of a notebook's page."""
    address = folder / "_generated" / "notebooks" / f"{shot.notebook}.html"
    page.goto(address.resolve().as_uri())
    places = page.locator("article h1, h2, footer")
    headings = [one.inner_text().strip("¶# \n") for one in places.all()]
    first = headings.index(shot.heading)
    top = places.nth(first).bounding_box()
    end = places.nth(first + shot.sections).bounding_box()
    article = page.locator("article").bounding_box()
    clip = {
        "x": article["x"] - 10,
        "y": top["y"] - 10,
        "width": article["width"] + 20,
        "height": end["y"] - top["y"],
    }
    picture = PICTURES / f"{shot.name}.png"
    page.screenshot(path=str(picture), clip=clip, full_page=True)
    return picture


def main(folder: str, browser: str) -> int:
    playwright = importlib.import_module("playwright.sync_api")  # no part of the dev extra
    with playwright.sync_playwright() as tools:
        chromium = tools.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        for shot in SHOTS:
            print(shoot(page, Path(folder), shot))
        chromium.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
