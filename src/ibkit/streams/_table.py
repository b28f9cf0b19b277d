"""The one small table in which values show themselves in a notebook."""

from __future__ import annotations

import html
from collections.abc import Mapping


def html_table(title: str, rows: Mapping[str, object]) -> str:
    """Draw rows of a name and a value; what is not there is left out.

    >>> html_table("quote", {"bid": 5000, "ask": None})
    '<table><caption>quote</caption><tr><th>bid</th><td>5000</td></tr></table>'
    """
    drawn = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>"
        for name, value in rows.items()
        if value is not None and value != ""
    )
    return f"<table><caption>{html.escape(title)}</caption>{drawn}</table>"
