"""Rows as a text table, as HTML, and as a DataFrame."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ibkit.errors import MissingExtra

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, object]
UNKNOWN = "-"


def cell(value: object) -> str:
    """A value as a person reads it: a dash for what is not known."""
    if value is None:
        return UNKNOWN
    if isinstance(value, Decimal):
        text = f"{value:,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def text_table(title: str, rows: Sequence[Row]) -> str:
    """
    A table in plain text.

    >>> print(text_table("positions", [{"contract": "ESZ6", "size": Decimal("2.0")}]))
    positions
    contract  size
    ESZ6         2
    """
    if not rows:
        return f"{title}: none"
    columns = list(rows[0])
    cells = [[cell(row[column]) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    right = [_is_number(rows[0][column]) for column in columns]
    lines = [_line(columns, widths, right), *(_line(row, widths, right) for row in cells)]
    return "\n".join([title, *lines])


def html_table(title: str, rows: Sequence[Row]) -> str:
    """A table for a notebook; everything is escaped."""
    if not rows:
        return f"<p>{html.escape(title)}: none</p>"
    columns = list(rows[0])
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(_html_cell(row[column]) for column in columns) + "</tr>" for row in rows
    )
    caption = f"<caption>{html.escape(title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def frame(rows: Sequence[Row]) -> pd.DataFrame:
    """A DataFrame; needs the extra ``frames``."""
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise MissingExtra("pandas", "frames") from error
    return pd.DataFrame([dict(row) for row in rows])


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (
        text.rjust(width) if is_right else text.ljust(width)
        for text, width, is_right in zip(cells, widths, right, strict=True)
    )
    return "  ".join(padded).rstrip()


def _html_cell(value: object) -> str:
    align = ' style="text-align:right"' if _is_number(value) else ""
    return f"<td{align}>{html.escape(cell(value))}</td>"


def _is_number(value: object) -> bool:
    return isinstance(value, (Decimal, int)) and not isinstance(value, bool)
