"""Run the demo, and draw what it printed: `docs/pictures/demo.svg`."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

from rich.console import Console as RichConsole

from ibkit.cli._console import ColourConsole
from ibkit.cli._demo import demo
from ibkit.cli._main import parser

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "demo.svg"
WIDTH = 96


def main() -> int:
    logging.disable(logging.CRITICAL)  # as the command does without --verbose
    rich = RichConsole(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    code = demo(parser().parse_args(["demo"]), ColourConsole(rich))
    rich.print()  # else the picture cuts the last line
    if not code:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(without_fonts(rich.export_svg(title="ibkit demo")), encoding="utf-8")
        print(PICTURE)
    return code


def without_fonts(picture: str) -> str:
    """Take out the fonts that the picture would fetch from elsewhere."""
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)


if __name__ == "__main__":
    raise SystemExit(main())
