"""Take a picture of an executed notebook in a real browser: `docs/pictures/notebook.png`.

Needs playwright, a Chromium, and the built documentation:
`python tools/shoot_notebook.py docs/_build/html /usr/bin/chromium`.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "notebook.png"
PAGE = "_generated/notebooks/first-look.html"
FROM, SECTIONS = "A bracket", 2
"""The heading with which the picture begins, and how many sections it shows."""


def main(folder: str, browser: str) -> int:
    playwright = importlib.import_module("playwright.sync_api")  # no part of the dev extra
    with playwright.sync_playwright() as tools:
        chromium = tools.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(Path(folder, PAGE).resolve().as_uri())
        headings = [one.inner_text().strip("¶# \n") for one in page.locator("article h1, h2").all()]
        places = page.locator("article h1, h2")
        first = headings.index(FROM)
        top = places.nth(first).bounding_box()
        end = places.nth(first + SECTIONS).bounding_box()
        article = page.locator("article").bounding_box()
        clip = {
            "x": article["x"] - 10,
            "y": top["y"] - 10,
            "width": article["width"] + 20,
            "height": end["y"] - top["y"],
        }
        page.screenshot(path=str(PICTURE), clip=clip, full_page=True)
        chromium.close()
    print(PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
