"""Execute the notebooks of the documentation, or of the folders that are named.

With ``--write``, keep what they show. A notebook passes when every cell runs, and shows as many
results of the same sorts as the file has. Numbers and times may differ: the time is real.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

formats: Any = nbformat  # its functions have no types
NOTEBOOKS = Path(__file__).resolve().parents[1] / "docs" / "notebooks"


def executed(path: Path) -> Any:
    """Return the notebook with fresh outputs; an error in a cell is raised."""
    book = formats.read(path, as_version=4)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    NotebookClient(book, timeout=60, kernel_name="python3", record_timing=False).execute()
    return book


def sorts(book: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield for each output its cell and its sorts: text, HTML."""
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            yield cell.id, sorted(output.get("data", {output.output_type: ""}))


def main(*arguments: str) -> int:
    wrong = 0
    folders = [Path(one) for one in arguments if one != "--write"] or [NOTEBOOKS]
    for path in sorted(path for folder in folders for path in folder.glob("*.ipynb")):
        book = executed(path)
        if "--write" in arguments:
            path.write_text(formats.writes(book) + "\n", encoding="utf-8")
        same = list(sorts(book)) == list(sorts(formats.read(path, as_version=4)))
        wrong += not same
        shown = len(list(sorts(book)))
        print(f"{path.name}: {shown} results{'' if same else ', not those that the file has'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
