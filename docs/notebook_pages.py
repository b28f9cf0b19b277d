"""Writes a page for each notebook in docs/notebooks/, with the results that the file has.

The notebooks are executed by `tools/run_notebooks.py`, not while the documentation is built.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

HERE = Path(__file__).parent
GENERATED = HERE / "_generated" / "notebooks"


def write_pages(_: Sphinx) -> None:
    GENERATED.mkdir(parents=True, exist_ok=True)
    for path in sorted((HERE / "notebooks").glob("*.ipynb")):
        book = json.loads(path.read_text(encoding="utf-8"))
        text = "\n\n".join(part for cell in book["cells"] for part in parts(cell))
        GENERATED.joinpath(f"{path.stem}.md").write_text(f"{text}\n", encoding="utf-8")


def parts(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parts of a cell: its text or its code, then what it showed."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    yield f"```python\n{source}\n```"
    for output in cell["outputs"]:
        yield shown(output.get("data", {}))


def shown(data: Mapping[str, list[str]]) -> str:
    """Return a result as the notebook shows it: HTML where there is some, else text."""
    if "text/html" in data:
        html = "".join(data["text/html"])
        return f"````{{raw}} html\n<div class='ibkit-face'>{html}</div>\n````"
    return f"```text\n{''.join(data.get('text/plain', []))}\n```"


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
